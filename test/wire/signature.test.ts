import { parseSignature, parseSingleType } from '../../src/wire/signature';

const deep = (open: string, count: number, inner: string, close = '') =>
  open.repeat(count) + inner + close.repeat(count);

test.each([
  '',
  's',
  'isas',
  'a{sv}',
  'a(sas)',
  '(i(ss)av)',
  'a{s(ii)}',
  'a{oa{sv}}',
  'h',
  deep('a', 32, 'y'),
  deep('(', 32, 'y', ')'),
  deep('a', 32, deep('(', 32, 'y', ')')),
  's'.repeat(255),
])('%s is a signature', (signature) => {
  expect(
    parseSignature(signature)
      .map((type) => type.signature)
      .join(''),
  ).toBe(signature);
});

test.each([
  ['a', 'ends too early'],
  ['(i', 'ends too early'],
  ['a{s', 'ends too early'],
  ['()', 'empty struct'],
  ['a()', 'empty struct'],
  [')', "unknown type ')'"],
  ['z', "unknown type 'z'"],
  ['r', "unknown type 'r'"],
  ['*', "unknown type '*'"],
  ['constructor', "unknown type 'c'"],
  ['{sv}', 'outside of an array'],
  ['(s{sv})', 'outside of an array'],
  ['a{vs}', 'no basic type'],
  ['a{(i)s}', 'no basic type'],
  ['a{s}', "unknown type '}'"],
  ['a{}', "unknown type '}'"],
  ['a{sss}', 'other than two'],
  [deep('a', 33, 'y'), 'deeper than 32'],
  [deep('(', 33, 'y', ')'), 'deeper than 32'],
  [`${deep('(', 32, 'a{sv}', ')')}`, 'deeper than 32'],
  ['s'.repeat(256), 'longer than 255'],
  ['(('.repeat(100_000), 'longer than 255'],
])('%.40s is none', (signature, why) => {
  expect(() => parseSignature(signature)).toThrow(expect.objectContaining({ kind: 'InvalidArgs' }));
  expect(() => parseSignature(signature)).toThrow(why);
});

test('a variant holds exactly one type', () => {
  expect(parseSingleType('a{sv}').code).toBe('a');
  for (const signature of ['', 'ss']) expect(() => parseSingleType(signature)).toThrow('not one complete');
});
