// The header of a message, both ways. It is separate from the body because a relay rewrites the one and never looks at
// the other, in whichever endianness the sender uses.
import { HotwireError } from '../errors';
import { broken, FIXED_HEADER_BYTES, isBigEndian } from './frames';
import type { MessageHeader, MessageType } from './message';
import { checkHeaderNames } from './names';
import { decodeFields } from './reader';
import { parseSignature } from './signature';

/** The header fields: name, code on the wire, D-Bus type. */
const FIELDS = [
  ['path', 1, 'o'],
  ['interface', 2, 's'],
  ['member', 3, 's'],
  ['errorName', 4, 's'],
  ['replySerial', 5, 'u'],
  ['destination', 6, 's'],
  ['sender', 7, 's'],
  ['signature', 8, 'g'],
] as const;
const FIELD_BY_CODE = new Map(FIELDS.map((field) => [field[1] as number, field]));

export interface HeaderToEncode extends MessageHeader {
  readonly flags?: number;
  readonly signature?: string;
}

/**
 * The bytes of a header, padded to where the body begins.
 * @throws InvalidArgs for a name, path or signature that a bus would not accept
 */
export function encodeHeader(header: HeaderToEncode, serial: number, bodyBytes: number, bigEndian = false): Buffer {
  checkHeaderNames(header);
  parseSignature(header.signature ?? '');
  const present = FIELDS.filter(([name]) => header[name] !== undefined && header[name] !== '');
  const room = present.reduce((sum, [name]) => sum + FIELD_ROOM + String(header[name]).length, FIXED_HEADER_BYTES);
  const writer = new HeaderWriter(room, bigEndian);
  for (const [name, code, type] of present) writer.field(code, type, header[name] as string | number);
  return writer.finish(header.type, header.flags ?? 0, serial, bodyBytes);
}

/** Puts the serial and the length of the body into the bytes of a little-endian message. */
export function patchHeader(bytes: Buffer, serial: number, bodyBytes: number): void {
  bytes.writeUInt32LE(bodyBytes, 4);
  bytes.writeUInt32LE(serial, 8);
}

/** Most bytes that a field takes besides its text: padding, code, signature, length, NUL. */
const FIELD_ROOM = 24;

class HeaderWriter {
  readonly #bytes: Buffer;
  readonly #bigEndian: boolean;
  #at = FIXED_HEADER_BYTES;

  constructor(room: number, bigEndian: boolean) {
    this.#bytes = Buffer.alloc(room);
    this.#bigEndian = bigEndian;
  }

  /** One element of a(yv). Names are ASCII once checked. */
  field(code: number, type: 'o' | 's' | 'u' | 'g', value: string | number): void {
    this.#align();
    this.#bytes[this.#at] = code;
    this.#bytes[this.#at + 1] = 1;
    this.#bytes.write(type, this.#at + 2, 'latin1');
    this.#at += 4;
    if (typeof value === 'number') {
      this.#at = this.#number(value, this.#at);
      return;
    }
    this.#at = type === 'g' ? this.#bytes.writeUInt8(value.length, this.#at) : this.#number(value.length, this.#at);
    this.#at += this.#bytes.write(value, this.#at, 'latin1') + 1;
  }

  finish(type: number, flags: number, serial: number, bodyBytes: number): Buffer {
    const fieldBytes = this.#at - FIXED_HEADER_BYTES;
    this.#align();
    this.#bytes.set([(this.#bigEndian ? 'B' : 'l').charCodeAt(0), type, flags, 1]);
    this.#number(bodyBytes, 4);
    this.#number(serial, 8);
    this.#number(fieldBytes, 12);
    return this.#bytes.subarray(0, this.#at);
  }

  #number(value: number, at: number): number {
    return this.#bigEndian ? this.#bytes.writeUInt32BE(value, at) : this.#bytes.writeUInt32LE(value, at);
  }

  #align(): void {
    this.#at = Math.ceil(this.#at / 8) * 8;
  }
}

export interface DecodedHeader {
  readonly type: MessageType;
  readonly flags: number;
  readonly serial: number;
  readonly bigEndian: boolean;
  readonly bodyOffset: number;
  readonly fields: HeaderFields;
  /** What is wrong with its names, when the rest could be read: costs the message, not the connection. */
  readonly defect: HotwireError | undefined;
}

export type HeaderFields = Omit<MessageHeader, 'type'> & { readonly signature: string };

/** Reads headers. A stream of signals repeats all fields of one header, so the last ones are kept decoded. */
export class HeaderDecoder {
  #lastBytes: Buffer = Buffer.alloc(0);
  #lastType = 0;
  #lastFields: HeaderFields = { signature: '' };
  #lastDefect: HotwireError | undefined;

  /** @throws Disconnected when the header fields cannot be read */
  decode(frame: Buffer): DecodedHeader {
    const bigEndian = isBigEndian(frame[0]) === true;
    const fieldsEnd = FIXED_HEADER_BYTES + (bigEndian ? frame.readUInt32BE(12) : frame.readUInt32LE(12));
    const type = frame.readUInt8(1) as MessageType;
    // With the length before the fields: it tells nothing new, but the endianness shows in it.
    this.#refresh(frame.subarray(12, fieldsEnd), type, bigEndian);
    return {
      type,
      flags: frame.readUInt8(2),
      serial: bigEndian ? frame.readUInt32BE(8) : frame.readUInt32LE(8),
      bigEndian,
      bodyOffset: Math.ceil(fieldsEnd / 8) * 8,
      fields: this.#lastFields,
      defect: this.#lastDefect,
    };
  }

  #refresh(bytes: Buffer, type: MessageType, bigEndian: boolean): void {
    if (type === this.#lastType && bytes.equals(this.#lastBytes)) return;
    const fields = fieldsOf(bytes.subarray(4), bigEndian);
    this.#lastDefect = defectOf({ ...fields, type });
    this.#lastFields = fields;
    // A copy, so that the message it came in is not kept alive.
    this.#lastBytes = Buffer.from(bytes);
    this.#lastType = type;
  }
}

function fieldsOf(bytes: Buffer, bigEndian: boolean): HeaderFields {
  const fields: Record<string, unknown> = { signature: '' };
  for (const [code, variant] of readFields(bytes, bigEndian)) {
    const field = FIELD_BY_CODE.get(code);
    if (!field) continue; // unknown ones are to be ignored
    const [name, , type] = field;
    if (variant.signature !== type) throw broken(`it sent the header field ${name} as '${variant.signature}'`);
    fields[name] = variant.value;
  }
  return fields as unknown as HeaderFields;
}

function readFields(bytes: Buffer, bigEndian: boolean) {
  try {
    return decodeFields(bytes, bigEndian);
  } catch (error) {
    const { message } = HotwireError.from(error);
    throw broken(`it sent a header that cannot be read (${message})`);
  }
}

function defectOf(header: MessageHeader): HotwireError | undefined {
  try {
    checkHeaderNames(header);
    return undefined;
  } catch (error) {
    return HotwireError.from(error);
  }
}
