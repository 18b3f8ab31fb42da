import { classOf } from '../classes';

/**
 * Everything between two commands: some objects of one class. Objects are plain JSON data; the class name travels with
 * the batch. A batch is never empty and never changed once yielded.
 */
export interface Batch {
  readonly className: string;
  readonly objects: readonly unknown[];
}

/** Splits values of mixed kinds into batches of one class each, in order. */
export function* batchesOf(values: Iterable<unknown>): Generator<Batch> {
  let className = '';
  let objects: unknown[] = [];
  for (const value of values) {
    const next = classOf(value);
    if (next !== className && objects.length > 0) {
      yield { className, objects };
      objects = [];
    }
    className = next;
    objects.push(value);
  }
  if (objects.length > 0) yield { className, objects };
}
