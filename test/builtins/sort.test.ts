import { compareValues } from '../../src/builtins/lib/compare';
import { sortInSlices } from '../../src/builtins/lib/sort';
import { closeContexts, contextWith, run, valuesOf } from './support';

afterAll(closeContexts);

test('values of several types have one order', () => {
  const ordered = [null, false, true, -1, 2, 10, '', '10', '2', 'B', 'a', [1], { a: 1 }];
  expect([...ordered].reverse().sort(compareValues)).toEqual(ordered);
});

test.each([
  ['sort', ['b', 'a', 'c'], ['a', 'b', 'c']],
  ['sort -r', [9, 10, 1], [10, 9, 1]],
  ['sort', [2, 'a', null, true], [null, true, 2, 'a']],
  ['sort', [], []],
])('%s of %j', async (text, input, expected) => {
  expect(await valuesOf(text, contextWith(), input)).toEqual(expected);
});

const rows = [
  { id: 1, a: 2, b: 'x' },
  { id: 2, a: 1, b: 'x' },
  { id: 3, a: 2, b: 'a' },
  { id: 4, a: 1, b: 'x' },
];

test.each([
  ['sort a', [2, 4, 1, 3]],
  ['sort a b', [2, 4, 3, 1]],
  ['sort -r a', [1, 3, 2, 4]],
])('%s is stable', async (text, ids) => {
  expect((await valuesOf(text, contextWith(), rows)).map((row) => (row as { id: number }).id)).toEqual(ids);
});

test.each([
  ['sort zz', /no property zz/],
  ['sort', /name a property of object to sort by: id, a, b/],
])('%s fails', async (text, message) => {
  expect((await run(text, contextWith(), rows)).error).toMatchObject({
    kind: 'InvalidArgs',
    message: expect.stringMatching(message),
  });
});

describe('sorting in slices', () => {
  const { signal } = new AbortController();

  test('is stable across slices', async () => {
    const items = Array.from({ length: 70_000 }, (_, index) => ({ key: (index * 7919) % 100, index }));
    const expected = [...items].sort((a, b) => a.key - b.key || a.index - b.index);
    expect(await sortInSlices(items, (a, b) => a.key - b.key, signal)).toEqual(expected);
  });

  test('lets others have their turn', async () => {
    let turns = 0;
    const count = () => {
      turns++;
      pending = setImmediate(count);
    };
    let pending = setImmediate(count);
    await sortInSlices(
      Array.from({ length: 100_000 }, (_, index) => -index),
      (a, b) => a - b,
      signal,
    );
    clearImmediate(pending);
    expect(turns).toBeGreaterThan(10);
  });

  test('stops when it is aborted', async () => {
    const reason = new Error('enough');
    await expect(sortInSlices([2, 1], (a, b) => a - b, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
