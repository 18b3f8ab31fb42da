import { HotwireError } from '../errors';
import { INPUT_MAX_BYTES } from '../limits';
import { settings } from '../settings';
import { type Batch, batchesOf } from './batch';

/**
 * Objects that a client feeds to a pipeline. `put` resolves once the pipeline can take more: that is the back-pressure.
 */
export class InputQueue implements AsyncIterable<Batch> {
  readonly #queue: { batch: Batch; bytes: number }[] = [];
  #bytes = 0;
  #closed = false;
  #wakeReader: (() => void) | undefined;
  #waitingWriters: { resolve: () => void; reject: (error: Error) => void }[] = [];

  /**
   * @param bytes size of the objects as they came, in bytes of JSON text
   * @throws InvalidState after `close`, or when the pipeline ended meanwhile
   */
  async put(objects: readonly unknown[], bytes: number): Promise<void> {
    if (this.#closed) throw inputEnded();
    if (this.#bytes > INPUT_MAX_BYTES) {
      const message = `over ${INPUT_MAX_BYTES} bytes of input wait for this pipeline: wait for each reply before the next put`;
      throw new HotwireError('LimitExceeded', message);
    }
    const batches = [...batchesOf(objects)];
    for (const [index, batch] of batches.entries()) this.#queue.push({ batch, bytes: index === 0 ? bytes : 0 });
    this.#bytes += bytes;
    this.#wakeReader?.();
    if (this.#bytes <= settings.inputWindowBytes) return;
    await new Promise<void>((resolve, reject) => this.#waitingWriters.push({ resolve, reject }));
  }

  /** Whether nothing more can be put. */
  get closed(): boolean {
    return this.#closed;
  }

  /** The end of the input: what was put before is still read. */
  close(): void {
    this.#closed = true;
    this.#wakeReader?.();
  }

  /** The pipeline reads no more: writers that wait are refused. */
  abandon(): void {
    this.close();
    this.#queue.length = 0;
    for (const writer of this.#waitingWriters.splice(0)) writer.reject(inputEnded());
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Batch> {
    try {
      for (;;) {
        const next = this.#queue.shift();
        if (next !== undefined) {
          this.#bytes -= next.bytes;
          if (this.#bytes <= settings.inputWindowBytes) {
            for (const writer of this.#waitingWriters.splice(0)) writer.resolve();
          }
          yield next.batch;
        } else if (this.#closed) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#wakeReader = resolve;
          });
        }
      }
    } finally {
      this.abandon();
    }
  }
}

function inputEnded(): HotwireError {
  return new HotwireError('InvalidState', 'the input of this pipeline has ended: it takes no more objects');
}
