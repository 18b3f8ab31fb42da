import { argumentOf, assertText, rawPath, shownArgument, toRaw } from '../../src/engine';

const bytes = (text: string) => Buffer.from(text, 'latin1');

test.each([
  ['ASCII', bytes('a b.txt')],
  ['valid UTF-8', Buffer.from('ä\ufffd👋')],
  ['a byte that stands alone', bytes('a\xffb')],
  ['a character that was cut', bytes('a\xe2\x82')],
  ['an overlong slash', bytes('\xc0\xaf')],
  ['a surrogate in UTF-8', bytes('\xed\xb3\xbf')],
  ['beyond the last character', bytes('\xf4\x90\x80\x80')],
  ['bad bytes beside good characters', Buffer.concat([bytes('\xff'), Buffer.from('👋é'), bytes('\x80\xfe/x')])],
  ['every byte but NUL', Buffer.from(Array.from({ length: 255 }, (_, index) => index + 1))],
])('%s: no byte is lost', (_, name) => {
  const argument = argumentOf(toRaw(name));
  expect(Buffer.from(rawPath(argument))).toEqual(name);
  expect(Buffer.from(argument).toString() === argument).toBe(typeof toRaw(name) === 'string');
  expect(shownArgument(argument)).toBe(name.toString());
});

test('only bytes that can not be ASCII are escaped', () => {
  for (const text of ['\udc2f', '\udc00', '\ud83d\udc80', '\udd00']) expect(rawPath(text)).toBe(text);
});

test('who takes text alone refuses such a name, shown with its bytes', () => {
  expect(() => assertText('cat', ['ok', argumentOf(bytes('a\xffb'))])).toThrow(
    "cat: the name a\\xffb is not valid UTF-8 and can't be passed on",
  );
  expect(() => assertText('cat', ['ä', '👋'])).not.toThrow();
});
