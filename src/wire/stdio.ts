import { Duplex, type Readable, type Writable } from 'node:stream';

/**
 * One Duplex over two pipes: `process.stdin` and `process.stdout` of a slave, or `child.stdout` and `child.stdin` of its
 * parent. It ends when the input does; destroying it destroys both; a failure of either is its own. Back-pressure holds
 * in both directions: the input is read only as fast as the Duplex is, and a write is done when the output has taken it.
 */
export function stdioStream(input: Readable, output: Writable): Duplex {
  return new StdioStream(input, output);
}

type WriteCallback = (error?: Error | null) => void;

/** How long the input is still read when the output has failed, in milliseconds. */
const LAST_INPUT_MS = 1000;

class StdioStream extends Duplex {
  readonly #input: Readable;
  readonly #output: Writable;
  #failed = false;
  /** Of the write that failed. */
  #stuck: WriteCallback | undefined;

  constructor(input: Readable, output: Writable) {
    super({ allowHalfOpen: true });
    this.#input = input;
    this.#output = output;
    input.pause();
    input.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) input.pause();
    });
    input.on('end', () => this.push(null));
    input.on('close', () => {
      if (!input.readableEnded) this.destroy();
    });
    input.on('error', (error) => this.destroy(error));
    output.on('error', (error) => this.#outputFailed(error));
    if (input.readableEnded) this.push(null);
  }

  /** A child that ended has perhaps left something to read: its last words. They are read before this is a failure. */
  #outputFailed(error: Error): void {
    if (this.#failed) return;
    this.#failed = true;
    const fail = () => {
      clearTimeout(timer);
      this.#stuck?.(error);
      this.destroy(error);
    };
    const timer = setTimeout(fail, LAST_INPUT_MS).unref();
    if (this.readableEnded) fail();
    else this.once('end', fail); // not before whoever reads this has had all
  }

  #written(callback: WriteCallback): WriteCallback {
    return (error) => {
      if (!error) return callback();
      this.#stuck = callback;
      this.#outputFailed(error);
    };
  }

  override _read(): void {
    this.#input.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: WriteCallback): void {
    this.#output.write(chunk, this.#written(callback));
  }

  override _writev(chunks: { chunk: Buffer }[], callback: WriteCallback): void {
    this.#output.cork();
    const last = chunks.pop();
    for (const { chunk } of chunks) this.#output.write(chunk);
    this.#output.write(last?.chunk, this.#written(callback));
    this.#output.uncork();
  }

  override _final(callback: WriteCallback): void {
    this.#output.end(() => callback());
  }

  override _destroy(error: Error | null, callback: WriteCallback): void {
    this.#input.destroy();
    this.#output.destroy();
    callback(error);
  }
}

/** Two ends in memory: what is written to one is read from the other, no faster than it is read. */
export function streamPair(): [Duplex, Duplex] {
  const left = new PairedStream();
  const right = new PairedStream();
  left.other = right;
  right.other = left;
  return [left, right];
}

class PairedStream extends Duplex {
  other: PairedStream | undefined;
  /** Of a write of the other end that waits until this end is read. */
  #resume: WriteCallback | undefined;

  override _read(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    if (resume) process.nextTick(resume);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: WriteCallback): void {
    const other = this.other;
    if (!other || other.destroyed) callback(new Error('the other end is closed'));
    else if (other.push(chunk)) process.nextTick(callback);
    else other.#resume = callback;
  }

  override _final(callback: WriteCallback): void {
    this.other?.push(null);
    callback();
  }

  override _destroy(error: Error | null, callback: WriteCallback): void {
    const other = this.other;
    this.#resume?.(new Error('the other end is closed'));
    this.#resume = undefined;
    if (other && !other.destroyed && !other.readableEnded) process.nextTick(() => other.destroy());
    callback(error);
  }
}
