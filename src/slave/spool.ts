/**
 * The signals of one detached pipeline, on disk: whoever attaches reads them from there, old ones and new ones alike. It is
 * bounded; a full one lets its pipeline wait and never drops anything. Room comes back when a reader says that it needs
 * nothing before some signal any more, or when the pipeline is released.
 */
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { orAborted } from '../abort';
import { HotwireError } from '../errors';
import { SPOOL_RETRY_MS, SPOOL_SEGMENT_BYTES, SPOOL_WRITE_BYTES } from '../limits';
import type { Logger } from './log';
import type { SpoolBudget } from './spool-budget';
import { recordBytes, type SpooledSignal, SpoolSegment } from './spool-segment';

export interface SpoolOptions {
  /** Its own, made by it and removed with it. */
  readonly directory: string;
  /** Most bytes that it may take. */
  readonly maxBytes: number;
  readonly budget: SpoolBudget;
  readonly log: Logger;
}

interface Item {
  readonly signal: SpooledSignal;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Of its directory. */
const OWNER_ONLY = 0o700;
/** A spool has at least so many segments, so that there is something to remove when it is full. */
const MIN_SEGMENTS = 8;
/** Of a full spool, so much of what was acknowledged stays: what a terminal was given is lost with the terminal. */
const KEPT_SHARE = 1 / 4;
const RELEASED = new HotwireError('NoSuchPipeline', 'the pipeline was released');

export class Spool {
  readonly #options: SpoolOptions;
  readonly #segments: SpoolSegment[] = [];
  #queue: Item[] = [];
  #pumping: Promise<void> | undefined;
  #written = 0;
  #bytes = 0;
  /** Signals before this one are needed no more. */
  #unneeded = 0;
  /** Signals before this one have been dealt with. */
  #acknowledged = 0;
  readonly #readers = new Set<{ at: number }>();
  /** What is written next goes to a new file: the last one could then be removed. */
  #sealed = false;
  /** Why it does not take more now. */
  #obstacle: string | undefined;
  readonly #closed = new AbortController();
  /** For those who wait for a change: the writer for room, the readers for signals. */
  #change: Promise<void>;
  #resolveChange: () => void = () => undefined;
  readonly #wake = () => {
    this.#resolveChange();
    this.#change = this.#nextChange();
  };

  /** @throws Failed when its directory can't be made */
  static async create(options: SpoolOptions): Promise<Spool> {
    await mkdir(options.directory, { recursive: true, mode: OWNER_ONLY }).catch((cause: Error) => {
      const message = `${options.directory}: the output of a detached pipeline can't be kept there: ${cause.message}`;
      throw new HotwireError('Failed', message, { cause });
    });
    return new Spool(options);
  }

