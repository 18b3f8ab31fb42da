import { setImmediate as turn } from 'node:timers/promises';

/** Items that are sorted, or merged, before others get their turn: some ten milliseconds. */
const SLICE_ITEMS = 16_384;

type Compare<T> = (a: T, b: T) => number;

/**
 * A stable sort that lets the event loop turn, so that a million objects of one client hold up no other.
 * @throws the signal's reason when it aborts
 */
export async function sortInSlices<T>(items: readonly T[], compare: Compare<T>, signal: AbortSignal): Promise<T[]> {
  let runs: T[][] = [];
  for (let start = 0; start < items.length; start += SLICE_ITEMS) {
    runs.push(items.slice(start, start + SLICE_ITEMS).sort(compare));
    await pause(signal);
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let index = 0; index < runs.length; index += 2) {
      const [left, right] = [runs[index] ?? [], runs[index + 1]];
      merged.push(right === undefined ? left : await merge(left, right, compare, signal));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

/** Of equal items those of `left` come first. */
async function merge<T>(left: T[], right: T[], compare: Compare<T>, signal: AbortSignal): Promise<T[]> {
  const merged: T[] = [];
  let l = 0;
  let r = 0;
  while (l < left.length && r < right.length) {
    const [a, b] = [left[l] as T, right[r] as T];
    if (compare(a, b) <= 0) {
      merged.push(a);
      l++;
    } else {
      merged.push(b);
      r++;
    }
    if (merged.length % SLICE_ITEMS === 0) await pause(signal);
  }
  return merged.concat(l < left.length ? left.slice(l) : right.slice(r));
}

async function pause(signal: AbortSignal): Promise<void> {
  await turn();
  signal.throwIfAborted();
}
