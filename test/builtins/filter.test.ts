import { closeContexts, contextWith, failureOf, run, valuesOf } from './support';

afterAll(closeContexts);

const people = [
  { name: 'Ada', age: 36, tags: ['x'], boss: null },
  { name: 'bob', age: 7, tags: [], boss: 'Ada' },
];

test.each([
  ['filter a name', ['Ada']],
  ['filter -i ^B name', ['bob']],
  ['filter -v a name', ['bob']],
  ['filter 6 age', ['Ada']],
  ['filter Ada boss', ['bob']],
  ['filter -v Ada boss', ['Ada']],
  ['filter -s x tags', ['Ada']],
  ['filter -s null boss', ['Ada']],
  ['filter -s null nothing', ['Ada', 'bob']],
  ['filter -s \'"age":7\'', ['bob']],
  ['filter -s zzz', []],
])('%s', async (text, names) => {
  const values = await valuesOf(text, contextWith(), people);
  expect(values.map((person) => (person as { name: string }).name)).toEqual(names);
});

test.each([
  ['filter (a name', 'Parse', /\(a/],
  ["filter 'a(?=b)' name", 'Parse', /lookahead.*linear time/],
  ["filter '(a)\\1' name", 'Parse', /backreferences.*linear time/],
  ['filter a nmae', 'InvalidArgs', /no property nmae; it has name, age, tags, boss/],
  ['filter a tags', 'InvalidArgs', /use -s/],
  ['filter a', 'InvalidArgs', /class object is no text.*name, age.*use -s/],
])('%s fails with %s', async (text, kind, message) => {
  expect(await failureOf(text, contextWith(), people)).toMatchObject({ kind, message: expect.stringMatching(message) });
});

test.each([
  ['filter -s ^2$ a.b', 1],
  ['filter -s null a.c', 2],
  ['filter -s null none.b', 2],
])('%s looks at properties of properties', async (text, count) => {
  expect(await valuesOf(text, contextWith(), [{ a: { b: 1 } }, { a: { b: 2 } }])).toHaveLength(count);
});

test('objects keep their class', async () => {
  const { batches } = await run(`proc | filter ^${process.pid}$ pid`);
  expect(batches).toMatchObject([{ className: 'hotwire.sysdep.proc.Process', objects: [{ pid: process.pid }] }]);
});

test('a property that a class declares and an object lacks is null', async () => {
  const files = contextWith({ 'a.txt': '' });
  expect(await valuesOf('ls | filter x path_bytes', files)).toEqual([]);
});

test('a pattern that would take exponential time elsewhere does not here', async () => {
  const { state } = await run("filter '(a+)+$'", contextWith(), [`${'a'.repeat(50_000)}b`]);
  expect(state).toBe('complete');
});
