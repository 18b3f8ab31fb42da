// select, group, count, uniq, sum, measure, first, last.
import { group } from '../../src/builtins/group';
import { last } from '../../src/builtins/last';
import type { Stage } from '../../src/engine';
import { closeContexts, contextWith, failureOf, run, valuesOf } from './support';

afterAll(closeContexts);

const rows = [
  { id: 1, kind: 'a', size: 2 },
  { id: 2, kind: 'b', size: null },
  { id: 3, kind: 'a', size: '4' },
];

test.each([
  ['select kind id', rows.slice(0, 1), [{ kind: 'a', id: 1 }]],
  ['select n=id', rows.slice(0, 1), [{ n: 1 }]],
  ['select __proto__=id', rows.slice(0, 1), [JSON.parse('{"__proto__": 1}')]],
  ['count', [], [0]],
  ['count', ['a', 1, null], [3]],
  ['uniq', ['a', 1, 'a', '1', 1], ['a', 1, '1']],
  [
    'uniq',
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, { a: [1, 2] }, { a: [2, 1] }],
    [{ a: 1, b: 2 }, { a: [1, 2] }, { a: [2, 1] }],
  ],
  ['uniq kind', rows, rows.slice(0, 2)],
  ['sum size', rows, [6]],
  ['sum', [1, '2', null], [3]],
  ['sum', [], [0]],
  [
    'measure size id',
    rows,
    [
      { property: 'size', count: 2, sum: 6, min: 2, max: 4, mean: 3 },
      { property: 'id', count: 3, sum: 6, min: 1, max: 3, mean: 2 },
    ],
  ],
  ['measure', [], [{ property: null, count: 0, sum: 0, min: null, max: null, mean: null }]],
  [
    'group kind | select key count',
    rows,
    [
      { key: 'a', count: 2 },
      { key: 'b', count: 1 },
    ],
  ],
  ['group -o kind | prop objects', rows, [[rows[0], rows[2]], [rows[1]]]],
  ['group -o kind | prop class_name', rows, ['object', 'object']],
  ['group __proto__', [JSON.parse('{"__proto__": 1}')], [{ key: 1, count: 1, objects: null, class_name: null }]],
  ['first', [1, 2], [1]],
  ['first 2', [1, 'b', 3], [1, 'b']],
  ['first -2', [1, 2, 3], [1, 2]],
  ['first 0', [1], []],
  ['last', [1, 'b'], ['b']],
  ['last 2', [1, 'b', 3], ['b', 3]],
  ['last -n 9', [1, 2], [1, 2]],
  ['last 0', [1], []],
  ['last', [], []],
])('%s of %j', async (text, input, expected) => {
  expect(await valuesOf(text, contextWith(), input)).toEqual(expected);
});

test.each([
  ['select idd', rows, /no property idd; it has id, kind, size; did you mean id\?/],
  ['select id id', rows, /id is named twice/],
  ['select =id', rows, /write new=old/],
  ['sum', rows, /name a property of object that is a number: id, kind, size/],
  ['sum kind', rows, /sum: kind is "a", which is no number/],
  ['measure', [true], /a value is true/],
  ['first x', [1], /x is no count/],
  ['last -n x', [1], /x is no count/],
])('%s of %j fails', async (text, input, message) => {
  expect(await failureOf(text, contextWith(), input)).toMatchObject({
    kind: expect.stringMatching(/^(?:Parse|InvalidArgs)$/),
    message: expect.stringMatching(message),
  });
});

test('last refuses to hold more than it may', async () => {
  expect((await run('last 1000001', contextWith(), [1])).error).toMatchObject({ kind: 'LimitExceeded' });
});

test('last holds little more than it needs, whatever the sizes of the batches', async () => {
  async function* producer() {
    for (let next = 0; next < 1000; next++) {
      yield { className: 'number', objects: Array.from({ length: 1 + (next % 3) }, (_, index) => next * 10 + index) };
    }
  }
  const stage = { args: ['4'], options: new Map(), input: producer() } as unknown as Stage;
  const output = [];
  for await (const batch of last.run?.(stage) ?? []) output.push(...batch.objects);
  expect(output).toEqual([9971, 9980, 9981, 9982, 9990].slice(-4));
});

test('group -o tells the class of the objects where all have the same', async () => {
  const input = async function* () {
    yield { className: 'a.One', objects: [{ k: 1 }, { k: 2 }] };
    yield { className: 'a.Two', objects: [{ k: 2 }] };
    yield { className: 'a.One', objects: [{ k: 1 }, { k: 2 }] };
  };
  const stage = { args: ['k'], options: new Map([['objects', true]]), input: input() } as unknown as Stage;
  const found: unknown[] = [];
  for await (const { objects } of group.run?.(stage) ?? []) found.push(...objects);
  expect(found).toMatchObject([
    { key: 1, count: 2, class_name: 'a.One' },
    { key: 2, count: 3, class_name: null },
  ]);
});

test('iter of groups yields their objects, of their class where all have the same', async () => {
  const context = contextWith({ a: '', b: '', 'd/c': '' });
  const { batches } = await run('ls | group -o is_directory | iter', context);
  expect(batches.map(({ className, objects }) => [className, objects.length])).toEqual([
    ['hotwire.sysdep.fs.File', 2],
    ['hotwire.sysdep.fs.File', 1],
  ]);
  expect(await valuesOf('ls | group is_directory | iter | prop key | uniq', context)).toEqual([
    'key',
    'count',
    'objects',
    'class_name',
  ]);
});
