/**
 * A copy is a row of four pipelines, each fed with what the one before yields: the source lists, the target says what it
 * needs of that, the source sends it, the target writes it. What comes from a side is never trusted: which files are read
 * is decided here, from what the source itself has listed.
 */
import { HotwireError } from '../errors';
import { MAX_TOLD_FAILURES, TRANSFER_WINDOW_BYTES } from '../limits';
import type { Domain, RemotePipeline } from './api';
import type { CopyFailure, CopyOptions, CopySide, CopySummary } from './copy';
import { PutWindow } from './put-window';
import { type Listed, readListed, readPiece, readReceipt, type Told } from './transfer-objects';

/** The texts of the four pipelines. */
export interface CopyTexts {
  readonly list: string;
  readonly check: string;
  readonly send: string;
  readonly receive: string;
}

/** A pipeline of the row, and where it runs. */
interface Step {
  readonly side: string;
  readonly pipeline: RemotePipeline;
}

export class Copying {
  readonly #from: CopySide;
  readonly #to: CopySide;
  readonly #options: CopyOptions;
  readonly #stop = new AbortController();
  readonly #failures: CopyFailure[] = [];
  /** Offered to the target, which has not said yet what it needs of them; in order. */
  readonly #offered: Listed[] = [];
  #offeredWeight = 0;
  #answered = () => {};
  #expected = 0;
  #isListed = false;
  #path = '';
  #bytes = 0;
  #placed = 0;
  #same = 0;
  #failed = 0;
  /** Entries that the target is to write, and those of which it told what became of them. */
  #wanted = 0;
  #settled = 0;

  constructor(from: CopySide, to: CopySide, options: CopyOptions) {
    this.#from = from;
    this.#to = to;
    this.#options = options;
  }