  private constructor(options: SpoolOptions) {
    this.#options = options;
    this.#change = this.#nextChange();
    options.budget.onRoom(this.#wake);
  }

  /** What goes at once when room is needed. */
  get #segmentBytes(): number {
    return Math.min(SPOOL_SEGMENT_BYTES, this.#options.maxBytes / MIN_SEGMENTS);
  }

  /** Signals that can be read: the number of the next. */
  get length(): number {
    return this.#written;
  }

  /** The same with those that are about to be written. */
  get appended(): number {
    return this.#written + this.#queue.length;
  }

  /** Number of the oldest signal that can still be read. */
  get first(): number {
    return this.#segments[0]?.first ?? this.#written;
  }

  /** Why its pipeline has to wait, in words; undefined when it does not. */
  get obstacle(): string | undefined {
    return this.#obstacle;
  }

  /** Appends a signal, behind those before it; resolves once it is written, rejects when it is discarded. */
  append(signal: SpooledSignal): Promise<void> {
    if (this.#closed.signal.aborted) return Promise.reject(RELEASED);
    return new Promise((resolve, reject) => {
      this.#queue.push({ signal, resolve, reject });
      this.#wake();
      this.#pumping ??= this.#pump();
    });
  }

  /** Drops what is paced and waits for room. */
  discard(): void {
    this.#drop(new HotwireError('Cancelled', 'the output was discarded'), ({ signal }) => signal.paced);
  }

  /** Signals before `number` will not be asked for again: they may go when room is needed. */
  forget(number: number): void {
    if (number <= this.#unneeded) return;
    this.#unneeded = number;
    this.#wake();
  }

  /** The same, by somebody who is done with them; but where it put them they may still be lost, so the newest are kept. */
  acknowledge(number: number): void {
    if (number <= this.#acknowledged) return;
    this.#acknowledged = number;
    this.#wake();
  }

  /**
   * The signals from `from` on, as they come; ends when the spool is closed.
   * @throws InvalidArgs when `from` has not been reached; LimitExceeded when signals from there on are gone; the signal's
   * reason when it aborts
   */
  async *follow(from: number, signal: AbortSignal): AsyncGenerator<SpooledSignal> {
    this.check(from);
    const place = { at: from };
    this.#readers.add(place);
    try {
      while (!this.#closed.signal.aborted) {
        const change = this.#change;
        const segment = this.#segments.find((one) => place.at >= one.first && place.at < one.end);
        if (segment === undefined) await orAborted(change, signal);
        else yield* this.#readSegment(segment, place, signal);
      }
    } finally {
      this.#readers.delete(place);
      this.#wake();
    }
  }

  /** @throws InvalidArgs, LimitExceeded as `follow` */
  check(from: number): void {
    if (from > this.#written) {
      throw new HotwireError('InvalidArgs', `there is no signal ${from} yet: so far there are ${this.#written}`);
    }
    if (from >= this.first) return;
    throw new HotwireError(
      'LimitExceeded',
      `the signals before ${this.first} are gone, as they had been received and room was needed: attach from ${this.first}`,
    );
  }

  /** Forgets everything and removes the files. What waits to be written is refused. */
  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort(RELEASED);
    this.#drop(RELEASED, () => true);
    this.#options.budget.off(this.#wake);
    await this.#pumping;
    for (const segment of this.#segments.splice(0)) await segment.finish();
    this.#options.budget.giveBack(this.#bytes);
    this.#bytes = 0;
    await rm(this.#options.directory, { recursive: true, force: true });
  }

  async *#readSegment(
    segment: SpoolSegment,
    place: { at: number },
    signal: AbortSignal,
  ): AsyncGenerator<SpooledSignal> {
    const reader = await segment.read();
    try {
      let number = segment.first;
      // Until another segment follows, this one may still grow.
      while (!this.#closed.signal.aborted) {
        const change = this.#change;
        const signals = await reader.next();
        for (const one of signals) {
          if (number++ < place.at) continue;
          signal.throwIfAborted();
          yield one;
          place.at = number;
        }
        if (signals.length > 0) continue;
        if (this.#segments.at(-1) !== segment) return;
        await orAborted(change, signal);
      }
    } finally {
      await reader.close();
      this.#wake(); // the file may go now, if room is needed
    }
  }

  #drop(error: HotwireError, which: (item: Item) => boolean): void {
    const dropped = this.#queue.filter(which);
    this.#queue = this.#queue.filter((item) => !which(item));
    for (const item of dropped) item.reject(error);
    this.#wake();
  }

  #nextChange(): Promise<void> {
    return new Promise((resolve) => {
      this.#resolveChange = resolve;
    });
  }

  async #pump(): Promise<void> {
    while (this.#queue.length > 0) {
      const change = this.#change;
      try {
        const items = await this.#nextWrite();
        if (items.length > 0) await this.#write(items);
        this.#obstacle = undefined;
        if (items.length > 0 || this.#queue.length === 0) continue;
        this.#obstacle = 'its spool is full: attach to it, or release it';
      } catch (error) {
        await this.#troubled(error as NodeJS.ErrnoException);
      }
      await Promise.race([change, delay(SPOOL_RETRY_MS, undefined, { ref: false })]);
    }
    this.#pumping = undefined;
  }

  /** The items at the head of the queue that fit and are written together; none while the first has to wait for room. */
  async #nextWrite(): Promise<Item[]> {
    const items: Item[] = [];
    let bytes = 0;
    for (const item of this.#queue) {
      const size = recordBytes(item.signal);
      if (items.length > 0 && bytes + size > Math.min(SPOOL_WRITE_BYTES, this.#segmentBytes)) break;
      // One that holds nothing takes anything: a signal larger than the spool must pass as well.
      const first = items.length === 0 && this.#bytes === 0;
      if (item.signal.paced && !first && !(await this.#hasRoom(bytes + size))) break;
      items.push(item);
      bytes += size;
    }
    const queued = new Set(this.#queue); // what was discarded while we looked for room is not wanted any more
    return items.filter((item) => queued.has(item));
  }

  async #hasRoom(bytes: number): Promise<boolean> {
    const { budget, maxBytes } = this.#options;
    const fits = () => this.#bytes + bytes <= maxBytes && budget.used + bytes <= budget.limit;
    while (this.#bytes > 0 && !fits()) if (!(await this.#removeOldest(this.#bytes * KEPT_SHARE))) return false;
    return true;
  }

  /**
   * @param keep so many bytes of what was acknowledged stay
   * @returns false when the oldest file holds something that is needed still
   */
  async #removeOldest(keep: number): Promise<boolean> {
    const [oldest, ...rest] = this.#segments;
    if (oldest === undefined || oldest.bytes === 0) return false;
    const acknowledged = rest.filter(({ end }) => end <= this.#acknowledged).reduce((sum, { bytes }) => sum + bytes, 0);
    const unneeded = acknowledged >= keep ? Math.max(this.#unneeded, this.#acknowledged) : this.#unneeded;
    if (oldest.end > Math.min(unneeded, ...[...this.#readers].map(({ at }) => at))) return false;
    await oldest.remove();
    this.#segments.shift();
    this.#bytes -= oldest.bytes;
    this.#options.budget.giveBack(oldest.bytes);
    return true;
  }

  /** Like a full spool: the pipeline waits, and nothing is lost, until what is wrong with the disk is over. */
  async #troubled(error: NodeJS.ErrnoException): Promise<void> {
    const { directory, log } = this.#options;
    this.#obstacle = `its spool in ${directory} can't be written: ${error.message}`;
    log.warn({ err: error, directory }, 'a spool can not be written: its pipeline waits');
    if (error.code !== 'ENOSPC' && error.code !== 'EDQUOT') return;
    this.#sealed = true;
    // What nobody needs makes room on the disk, long before the limit is reached. A file that can't be removed is no news.
    while (await this.#removeOldest(0).catch(() => false));
  }

  async #write(items: readonly Item[]): Promise<void> {
    const { budget, directory } = this.#options;
    const segment = await this.#segment();
    const before = segment.bytes;
    await mkdir(directory, { recursive: true, mode: OWNER_ONLY }); // somebody may have tidied up
    await segment.append(items.map((item) => item.signal));
    this.#bytes += segment.bytes - before;
    budget.take(segment.bytes - before);
    this.#written += items.length;
    const written = new Set(items);
    this.#queue = this.#queue.filter((item) => !written.has(item));
    for (const item of items) item.resolve();
    this.#wake();
  }

  /** The segment that is written to; a new one once that is large enough. */
  async #segment(): Promise<SpoolSegment> {
    const { directory } = this.#options;
    const last = this.#segments.at(-1);
    if (last?.bytes === 0 || (last !== undefined && last.bytes < this.#segmentBytes && !this.#sealed)) return last;
    this.#sealed = false;
    await last?.finish();
    const next = new SpoolSegment(path.join(directory, `${this.#written}.spool`), this.#written);
    this.#segments.push(next);
    return next;
  }
}
