// Messages whose body is passed on as it is: kept in a file, or forwarded from one connection to another.
import { MAX_MESSAGE_BYTES } from '../limits';
import { checkMessageSize } from './encode';
import { encodeHeader, type HeaderToEncode } from './header';
import type { Frame, IncomingMessage } from './message';

/**
 * A header of its own around the bytes of a body, which are not looked at.
 * @throws InvalidArgs for a header that a bus would not accept; LimitExceeded for a message that is too large
 */
export function encodeAround(header: HeaderToEncode, body: Buffer, serial: number, bigEndian = false): Buffer {
  const head = encodeHeader(header, serial, body.length, bigEndian);
  checkMessageSize(head.length + body.length, MAX_MESSAGE_BYTES);
  return Buffer.concat([head, body]);
}

/**
 * A message that arrived, with some fields of its header changed, ready for another connection.
 * @throws as `encodeAround`
 */
export function encodeForwarded(message: IncomingMessage, changes: Partial<HeaderToEncode>, serial: number): Buffer {
  const {
    type,
    flags,
    path,
    interface: name,
    member,
    errorName,
    replySerial,
    destination,
    sender,
    signature,
  } = message;
  const header = { type, flags, path, interface: name, member, errorName, replySerial, destination, sender, signature };
  return encodeAround({ ...header, ...changes }, bodyOf(message.frame), serial, message.frame.bigEndian);
}

/** The bytes of a message's body, not decoded. */
export function bodyOf({ bytes, bodyOffset }: Frame): Buffer {
  return bytes.subarray(bodyOffset);
}

/** The number that a body begins with, where it stands: that of its pipeline, for most signals and calls of Slave1. */
export function leadingInt32({
  signature,
  frame: { bytes, bigEndian, bodyOffset },
}: IncomingMessage): number | undefined {
  if (!signature.startsWith('i') || bytes.length < bodyOffset + 4) return undefined;
  return bigEndian ? bytes.readInt32BE(bodyOffset) : bytes.readInt32LE(bodyOffset);
}
