import type { Batch, Builtin } from '../engine';
import { HotwireError } from '../errors';
import { MAX_SORTED_OBJECTS } from '../limits';
import { BATCH_OBJECTS } from './lib/batches';
import { checkProperties } from './lib/check';
import { compareValues } from './lib/compare';
import { isRecord, listed, propertyNames, propertyReader } from './lib/property';
import { sortInSlices } from './lib/sort';

interface Item {
  readonly object: unknown;
  readonly className: string;
  readonly keys: readonly unknown[];
}

export const sort: Builtin = {
  name: 'sort',
  summary: 'Sorts by properties, or texts and numbers by themselves',
  help:
    'Numbers are sorted by size, texts by their characters; of values of several types, nothing comes first, then booleans, numbers, ' +
    'texts, and the rest. Objects that are equal keep their order.',
  options: [{ name: 'reverse', short: 'r', summary: 'The largest first' }],
  arguments: [{ name: 'property', kind: 'property', optional: true, repeated: true }],
  input: { type: 'any' },
  output: 'identity',
  idempotent: true,
  examples: [
    { text: 'cat a.txt | sort', shows: 'sorted lines', files: { 'a.txt': 'b\nc\na\n' }, result: ['a', 'b', 'c'] },
    { text: "js-eval '[10, 9, 100]' | iter | sort -r", shows: 'numbers, the largest first', result: [100, 10, 9] },
    { text: 'ls / | sort -r mtime basename', shows: 'the newest first, by name where two are as old' },
  ],
  check({ args }, inputType) {
    checkProperties('sort', args, inputType);
  },
  async *run({ args, options, input, signal }) {
    const items: Item[] = [];
    for await (const batch of input) {
      const keysOf = keyReader(args, batch);
      for (const object of batch.objects) items.push({ object, className: batch.className, keys: keysOf(object) });
      if (items.length <= MAX_SORTED_OBJECTS) continue;
      throw new HotwireError('LimitExceeded', `sort: more than ${MAX_SORTED_OBJECTS} objects: filter them first`);
    }
    const sign = options.has('reverse') ? -1 : 1;
    yield* batchesOfItems(await sortInSlices(items, (a, b) => sign * compareKeys(a.keys, b.keys), signal));
  },
};

function keyReader(properties: readonly string[], { className }: Batch): (object: unknown) => unknown[] {
  if (properties.length === 0) return (object) => [itself(object, className)];
  const readers = properties.map((property) => propertyReader('sort', property, className));
  return (object) => readers.map((read) => read(object));
}

function itself(object: unknown, className: string): unknown {
  if (!isRecord(object)) return object;
  const names = listed(propertyNames(object, className));
  throw new HotwireError('InvalidArgs', `sort: name a property of ${className} to sort by: ${names}`);
}

function compareKeys(a: readonly unknown[], b: readonly unknown[]): number {
  for (let index = 0; index < a.length; index++) {
    const order = compareValues(a[index], b[index]);
    if (order !== 0) return order;
  }
  return 0;
}

/** Batches of one class each, in order. */
function* batchesOfItems(items: readonly Item[]): Generator<Batch> {
  for (let start = 0; start < items.length; ) {
    const className = items[start]?.className ?? '';
    const objects: unknown[] = [];
    while (objects.length < BATCH_OBJECTS && items[start]?.className === className)
      objects.push(items[start++]?.object);
    yield { className, objects };
  }
}
