// Text into a stream, with back-pressure, and with the stream's errors told where someone waits. `push` never waits, so
// that a timer may use it; whoever produces much text awaits `ready` after each push.
import type { Writable } from 'node:stream';
import { HotwireError } from '../errors';

/** The reader of the output has gone (`… | head -1`): no failure to tell anyone, only a reason to stop. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed';
}

const READER_GONE = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END']);

export interface SinkOptions {
  /** What the stream is, for messages: `standard output`. */
  name: string;
  /** Called before each text is written, e.g. to erase a progress line on the same terminal. */
  before?: (text: string) => void;
  /** Called once, when the stream breaks: OutputClosed, or a HotwireError. */
  failed?: (failure: Error) => void;
}

export class Sink {
  readonly #stream: Writable;
  readonly #options: SinkOptions;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(stream: Writable, options: SinkOptions) {
    this.#stream = stream;
    this.#options = options;
    stream.on('error', (error) => this.#fail(error));
    // destroyed without an error, as the pipe to a child process is when that has ended: no `drain` will come
    stream.on('close', () => {
      if (!stream.writableFinished) this.#fail(Object.assign(new Error('closed'), { code: 'ERR_STREAM_DESTROYED' }));
    });
  }

  /** Writes at once. After a failure of the stream it does nothing: `ready` and `flush` tell. */
  push(text: string): void {
    if (this.#failure || text === '') return;
    this.#options.before?.(text);
    this.#stream.write(text);
  }

  /** Resolves once the stream can take more. @throws OutputClosed, or a HotwireError that says why it can't be written */
  ready(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (!this.#stream.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const settle = () => {
        this.#stream.off('drain', settle);
        this.#wake = undefined;
        if (this.#failure) reject(this.#failure);
        else resolve();
      };
      this.#stream.on('drain', settle);
      this.#wake = settle;
    });
  }

  /** Resolves once everything has left this process. @throws as `ready` */
  async flush(): Promise<void> {
    if (!this.#failure) {
      await new Promise<void>((resolve) => {
        this.#stream.write('', (error) => {
          if (error) this.#fail(error);
          resolve();
        });
      });
    }
    if (this.#failure) throw this.#failure;
  }

  #fail(error: NodeJS.ErrnoException): void {
    if (this.#failure) return;
    this.#failure = READER_GONE.has(error.code ?? '')
      ? new OutputClosed(`${this.#options.name}: its reader has gone`)
      : new HotwireError('Failed', `can't write to ${this.#options.name}: ${error.message}`, { cause: error });
    this.#options.failed?.(this.#failure);
    this.#wake?.();
  }
}
