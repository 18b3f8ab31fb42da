/** What pipelines have yielded, kept for `current`, and how much of that an owner and a user may have. */
import type { Batch } from '../engine';
import { HotwireError } from '../errors';
import { settings } from '../settings';
import type { EncodedBatch } from './batches';

/**
 * What all owners of one user keep together, in UTF-16 units: what is current, and what is being kept of running
 * pipelines. The former makes room for the latter, the oldest first.
 */
export class KeptTotal {
  #used = 0;
  /** Outputs that are current somewhere, the oldest first. */
  readonly #current = new Set<KeptBatches>();

  get used(): number {
    return this.#used;
  }

  /** Counts so many more; false, and counts nothing, when there is no room. */
  take(units: number): boolean {
    const limit = settings.keptOutputPerUserBytes;
    if (units > limit) return false;
    for (const kept of this.#current) {
      if (this.#used + units <= limit) break;
      this.leave(kept);
      kept.drop();
    }
    if (this.#used + units > limit) return false;
    this.#used += units;
    return true;
  }

  giveBack(units: number): void {
    this.#used -= units;
  }

  /** An output has become current somewhere. */
  enter(kept: KeptBatches): void {
    this.#current.add(kept);
    this.#used += kept.units;
  }

  /** It is that no longer. Nothing happens to one that has made room already. */
  leave(kept: KeptBatches): void {
    if (this.#current.delete(kept)) this.#used -= kept.units;
  }
}

/** What the running pipelines of one owner keep together, and what is current there. */
export class KeptBudget {
  readonly #total: KeptTotal;
  #used = 0;
  #current: KeptBatches | undefined;

  constructor(total: KeptTotal) {
    this.#total = total;
  }

  /** Counts so many units more; false, and counts nothing, when there is no room. */
  take(units: number): boolean {
    if (this.#used + units > settings.keptOutputBytes || !this.#total.take(units)) return false;
    this.#used += units;
    return true;
  }

  giveBack(units: number): void {
    this.#used -= units;
    this.#total.giveBack(units);
  }

  /** This is what is current now, in place of what was; undefined: nothing of ours. */
  setCurrent(batches: Iterable<Batch> | undefined): void {
    if (this.#current !== undefined) this.#total.leave(this.#current);
    this.#current = batches instanceof KeptBatches ? batches : undefined;
    if (this.#current !== undefined) this.#total.enter(this.#current);
  }
}

/** The objects of an output, as often as they are asked for: as JSON, which takes a fraction of their memory. */
export class KeptBatches implements Iterable<Batch> {
  /** Their length, in UTF-16 units. */
  readonly units: number;
  #parts: readonly { className: string; json: string }[] | undefined;

  constructor(parts: readonly { className: string; json: string }[], units: number) {
    this.#parts = parts;
    this.units = units;
  }

  /** Gives up what is kept. */
  drop(): void {
    this.#parts = undefined;
  }

  /** @throws InvalidState once it has been dropped */
  *[Symbol.iterator](): Generator<Batch> {
    if (this.#parts === undefined) {
      const limit = `${settings.keptOutputPerUserBytes} bytes for all connections of a user (keptOutputPerUserBytes)`;
      throw new HotwireError(
        'InvalidState',
        `nothing is current: the output had to make room for newer ones; ${limit}`,
      );
    }
    for (const { className, json } of this.#parts) yield { className, objects: JSON.parse(json) as unknown[] };
  }
}

/** Keeps what one pipeline yields. What does not fit the budget is not kept at all. */
export class KeptOutput {
  readonly #budget: KeptBudget;
  #parts: { className: string; json: string }[] = [];
  #units = 0;
  #complete = true;

  constructor(budget: KeptBudget) {
    this.#budget = budget;
  }

  add({ className, texts, units }: EncodedBatch): void {
    if (!this.#complete) return;
    if (this.#budget.take(units)) {
      this.#units += units;
      this.#parts.push({ className, json: `[${texts.join(',')}]` });
      return;
    }
    this.#complete = false;
    this.take();
  }

  /** What was kept, and keeps it no longer; undefined when it was too much. */
  take(): KeptBatches | undefined {
    const kept = new KeptBatches(this.#parts, this.#units);
    this.#budget.giveBack(this.#units);
    this.#parts = [];
    this.#units = 0;
    return this.#complete ? kept : undefined;
  }
}
