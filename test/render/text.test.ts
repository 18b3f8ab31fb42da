import { cut, cutPath, pad, safeJson, safeText, visible, widthOf, wrap } from '../../src/render/text';

const ESC = '\u001b';

test.each([
  ['plain', 5],
  ['', 0],
  ['漢字', 4],
  ['e\u0301', 1],
  ['👩‍👩‍👧', 2],
  ['ü', 1],
])('the width of %j is %i', (text, width) => {
  expect(widthOf(text)).toBe(width);
});

test.each([
  ['abcdef', 6, 'abcdef'],
  ['abcdef', 5, 'abcd…'],
  ['漢字漢字', 5, '漢字…'],
  ['漢字漢字', 4, '漢…'],
  ['e\u0301e\u0301e\u0301', 2, 'e\u0301…'],
  ['👩‍👩‍👧👩‍👩‍👧', 3, '👩‍👩‍👧…'],
  ['abc', 1, '…'],
])('%j cut to %i columns is %j', (text, width, expected) => {
  expect(cut(text, width)).toBe(expected);
  expect(widthOf(cut(text, width))).toBeLessThanOrEqual(width);
});

test.each([
  ['/usr/share/doc', 14, '/usr/share/doc'],
  ['/usr/share/doc', 13, '…/share/doc'],
  ['/usr/share/doc', 11, '…/share/doc'],
  ['/usr/share/doc', 10, '…/doc'],
  ['/usr/documents', 9, '…ocuments'],
  ['/usr/documents/', 9, '…cuments/'],
  ['/漢字/漢字', 8, '…/漢字'],
  ['/漢字漢字', 6, '…漢字'],
  ['/a', 1, '…'],
])('the path %j cut to %i columns is %j', (path, width, expected) => {
  expect(cutPath(path, width)).toBe(expected);
  expect(widthOf(cutPath(path, width))).toBeLessThanOrEqual(width);
});

test.each([
  ['one two three', 8, ['one two', 'three']],
  ['one two three', 13, ['one two three']],
  ['  kept  inside  of', 12, ['  kept', 'inside  of']],
  ['a verylongword b', 5, ['a', 'verylongword', 'b']],
  ['漢字 漢字', 8, ['漢字', '漢字']],
  ['', 8, []],
])('%j wrapped at %i is %j', (text, width, expected) => {
  expect(wrap(text, width)).toEqual(expected);
});

test('wide characters are padded by their width', () => {
  expect(pad('漢', 4, 'left')).toBe('漢  ');
  expect(pad('漢', 4, 'right')).toBe('  漢');
});

test.each([
  [`a${ESC}[31mb`, 'a␛[31mb'],
  ['a\nb\tc', 'a␊b␉c'],
  ['\u009b31m', '\\x9b31m'],
  ['\u007f', '␡'],
  ['ab\u202ecd', 'ab\\u202ecd'],
  ['漢字 ü', '漢字 ü'],
])('in a cell %j is shown as %j', (text, expected) => {
  expect(visible(text)).toBe(expected);
});

test.each([
  [`${ESC}[1;31mred`, `${ESC}[1;31mred${ESC}[0m`],
  [`${ESC}[31mred\n`, `${ESC}[31mred${ESC}[0m\n`],
  [`${ESC}]0;title\u0007`, '␛]0;title␇'],
  [`${ESC}[2J`, '␛[2J'],
  ['a\tb\nc', 'a\tb\nc'],
  ['dos\r\n', 'dos\r\n'],
  ['dos\r', 'dos\r'],
  ['over\rwrite', 'over␍write'],
  ['\u009b2J', '\\x9b2J'],
  ['ab\u202ecd', 'ab\\u202ecd'],
])('in a line %j is shown as %j', (text, expected) => {
  expect(safeText(text)).toBe(expected);
});

test('a carriage return passes where a program draws its progress', () => {
  expect(safeText('10%\r20%\r', true)).toBe('10%\r20%\r');
});

test('JSON for a terminal holds no control character and means the same', () => {
  const value = { name: 'a\u001b\u009b\u007f\u202e漢' };
  const text = safeJson(JSON.stringify(value));
  expect(text).not.toMatch(/[\p{Cc}\u202e]/u);
  expect(JSON.parse(text)).toEqual(value);
});
