import type { Batch } from '../engine';
import { KEPT_OUTPUT_BYTES } from '../limits';
import type { EncodedBatch } from './batches';

/**
 * What a pipeline has yielded, kept for `current`: as JSON, which takes a fraction of the memory of the objects. More
 * than KEPT_OUTPUT_BYTES is not kept at all.
 */
export class KeptOutput {
  #parts: { className: string; json: string }[] = [];
  #units = 0;

  add({ className, texts, units }: EncodedBatch): void {
    this.#units += units;
    if (this.#units > KEPT_OUTPUT_BYTES) this.#parts = [];
    else this.#parts.push({ className, json: `[${texts.join(',')}]` });
  }

  /** The objects again, as often as they are asked for; undefined when they were too many. */
  get batches(): Iterable<Batch> | undefined {
    if (this.#units > KEPT_OUTPUT_BYTES) return undefined;
    const parts = this.#parts;
    return {
      *[Symbol.iterator]() {
        for (const { className, json } of parts) yield { className, objects: JSON.parse(json) as unknown[] };
      },
    };
  }
}
