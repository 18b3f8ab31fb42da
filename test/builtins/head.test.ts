import { head } from '../../src/builtins/head';
import type { Stage } from '../../src/engine';
import { closeContexts, contextWith, failureOf, valuesOf } from './support';

afterAll(closeContexts);

const files = { 'a.txt': 'a1\na2\na3\n', 'b.txt': 'b1\n', 3: 'three\n' };

test.each([
  ['head 2', [1, 2, 3], [1, 2]],
  ['head -2', [1, 2, 3], [1, 2]],
  ['head -n 2', [1, 2, 3], [1, 2]],
  ['head --count=2', [1, 2, 3], [1, 2]],
  ['head 0', [1, 2, 3], []],
  ['head 5', [1, 2, 3], [1, 2, 3]],
  ['head', Array.from({ length: 12 }, (_, index) => index), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
  ['head 2 a.txt b.txt', undefined, ['a1', 'a2', 'b1']],
  ['head -1 3', undefined, ['three']],
  ['head ./3', undefined, ['three']],
])('%s', async (text, input, expected) => {
  expect(await valuesOf(text, contextWith(files), input)).toEqual(expected);
});

test.each([
  ['head -n x', /x is no count/],
  ['head', /name a file/],
  ['head missing.txt', /missing\.txt: no such file/],
])('%s fails', async (text, message) => {
  expect((await failureOf(text, contextWith()))?.message).toMatch(message);
});

test('it stops its producer, and asks for no more than it needs', async () => {
  const asked: number[] = [];
  let stopped = false;
  async function* producer() {
    try {
      for (let next = 0; ; next += 2) {
        asked.push(next);
        yield { className: 'number', objects: [next, next + 1] };
      }
    } finally {
      stopped = true;
    }
  }
  const stage = { args: ['3'], options: new Map(), input: producer(), hasInput: true, cwd: '/' } as unknown as Stage;
  const output = [];
  for await (const batch of head.run?.(stage) ?? []) output.push(...batch.objects);
  expect(output).toEqual([0, 1, 2]);
  expect(asked).toEqual([0, 2]);
  expect(stopped).toBe(true);
});
