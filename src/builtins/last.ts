import type { Batch, Builtin } from '../engine';
import { HotwireError } from '../errors';
import { MAX_HELD_OBJECTS } from '../limits';
import { COUNT_DECLARATION, checkCount, countGiven } from './lib/take';

export const last: Builtin = {
  name: 'last',
  summary: 'The last object of the input, or the last N',
  ...COUNT_DECLARATION,
  input: { type: 'any' },
  output: 'identity',
  idempotent: true,
  examples: [
    { text: 'sys seq 1000 | last 2', shows: 'the last two lines', result: ['999', '1000'] },
    { text: 'ls / | sort mtime | last', shows: 'what changed last' },
  ],
  check(given) {
    checkCount('last', given);
  },
  async *run(stage) {
    const count = countGiven('last', stage);
    if (count > MAX_HELD_OBJECTS) {
      throw new HotwireError('LimitExceeded', `last: at most ${MAX_HELD_OBJECTS} objects can be held: ask for fewer`);
    }
    yield* await lastOf(count, stage.input);
  },
};

async function lastOf(count: number, input: AsyncIterable<Batch>): Promise<Batch[]> {
  let held: Batch[] = [];
  let objects = 0;
  let from = 0; // batches before it are not needed: dropping each from the front would cost as much as the rest
  for await (const batch of input) {
    held.push(batch);
    objects += batch.objects.length;
    for (let size = sizeAt(held, from); objects - size >= count && from < held.length; size = sizeAt(held, from)) {
      objects -= size;
      from++;
    }
    if (from * 2 > held.length) {
      held = held.slice(from);
      from = 0;
    }
  }
  const kept = held.slice(from);
  const [first] = kept;
  if (first !== undefined && objects > count) {
    kept[0] = { className: first.className, objects: first.objects.slice(objects - count) };
  }
  return kept;
}

function sizeAt(batches: readonly Batch[], index: number): number {
  return batches[index]?.objects.length ?? 0;
}
