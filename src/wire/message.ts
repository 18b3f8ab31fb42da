/** What travels on a connection. */
import { MessageFlag, MessageType as MessageTypes, Variant } from './dbus-next';

export { MessageFlag, Variant };
export const MessageType = MessageTypes;
export type MessageType = (typeof MessageTypes)[keyof typeof MessageTypes];

/** The raw bytes of a message, for whoever forwards it without decoding its body. */
export interface Frame {
  /** The whole message, header and body. */
  readonly bytes: Buffer;
  readonly bigEndian: boolean;
  /** Where the body begins in `bytes`. */
  readonly bodyOffset: number;
}

export interface MessageHeader {
  readonly type: MessageType;
  readonly path?: string | undefined;
  readonly interface?: string | undefined;
  readonly member?: string | undefined;
  readonly errorName?: string | undefined;
  /** Serial of the call that this answers. */
  readonly replySerial?: number | undefined;
  readonly destination?: string | undefined;
  /** Who sent it. A bus fills it in; elsewhere it is what the peer says. */
  readonly sender?: string | undefined;
}

/** A message that arrived. Its header is decoded and checked, its body only when asked for. */
export interface IncomingMessage extends MessageHeader {
  readonly flags: number;
  readonly serial: number;
  /** Empty when there is no body. */
  readonly signature: string;
  /** Bytes of the whole message. */
  readonly size: number;
  /**
   * The arguments: s o g → string; y n q i u d → number; x t → bigint; b → boolean; ay → Buffer; other arrays and
   * structs → array; dictionaries → object without prototype; v → Variant.
   * @throws InvalidArgs when the bytes do not hold what the signature says
   */
  readonly body: readonly unknown[];
  readonly frame: Frame;
}

/** A message to send: plain data, may be sent any number of times. */
export interface OutgoingMessage extends MessageHeader {
  readonly flags?: number;
  readonly signature?: string;
  /** One value per complete type of `signature`, as `IncomingMessage.body`; x and t also take a whole number. */
  readonly body?: readonly unknown[];
}