  /** @throws as `copy` */
  async run(texts: CopyTexts): Promise<CopySummary> {
    const { signal } = this.#options;
    const abort = () => this.#stop.abort(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    const steps: Step[] = [];
    try {
      const list = await this.#start(steps, this.#from, texts.list, false);
      const check = await this.#start(steps, this.#to, texts.check, true);
      const send = await this.#start(steps, this.#from, texts.send, true);
      const receive = await this.#start(steps, this.#to, texts.receive, true);
      const flows = [
        this.#offer(list, check),
        this.#want(check, send),
        this.#carry(send, receive),
        this.#settle(receive),
      ];
      for (const flow of flows) flow.catch((error) => this.#stop.abort(error));
      await Promise.allSettled(flows);
      this.#stop.signal.throwIfAborted();
    } catch (error) {
      this.#stop.abort(error);
      throw this.#stop.signal.reason;
    } finally {
      signal?.removeEventListener('abort', abort);
      // All have ended before the caller goes on: what the target keeps of a file is then in its place.
      await Promise.allSettled(steps.map(({ pipeline }) => pipeline.release()));
    }
    return {
      placed: this.#placed,
      same: this.#same,
      failed: this.#failed,
      failures: this.#failures,
      bytes: this.#bytes,
    };
  }

  async #start(steps: Step[], side: CopySide, text: string, input: boolean): Promise<Step> {
    const { domain, cwd } = side;
    this.#stop.signal.throwIfAborted();
    const pipeline = await domain
      .run(text, { input, signal: this.#stop.signal, ...(cwd !== undefined && { cwd }) })
      .catch((error) => {
        throw sided(sideName(side), error);
      });
    const step = { side: sideName(side), pipeline };
    steps.push(step);
    return step;
  }

  /** What the source has is offered to the target. */
  async #offer(list: Step, check: Step): Promise<void> {
    for await (const entries of batchesOf(list, readListed)) {
      const offers: unknown[] = [];
      for (const listed of entries) {
        if (listed.error === undefined) {
          this.#offered.push(listed);
          this.#offeredWeight += listed.weight;
          offers.push(listed.object);
        } else {
          this.#fail({ side: list.side, path: listed.path, message: listed.error });
        }
      }
      if (offers.length > 0) await this.#put(check, (pipeline) => pipeline.put(offers));
      while (this.#offeredWeight > TRANSFER_WINDOW_BYTES && !this.#stop.signal.aborted) {
        await new Promise<void>((resolve) => {
          this.#answered = resolve;
        });
      }
    }
    await this.#put(check, (pipeline) => pipeline.closeInput());
  }

  /** What the target needs is asked of the source. */
  async #want(check: Step, send: Step): Promise<void> {
    try {
      for await (const answers of batchesOf(check, readReceipt)) {
        const wanted = answers.flatMap((answer) => this.#answer(answer, check.side));
        this.#answered();
        this.#wanted += wanted.length;
        if (wanted.length > 0) await this.#put(send, (pipeline) => pipeline.put(wanted));
      }
    } finally {
      this.#answered();
    }
    if (this.#offered.length > 0) throw sided(check.side, new HotwireError('Failed', 'not all entries were answered'));
    this.#isListed = true;
    await this.#put(send, (pipeline) => pipeline.closeInput());
  }

  /** @returns the entry if it is to be sent, and from where on */
  #answer({ number, state, offset, digest, error }: Told, side: string): unknown[] {
    const listed = this.#offered.shift();
    this.#offeredWeight -= listed?.weight ?? 0;
    if (listed?.number !== number) {
      throw sided(side, new HotwireError('Failed', `it answered entry ${number}, which it was not asked about`));
    }
    if (state === 'same') {
      this.#same += 1;
      return [];
    }
    if (state !== 'wanted') {
      this.#fail({ side, path: listed.path, message: error ?? state });
      return [];
    }
    const from = Math.min(offset, listed.size);
    this.#expected += listed.size - from;
    return [{ ...listed.object, offset: from, digest }];
  }

  /** The content goes over. */
  async #carry(send: Step, receive: Step): Promise<void> {
    const window = new PutWindow(receive.pipeline);
    for await (const pieces of batchesOf(send, readPiece)) {
      const bytes = pieces.reduce((sum, piece) => sum + piece.bytes, 0);
      const weight = pieces.reduce((sum, piece) => sum + piece.weight, 0);
      const objects = pieces.map(({ object }) => object);
      await this.#put(receive, () =>
        window.put(objects, weight, () => {
          this.#bytes += bytes;
          this.#tell();
        }),
      );
    }
    await this.#put(receive, () => window.drain());
    await this.#put(receive, (pipeline) => pipeline.closeInput());
  }

  /** The target tells what became of each. */
  async #settle(receive: Step): Promise<void> {
    try {
      for await (const receipts of batchesOf(receive, readReceipt)) {
        for (const { path, state, error } of receipts) {
          this.#settled += 1;
          this.#path = path;
          if (state === 'placed') this.#placed += 1;
          else {
            const side = state === 'unreadable' ? sideName(this.#from) : receive.side;
            this.#fail({ side, path, message: error ?? state });
          }
        }
        this.#tell();
      }
    } catch (error) {
      // It fails at its end where a file did: that is told already.
      if (!(this.#isListed && this.#settled === this.#wanted && this.#failed > 0)) throw error;
    }
    if (this.#settled === this.#wanted) return;
    const message = `it told of ${this.#settled} entries of ${this.#wanted}: copy them again`;
    throw sided(receive.side, new HotwireError('Failed', message));
  }

  #fail(failure: CopyFailure): void {
    this.#failed += 1;
    if (this.#failures.length < MAX_TOLD_FAILURES) this.#failures.push(failure);
  }

  #tell(): void {
    const total = this.#isListed ? this.#expected : undefined;
    this.#options.progress?.({ bytes: this.#bytes, total, placed: this.#placed, path: this.#path });
  }

  /** Where a pipeline takes no more because it has failed, that is what is told. */
  async #put({ side, pipeline }: Step, put: (pipeline: RemotePipeline) => Promise<void>): Promise<void> {
    try {
      await put(pipeline);
    } catch (error) {
      if (!this.#stop.signal.aborted) await pipeline.finished;
      throw sided(side, pipeline.exception ?? error);
    }
  }
}

async function* batchesOf<T>({ side, pipeline }: Step, read: (object: unknown) => T): AsyncGenerator<T[]> {
  try {
    for await (const { objects } of pipeline.batches()) yield objects.map(read);
  } catch (error) {
    throw sided(side, error);
  }
}

function sideName({ name, domain }: CopySide): string {
  return name ?? nameOf(domain);
}

function nameOf({ address }: Domain): string {
  return address === '' ? 'this host' : address;
}

/** A failure with the side that it happened at. */
class SidedError extends HotwireError {}

function sided(side: string, thrown: unknown): HotwireError {
  if (thrown instanceof SidedError) return thrown;
  const error = HotwireError.from(thrown);
  return new SidedError(error.kind, `${side}: ${error.message}`, { cause: error, busName: error.busName });
}
