import type { Batch } from '../../engine';

/** Objects that a builtin yields at a time: few enough to stop promptly, many enough that a batch costs little. */
export const BATCH_OBJECTS = 256;

/** `items` in slices of at most `size`. */
export function* slicesOf<T>(items: readonly T[], size: number = BATCH_OBJECTS): Generator<T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

/** Many objects of one class as batches of a bounded size. */
export function* batchesOfClass(className: string, objects: readonly unknown[]): Generator<Batch> {
  for (const slice of slicesOf(objects)) yield { className, objects: slice };
}
