/**
 * A copy is a row of four pipelines, each fed with what the one before yields: the source lists, the target says what it
 * needs of that, the source sends it, the target writes it. What comes from a side is never trusted: which files are read
 * and written is decided here, from what was asked for and what the source itself has listed of that.
 */
import { setMaxListeners } from 'node:events';
import { HotwireError } from '../errors';
import { MAX_TOLD_FAILURES } from '../limits';
import type { RemotePipeline } from './api';
import { Backlog } from './backlog';
import type { CopyFailure, CopyOptions, CopySide, CopySummary } from './copy';
import type { SourceNames } from './copy-names';
import { batchesOf, end, feed, type Step, sided, sideName } from './copy-side';
import { PutWindow } from './put-window';
import { Sought } from './sought';
import { type CarriedPiece, type Listed, readListed, readPiece, readReceipt, type Told } from './transfer-objects';

/** The texts of the four pipelines. */
export interface CopyTexts {
  readonly list: string;
  readonly check: string;
  readonly send: string;
  readonly receive: string;
}

/** Those that wait for the end of a copy: its four pipelines, who reads each, who feeds each, and who waits for room. */
const MAX_WAITING = 16;

export class Copying {
  readonly #from: CopySide;
  readonly #to: CopySide;
  readonly #names: SourceNames;
  readonly #options: CopyOptions;
  readonly #stop = new AbortController();
  readonly #failures: CopyFailure[] = [];
  /** Offered to the target, which has not said yet what it needs of them; in order. */
  readonly #offered = new Backlog<Listed>();
  readonly #sought = new Sought();
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

  constructor(from: CopySide, to: CopySide, names: SourceNames, options: CopyOptions) {
    this.#from = from;
    this.#to = to;
    this.#names = names;
    setMaxListeners(MAX_WAITING, this.#stop.signal); // Node would warn of a leak on standard error
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
      await Promise.allSettled(steps.map(end));
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
    for await (const entries of this.#batches(list, readListed)) {
      const offers: unknown[] = [];
      for (const listed of entries) {
        if (listed.error !== undefined) {
          this.#fail({ side: list.side, path: listed.path, message: listed.error });
          continue;
        }
        if (!this.#names.admits(listed.first)) throw sided(list.side, notAskedFor(listed));
        this.#offered.push(listed);
        offers.push(listed.object);
      }
      if (offers.length > 0) await this.#put(check, (pipeline) => pipeline.put(offers));
      await this.#offered.room(this.#stop.signal);
    }
    await this.#put(check, (pipeline) => pipeline.closeInput());
  }

  /** What the target needs is asked of the source. */
  async #want(check: Step, send: Step): Promise<void> {
    for await (const answers of this.#batches(check, readReceipt)) {
      const wanted = answers.flatMap((answer) => this.#answer(answer, check.side));
      this.#wanted += wanted.length;
      if (wanted.length > 0) await this.#put(send, (pipeline) => pipeline.put(wanted));
      await this.#sought.room(this.#stop.signal);
    }
    if (this.#offered.length > 0) throw sided(check.side, new HotwireError('Failed', 'not all entries were answered'));
    this.#isListed = true;
    await this.#put(send, (pipeline) => pipeline.closeInput());
  }

  /** @returns the entry if it is to be sent, and from where on */
  #answer({ number, state, offset, digest, error }: Told, side: string): unknown[] {
    const listed = this.#offered.shift();
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
    this.#sought.add(listed, from);
    return [{ ...listed.object, offset: from, digest }];
  }

  /** The content goes over. */
  async #carry(send: Step, receive: Step): Promise<void> {
    const window = new PutWindow(receive.pipeline);
    for await (const pieces of this.#batches(send, readPiece)) {
      const bytes = pieces.reduce((sum, piece) => sum + piece.bytes, 0);
      const weight = pieces.reduce((sum, piece) => sum + piece.weight, 0);
      const objects = pieces.map((piece) => this.#pass(piece, send.side));
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

  #pass(piece: CarriedPiece, side: string): unknown {
    try {
      return this.#sought.pass(piece);
    } catch (error) {
      throw sided(side, error);
    }
  }

  /** The target tells what became of each. */
  async #settle(receive: Step): Promise<void> {
    try {
      for await (const receipts of this.#batches(receive, readReceipt)) {
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

  #put(step: Step, put: (pipeline: RemotePipeline) => Promise<void>): Promise<void> {
    return feed(step, this.#stop.signal, put);
  }

  #batches<T>(step: Step, read: (object: unknown) => T): AsyncGenerator<T[]> {
    return batchesOf(step, this.#stop.signal, read);
  }
}

function notAskedFor({ path }: Listed): HotwireError {
  const words = `it lists ${path}, which was not asked for: none of it is taken; name it if that is what you want`;
  return new HotwireError('Failed', words);
}
