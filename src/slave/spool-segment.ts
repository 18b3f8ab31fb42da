/** A file of a spool: signals, one behind the other. */
import { constants } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { SIGNALS, type SignalName } from '../contract';
import { HotwireError } from '../errors';

/** A signal without its header: that is made anew for whoever gets it. */
export interface SpooledSignal {
  readonly member: SignalName;
  /** The arguments, as the bytes of a little-endian D-Bus body. */
  readonly body: Buffer;
  /** Whether it waits for its receiver's pace. */
  readonly paced: boolean;
}

const MEMBERS = Object.keys(SIGNALS) as SignalName[];
/** Length of the body (u32), index of the member (u8), whether it is paced (u8). */
const HEAD_BYTES = 6;
/** Read at once. */
const READ_BYTES = 256 * 1024;
const OWNER_ONLY = 0o600;
const CREATE = constants.O_WRONLY | constants.O_CREAT;

/** What a signal takes in a segment, in bytes. */
export function recordBytes({ body }: SpooledSignal): number {
  return HEAD_BYTES + body.length;
}

export class SpoolSegment {
  readonly path: string;
  /** Number of its first signal. */
  readonly first: number;
  /** Signals that are written. */
  count = 0;
  /** Bytes that are written. */
  bytes = 0;
  #writing: FileHandle | undefined;

  constructor(path: string, first: number) {
    this.path = path;
    this.first = first;
  }

  /** Number of the first signal behind it. */
  get end(): number {
    return this.first + this.count;
  }

  /** Appends signals; after a failure nothing is appended, and it may be tried again. @throws as the file system does */
  async append(signals: readonly SpooledSignal[]): Promise<void> {
    // Not 'a': what is written again after a failure must go to where it went the first time.
    this.#writing ??= await open(this.path, CREATE, OWNER_ONLY);
    const bytes = Buffer.concat(signals.flatMap((signal) => [headOf(signal), signal.body]));
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#writing.write(bytes, done, bytes.length - done, this.bytes + done);
      done += bytesWritten;
    }
    this.bytes += bytes.length;
    this.count += signals.length;
  }

  /** Nothing more is appended. */
  async finish(): Promise<void> {
    const handle = this.#writing;
    this.#writing = undefined;
    await handle?.close();
  }

  async remove(): Promise<void> {
    await this.finish();
    await unlink(this.path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }

  /** Opens it for reading, from its start. @throws as the file system does */
  async read(): Promise<SegmentReader> {
    return new SegmentReader(this, await open(this.path, 'r'));
  }
}

/** Reads the signals of a segment that may still grow. */
export class SegmentReader {
  readonly segment: SpoolSegment;
  readonly #handle: FileHandle;
  #offset = 0;

  constructor(segment: SpoolSegment, handle: FileHandle) {
    this.segment = segment;
    this.#handle = handle;
  }

  /** The next signals that are written, about READ_BYTES of them; empty when there are none yet. */
  async next(): Promise<SpooledSignal[]> {
    const available = this.segment.bytes - this.#offset;
    if (available === 0) return [];
    let bytes = await this.#bytes(Math.min(available, READ_BYTES));
    const whole = HEAD_BYTES + bytes.readUInt32LE(0);
    if (whole > bytes.length) bytes = await this.#bytes(whole);
    const signals: SpooledSignal[] = [];
    let at = 0;
    while (at + HEAD_BYTES <= bytes.length) {
      const end = at + HEAD_BYTES + bytes.readUInt32LE(at);
      if (end > bytes.length) break;
      signals.push(this.#signal(bytes, at, end));
      at = end;
    }
    this.#offset += at;
    return signals;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  #signal(bytes: Buffer, at: number, end: number): SpooledSignal {
    const member = MEMBERS[bytes.readUInt8(at + 4)];
    if (member === undefined) throw this.#damaged();
    return { member, paced: bytes[at + 5] === 1, body: bytes.subarray(at + HEAD_BYTES, end) };
  }

  async #bytes(size: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(size);
    for (let have = 0; have < size; ) {
      const { bytesRead } = await this.#handle.read(buffer, have, size - have, this.#offset + have);
      if (bytesRead === 0) throw this.#damaged();
      have += bytesRead;
    }
    return buffer;
  }

  #damaged(): HotwireError {
    return new HotwireError('Failed', `${this.segment.path} was changed by someone else: its signals can't be read`);
  }
}

function headOf({ member, body, paced }: SpooledSignal): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32LE(body.length, 0);
  head.writeUInt8(MEMBERS.indexOf(member), 4);
  head.writeUInt8(paced ? 1 : 0, 5);
  return head;
}
