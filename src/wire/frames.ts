// Cuts a stream of bytes into messages. Length fields are judged before anything is awaited, and a large message that
// arrives in small pieces is copied into a buffer that doubles, so that it costs time and memory in proportion to itself.
import { HotwireError } from '../errors';
import { MAX_ARRAY_BYTES, MAX_MESSAGE_BYTES } from '../limits';
import { endianness } from './dbus-next';

const PROTOCOL_VERSION = 1;
/** Endianness, type, flags, version, body length, serial, length of the header fields. */
export const FIXED_HEADER_BYTES = 16;
/** A message up to this size gets its whole buffer at once; a larger one has to earn it by arriving. */
const EAGER_BYTES = 1024 * 1024;
const NONE = Buffer.alloc(0);

/** Takes chunks, gives whole messages. Messages are pulled, so that their owner may stop in the middle of a chunk. */
export class FrameReader {
  readonly #chunks: Buffer[] = [];
  /** Bytes of the first chunk that are used up. */
  #used = 0;
  /** What came so far of a message that spans chunks. */
  #partial = NONE;
  #have = 0;
  #need = FIXED_HEADER_BYTES;

  push(chunk: Buffer): void {
    if (chunk.length > 0) this.#chunks.push(chunk);
  }

  /** Bytes that have come of a message whose rest has not. */
  get partialBytes(): number {
    return this.#have;
  }

  /**
   * The next whole message, or undefined until more is pushed.
   * @throws Disconnected when what came is no message: there is then no way to find the next one
   */
  next(): Buffer | undefined {
    for (let chunk = this.#chunks[0]; chunk; chunk = this.#chunks[0]) {
      const whole = this.#have === 0 ? this.#cut(chunk) : undefined;
      if (whole) return whole;
      this.#gather(chunk);
      if (this.#have === FIXED_HEADER_BYTES) this.#need = frameSize(this.#partial, 0);
      if (this.#have < this.#need) continue;
      const frame = this.#partial.subarray(0, this.#need);
      this.#partial = NONE;
      this.#have = 0;
      this.#need = FIXED_HEADER_BYTES;
      return frame;
    }
    return undefined;
  }

  /** A message that lies whole in the chunk: not copied. */
  #cut(chunk: Buffer): Buffer | undefined {
    const start = this.#used;
    if (chunk.length - start < FIXED_HEADER_BYTES) return undefined;
    const end = start + frameSize(chunk, start);
    if (end > chunk.length) return undefined;
    this.#use(chunk, end - start);
    return chunk.subarray(start, end);
  }

  /** Moves what is needed, and there, from the chunk to the partial message. */
  #gather(chunk: Buffer): void {
    const count = Math.min(this.#need - this.#have, chunk.length - this.#used);
    const end = this.#have + count;
    if (end > this.#partial.length) {
      const room = Math.max(end, this.#partial.length * 2, EAGER_BYTES);
      const grown = Buffer.allocUnsafe(Math.min(this.#need, room));
      this.#partial.copy(grown, 0, 0, this.#have);
      this.#partial = grown;
    }
    chunk.copy(this.#partial, this.#have, this.#used, this.#used + count);
    this.#have = end;
    this.#use(chunk, count);
  }

  #use(chunk: Buffer, count: number): void {
    this.#used += count;
    if (this.#used < chunk.length) return;
    this.#chunks.shift();
    this.#used = 0;
  }
}

/** Whether a message is big endian, by its first byte; undefined when it is neither. */
export function isBigEndian(flag: number | undefined): boolean | undefined {
  if (flag === endianness.le) return false;
  return flag === endianness.be ? true : undefined;
}

/** Size of the message whose fixed header starts there. @throws Disconnected when it is none, or too large */
function frameSize(bytes: Buffer, start: number): number {
  const bigEndian = isBigEndian(bytes[start]);
  if (bigEndian === undefined) {
    const first = JSON.stringify(bytes.toString('latin1', start, start + FIXED_HEADER_BYTES));
    throw broken(`what it sends is not D-Bus; it begins with ${first}`);
  }
  const version = bytes[start + 3];
  if (version !== PROTOCOL_VERSION) throw broken(`it speaks D-Bus protocol version ${version}, not 1`);
  if (bytes[start + 1] === 0) throw broken('it sent a message of the invalid type 0');
  const read = (at: number) => (bigEndian ? bytes.readUInt32BE(start + at) : bytes.readUInt32LE(start + at));
  if (read(8) === 0) throw broken('it sent a message with the invalid serial 0');
  const fields = read(12);
  const size = FIXED_HEADER_BYTES + Math.ceil(fields / 8) * 8 + read(4);
  if (fields > MAX_ARRAY_BYTES || size > MAX_MESSAGE_BYTES) {
    throw broken(`it announced a message of ${size} bytes, more than the ${MAX_MESSAGE_BYTES} that D-Bus allows`);
  }
  return size;
}

/** A peer that cannot be understood any more. */
export function broken(why: string): HotwireError {
  return new HotwireError('Disconnected', `the connection was given up: ${why}`);
}
