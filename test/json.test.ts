import fc from 'fast-check';
import { parseJson, toJson } from '../src/json';

// 9007199254740993 used to become 9007199254740992, and 1e400 null.
test.each([
  ['9007199254740993', '9007199254740993'],
  ['-9007199254740993', '-9007199254740993'],
  ['9007199254740992', '9007199254740992'],
  ['9007199254740991', 9007199254740991],
  ['-9007199254740991', -9007199254740991],
  ['[1,{"id":12345678901234567890, "n":2}]', [1, { id: '12345678901234567890', n: 2 }]],
  [`1${'0'.repeat(400)}`, `1${'0'.repeat(400)}`],
  ['{"a9007199254740993":1,"a":"9007199254740993"}', { a9007199254740993: 1, a: '9007199254740993' }],
  [
    '["\\"9007199254740993", "\\\\", 9007199254740993, "\\\\\\"", 3]',
    ['"9007199254740993', '\\', '9007199254740993', '\\"', 3],
  ],
  ['[0.1234567890123456789, 1e20, 1.5E+300, 0.0001e311, 1e-999]', [0.12345678901234568, 1e20, 1.5e300, 1e307, 0]],
  ['"1e400"', '1e400'],
])('%s', (text, expected) => {
  expect(parseJson(text)).toEqual(expected);
});

test.each(['1e400', '-1e400', '[1, 2.5E+0400]', `1${'0'.repeat(400)}.5`])('%s is refused: it overflows', (text) => {
  expect(() => parseJson(text)).toThrow(/^the number -?[\d.eE+]+…? is too large/);
});

test.each(['', '{', '01234567890123456789', '[1,]', '"1e400', '1e400x'])('%j is no JSON', (text) => {
  expect(() => parseJson(text)).toThrow(SyntaxError);
});

// It used to be "Maximum call stack size exceeded".
test('what is nested too deeply is refused in words', () => {
  let deep: unknown = 1;
  for (let level = 0; level < 100_000; level += 1) deep = [deep];
  expect(() => toJson(deep)).toThrow(/nested too deeply/);
});

test('anything else is as JSON has it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) =>
      expect(parseJson(JSON.stringify(value))).toEqual(
        JSON.parse(JSON.stringify(value), (_, one) =>
          Number.isInteger(one) && Math.abs(one) > Number.MAX_SAFE_INTEGER && !String(one).includes('e')
            ? String(one)
            : one,
        ),
      ),
    ),
  );
  expect(toJson(undefined)).toBe('null');
});
