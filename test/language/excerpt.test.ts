import stringWidth from 'string-width';
import { excerpt, shown } from '../../src/language/excerpt';

/** `«` and `»` mark the place; they are no part of the text. */
function draw(marked: string): string[] {
  const start = marked.indexOf('«');
  const length = marked.indexOf('»') - start - 1;
  return excerpt(marked.replace(/[«»]/g, ''), { start, length }).split('\n');
}

test.each<[name: string, marked: string, line: string, carets: string]>([
  ['plain', 'ab «cd» e', 'ab cd e', '   ^^'],
  ['an empty place', 'ab«»', 'ab', '  ^'],
  ['an empty text', '«»', '', '^'],
  ['wide characters', '日本 «語x»', '日本 語x', '     ^^^'],
  ['combining characters', 'e\u0301e\u0301 «e\u0301»', 'e\u0301e\u0301 e\u0301', '   ^'],
  ['emoji', '👩‍👩‍👧 «x»', '👩‍👩‍👧 x', '   ^'],
  ['a tab', 'a\t«b\tc»', 'a b c', '  ^^^'],
  ['control characters', '\u001b«\u0007\u009b»', '␛␇\ufffd', ' ^^'],
  ['a lone surrogate', '\ud800«x»', '\ufffdx', ' ^'],
  ['a direction override', '\u202e«x»', '\ufffdx', ' ^'],
  ['a later line', 'a\nb «c»\nd', 'b c', '  ^'],
  ['a place over several lines', 'a «b\nc»', 'a b', '  ^'],
  ['a place at a line end', 'a«\n»b', 'a', ' ^'],
  ['a line end first', '«\n»b', '', '^'],
  ['after the last line end', 'a\n«»', '', '^'],
])('%s', (_, marked, line, carets) => {
  expect(draw(marked)).toEqual([line, carets]);
});

test('a long line is cut around the place', () => {
  const text = `${'a'.repeat(5000)}XYZ${'b'.repeat(5000)}`;
  const [line = '', carets = ''] = excerpt(text, { start: 5000, length: 3 }).split('\n');
  expect(line).toMatch(/^…a+XYZb+…$/);
  expect(stringWidth(line)).toBeLessThan(210);
  expect(carets).toBe(`${' '.repeat(line.indexOf('X'))}^^^`);
});

test('a long place is cut too', () => {
  const [line = '', carets = ''] = excerpt('a'.repeat(5000), { start: 0, length: 5000 }).split('\n');
  expect(line).toBe(`${carets.replaceAll('^', 'a')}…`);
});

test('a word in a message stays on one line and is cut', () => {
  expect(shown('a\nb')).toBe("'a␊b'");
  expect(shown('x'.repeat(1000))).toBe(`'${'x'.repeat(60)}…'`);
});
