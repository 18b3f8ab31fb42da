import { HotwireError } from '../errors';
import type { DecodedHeader } from './header';
import type { Frame, IncomingMessage, MessageType } from './message';
import { decodeBody } from './reader';

/** A message as it arrived: the body waits, undecoded, for whoever needs it. */
export class ReceivedMessage implements IncomingMessage {
  readonly type: MessageType;
  readonly flags: number;
  readonly serial: number;
  readonly path: string | undefined;
  readonly interface: string | undefined;
  readonly member: string | undefined;
  readonly errorName: string | undefined;
  readonly replySerial: number | undefined;
  readonly destination: string | undefined;
  readonly sender: string | undefined;
  readonly signature: string;
  readonly size: number;
  readonly frame: Frame;
  /** Told once, when the body is first asked for, whether it could be read. */
  readonly #onDecoded: (readable: boolean) => void;
  #body: unknown[] | undefined;
  /** Why the body can't be read, once that was tried. */
  defect: HotwireError | undefined;

  /** `sender` stands in where the header has none. */
  constructor(
    bytes: Buffer,
    header: DecodedHeader,
    sender: string | undefined,
    onDecoded: (readable: boolean) => void,
  ) {
    const { fields } = header;
    this.type = header.type;
    this.flags = header.flags;
    this.serial = header.serial;
    this.path = fields.path;
    this.interface = fields.interface;
    this.member = fields.member;
    this.errorName = fields.errorName;
    this.replySerial = fields.replySerial;
    this.destination = fields.destination;
    this.sender = fields.sender ?? sender;
    this.signature = fields.signature;
    this.size = bytes.length;
    this.frame = { bytes, bigEndian: header.bigEndian, bodyOffset: header.bodyOffset };
    this.#onDecoded = onDecoded;
  }

  get body(): readonly unknown[] {
    if (this.defect) throw this.defect;
    this.#body ??= this.#decode();
    return this.#body;
  }

  #decode(): unknown[] {
    const { bytes, bigEndian, bodyOffset } = this.frame;
    try {
      const body = decodeBody(bytes.subarray(bodyOffset), bigEndian, this.signature);
      this.#onDecoded(true);
      return body;
    } catch (error) {
      this.defect = HotwireError.from(error);
      this.#onDecoded(false);
      throw this.defect;
    }
  }
}
