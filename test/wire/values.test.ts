import { RUN_OPTIONS } from '../../src/contract';
import {
  boolean,
  dictionary,
  list,
  number,
  options,
  text,
  textDictionary,
  textList,
  Variant,
  wholeNumber,
} from '../../src/wire';

test.each<[read: (value: unknown, field: string) => unknown, good: unknown, bad: unknown[], kind: string]>([
  [text, 'x', [1, null, undefined, {}, ['x'], new Variant('s', 'x')], 'a text'],
  [boolean, false, [0, 'true', null], 'a boolean'],
  [number, 1.5, ['1', Number.NaN, Number.POSITIVE_INFINITY, 1n], 'a number'],
  [wholeNumber, -3, [1.5, '1', 2n ** 60n, 2 ** 53], 'a whole number'],
  [list, [1], ['x', {}, null], 'a list'],
  [textList, ['a'], [[1], 'x', {}], 'a'],
  [dictionary, { a: new Variant('i', 1) }, [{ a: 1 }, [], 'x', null, new Variant('s', 'x'), Buffer.alloc(0)], 'a'],
  [textDictionary, { a: 'b' }, [{ a: 1 }, ['x'], null], 'a'],
])('%p', (read, good, bad, kind) => {
  expect(read(good, 'the field')).toEqual(good);
  for (const value of bad) {
    expect(() => read(value, 'the field')).toThrow(expect.objectContaining({ kind: 'InvalidArgs' }));
    expect(() => read(value, 'the field')).toThrow(/^the field/);
    expect(() => read(value, 'the field')).toThrow(kind);
  }
});

test('long whole numbers are read as numbers', () => {
  expect(wholeNumber(2n ** 53n - 1n, 'n')).toBe(2 ** 53 - 1);
});

test('options are read by their table', () => {
  const given = {
    cwd: new Variant('s', '/'),
    input: new Variant('b', true),
    window: new Variant('u', 5),
    timeout: new Variant('d', 1.5),
    env: new Variant('a{ss}', { A: 'b' }),
    'max-bytes': new Variant('t', 9n),
  };
  const read = options(given, RUN_OPTIONS);
  const window: number | undefined = read.window;
  expect(window).toBe(5);
  expect(read).toEqual({ cwd: '/', input: true, window: 5, timeout: 1.5, env: { A: 'b' }, 'max-bytes': 9 });
  expect(options({}, RUN_OPTIONS)).toEqual({});
});

test.each<[given: unknown, why: string]>([
  [{ colour: new Variant('s', 'red') }, "no option 'colour'; there are: cwd, env"],
  [{ constructor: new Variant('s', 'x') }, "no option 'constructor'"],
  [{ window: new Variant('i', 5) }, "'window' must be of the D-Bus type 'u', not 'i'"],
  [{ 'max-bytes': new Variant('t', 2n ** 63n) }, "the option 'max-bytes' must be a whole number"],
  [{ timeout: new Variant('d', Number.NaN) }, "the option 'timeout' must be a number"],
  [{ cwd: '/' }, "options['cwd'] must be a variant"],
  [[], 'options must be a dictionary'],
])('%j are refused', (given, why) => {
  expect(() => options(given, RUN_OPTIONS)).toThrow(expect.objectContaining({ kind: 'InvalidArgs' }));
  expect(() => options(given, RUN_OPTIONS)).toThrow(why);
});
