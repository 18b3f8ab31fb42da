// The small ones: prop, iter, json, stringify, newline, current, setenv, help, schema.
import { BUILTINS } from '../../src/builtins';
import { closeContexts, contextWith, failureOf, run, valuesOf } from './support';

afterAll(closeContexts);

test.each([
  ['prop a', [{ a: 1 }, { a: null }], [1, null]],
  ['prop -t a', [{ a: 1 }], [[{ a: 1 }, 1]]],
  ['iter', [[1, [2]], { k: 'v' }], [1, [2], { key: 'k', value: 'v' }]],
  ['json', ['a', null, { b: [1] }], ['"a"', 'null', '{"b":[1]}']],
  ['stringify', ['a', null, { b: [1] }], ['a', 'null', '{"b":[1]}']],
  ['newline', ['a', 1], ['a\n', '1\n']],
])('%s', async (text, input, expected) => {
  expect(await valuesOf(text, contextWith(), input)).toEqual(expected);
});

test.each([
  ['prop a', [{ b: 1 }], /^prop: object has no property a; it has b$/],
  ['prop length', ['text'], /class string has no properties/],
  ['prop toString', [{ b: 1 }], /no property toString/],
  ['iter', ['text'], /class string has no members/],
])('%s of %j fails', async (text, input, message) => {
  expect((await run(text, contextWith(), input)).error).toMatchObject({
    kind: 'InvalidArgs',
    message: expect.stringMatching(message),
  });
});

test('iter yields a long list in parts, each of one class', async () => {
  const list = [...Array.from({ length: 300 }, (_, index) => index), 'end'];
  const { batches } = await run('iter', contextWith(), [list]);
  expect(batches.map(({ className, objects }) => [className, objects.length])).toEqual([
    ['number', 256],
    ['number', 44],
    ['string', 1],
  ]);
});

test('current without any output says so', async () => {
  expect((await run('current')).error).toMatchObject({ kind: 'InvalidState' });
});

describe('setenv', () => {
  test('sets, removes and is undone', async () => {
    const context = contextWith();
    context.setEnvironment({ OLD: 'old' });
    const { pipeline } = await run('setenv NEW=a=b OLD=', context);
    expect(context.environment).toMatchObject({ NEW: 'a=b' });
    expect(context.environment).not.toHaveProperty('OLD');
    await pipeline.undo();
    expect(context.environment).toMatchObject({ OLD: 'old' });
    expect(context.environment).not.toHaveProperty('NEW');
  });

  test.each(['setenv NAME', 'setenv =x'])('%s fails', async (text) => {
    expect((await run(text)).error).toMatchObject({
      kind: 'InvalidArgs',
      message: expect.stringContaining('NAME=VALUE'),
    });
  });
});

describe('help', () => {
  test('describes every builtin', async () => {
    const items = await valuesOf('help');
    expect(items).toHaveLength(BUILTINS.length);
    expect(items).toContainEqual(
      expect.objectContaining({ name: 'ls', aliases: ['dir'], usage: 'ls [-l] [-a] [-i] [PATH...]' }),
    );
  });

  test('finds one by its alias', async () => {
    expect(await valuesOf('help cur')).toMatchObject([{ name: 'current', input: null, output: 'any' }]);
  });

  test('names what it does not know', async () => {
    expect((await run('help nonsense')).error).toMatchObject({
      kind: 'InvalidArgs',
      message: expect.stringContaining('nonsense'),
    });
  });
});

describe('schema', () => {
  test.each(['schema File', 'schema hotwire.sysdep.fs.File'])('%s', async (text) => {
    expect(await valuesOf(text)).toMatchObject([
      { name: 'hotwire.sysdep.fs.File', parent: 'object', actions: expect.any(Array), properties: expect.any(Array) },
    ]);
  });

  test('names what it does not know', async () => {
    expect((await failureOf('schema Fiel'))?.message).toMatch(/no class Fiel; known are string,/);
  });
});
