import { type Token, tokenize } from '../../src/language';

/** A word as its pieces, quoted ones in «»; an operator as it is. */
function draw(token: Token): string {
  if (token.type === 'operator') return token.operator;
  return token.pieces.map(({ text, quoted }) => (quoted ? `«${text}»` : text)).join('');
}

test.each<[text: string, tokens: string[]]>([
  ['', []],
  [' \t\r\n', []],
  ['proc -a | filter -i foo cmd', ['proc', '-a', '|', 'filter', '-i', 'foo', 'cmd']],
  ['a|b<c>d>>e', ['a', '|', 'b', '<', 'c', '>', 'd', '>>', 'e']],
  ['a\tb\nc\r\nd', ['a', 'b', 'c', 'd']],
  [`''`, ['«»']],
  [`""`, ['«»']],
  [`a''b`, ['a«»b']],
  [`'a b'c"d e"`, ['«a b»c«d e»']],
  [`'a'"b"\\c`, ['«abc»']],
  [String.raw`'a\b'`, [String.raw`«a\b»`]],
  [String.raw`"a\.b"`, [String.raw`«a\.b»`]],
  [String.raw`"\"\\\$\`\n"`, ['«"\\$`\\n»']],
  [String.raw`a\ b\|c`, ['a« »b«|»c']],
  ['\\\u{1F600}', ['«\u{1F600}»']],
  ['a\\\nb "c\\\nd" \\\n e', ['ab', '«cd»', 'e']],
  ['a\\\r\nb', ['ab']],
  ['a #b | c', ['a']],
  ['a#b', ['a#b']],
  [`''#b`, ['«»#b']],
  ['a|#b\nc', ['a', '|', 'c']],
  ['a \\#b', ['a', '«#»b']],
  ['a?b `c` & ; $d', ['a?b', '`c`', '&', ';', '$d']],
  ['naïve\u00A0x', ['naïve\u00A0x']],
])('%j', (text, tokens) => {
  expect(tokenize(text).map(draw)).toEqual(tokens);
});

test('a token knows its place, quotes included', () => {
  const spans = tokenize(` 'a b'c >>"d"`).map(({ span }) => [span.start, span.length]);
  expect(spans).toEqual([
    [1, 6],
    [8, 2],
    [10, 3],
  ]);
});

test.each([
  [`ls 'a b`, "'", 3, 'a b'],
  [`ls x"a b`, '"', 4, 'xa b'],
  [`ls "a\\`, '"', 3, 'a\\'],
  ['ls a\\', '\\', 4, 'a'],
])('%j leaves the last word open', (text, quote, at, word) => {
  expect(tokenize(text).at(-1)).toMatchObject({ text: word, open: { quote, at } });
});

test.each<[text: string, start: number, length: number]>([
  ['a$HOME/b$c', 1, 5],
  ['"a$(b)"', 2, 2],
  ['"a`b`"', 2, 1],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's syntax
  ['${a}', 0, 2],
])('%j: a shell would expand something', (text, start, length) => {
  expect(tokenize(text)[0]).toMatchObject({ expansion: { start, length } });
});

test.each(["'$a'", '\\$a', '"\\$a"', 'a$', 'a$/', '$\\a', '"\\`"'])('%j: a shell would expand nothing', (text) => {
  expect(tokenize(text)[0]).not.toHaveProperty('expansion');
});
