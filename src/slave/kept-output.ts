import type { Batch } from '../engine';
import { KEPT_OUTPUT_BYTES } from '../limits';
import type { EncodedBatch } from './batches';

/** How much the running pipelines of one owner keep together, in UTF-16 units: at most KEPT_OUTPUT_BYTES. */
export class KeptBudget {
  used = 0;
}

/**
 * What a pipeline has yielded, kept for `current`: as JSON, which takes a fraction of the memory of the objects. What
 * does not fit the owner's budget is not kept at all.
 */
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
    this.#units += units;
    this.#budget.used += units;
    this.#parts.push({ className, json: `[${texts.join(',')}]` });
    if (this.#budget.used <= KEPT_OUTPUT_BYTES) return;
    this.#complete = false;
    this.take();
  }

  /**
   * The objects again, as often as they are asked for, and keeps them no longer; undefined when they were too many.
   */
  take(): Iterable<Batch> | undefined {
    const parts = this.#parts;
    this.#parts = [];
    this.#budget.used -= this.#units;
    this.#units = 0;
    if (!this.#complete) return undefined;
    return {
      *[Symbol.iterator]() {
        for (const { className, json } of parts) yield { className, objects: JSON.parse(json) as unknown[] };
      },
    };
  }
}
