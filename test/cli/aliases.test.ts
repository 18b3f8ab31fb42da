import { createRegistry } from '../../src/builtins';
import { type Aliases, aliasesOf, checkAliasName, checkAliasTarget } from '../../src/cli/aliases';
import { commandBeingTyped, expandAliases } from '../../src/cli/expand-aliases';
import { prefixes } from '../../src/language';

const OWN = {
  ll: 'ls -l',
  ls: 'ls -a',
  big: 'proc -a | sort -r rss | head',
  e: 'vi',
  a: 'b 1',
  b: 'a 2',
  mine: 'term vi',
  'ä.1': 'proc',
  '😀': 'never a name, but found as written',
};
const aliases: Aliases = new Map([
  ...aliasesOf(undefined),
  ...Object.entries(OWN).map(([name, target]) => [name, { target, default: false }] as const),
]);
const expand = (text: string, onTerminal = false) => expandAliases(text, aliases, { onTerminal });

test.each([
  ['ll', 'ls -a -l'],
  ['ll /usr', 'ls -a -l /usr'],
  ['  ll\t/usr  # ll', '  ls -a -l\t/usr  # ll'],
  ['# ll\nll', '# ll\nls -a -l'],
  ['ls', 'ls -a'],
  ['big 3', 'proc -a | sort -r rss | head 3'],
  ['proc|ll|ll', 'proc|ls -a -l|ls -a -l'],
  ['| ll', '| ls -a -l'],
  ['|ll', '|ls -a -l'],
  ['< in ll > out', '< in ls -a -l > out'],
  ['ll>ll', 'ls -a -l>ll'],
  ['where rss > ll | ll', 'where rss > ll | ls -a -l'],
  ['a', 'a 2 1'],
  ['b', 'b 1 2'],
  ['ä.1', 'proc'],
  ['l\\\nl x', 'ls -a -l x'],
  // what is not the whole first word, or is quoted, means itself
  ["'ll'", "'ll'"],
  ['"ll" x', '"ll" x'],
  ['\\ll', '\\ll'],
  ["l'l'", "l'l'"],
  ['ll.', 'll.'],
  ['./ll', './ll'],
  ['sys ll', 'sys ll'],
  ['apply ll', 'apply ll'],
  ['proc "| ll"', 'proc "| ll"'],
  ['proc | filter ll', 'proc | filter ll'],
  // everything after a prefix is the interpreter's
  ['sh ll | ll', 'sh ll | ll'],
  ['|py ll | ll', '|py ll | ll'],
  // texts that do not parse stay for the parser
  ['', ''],
  ['|', '|'],
  ['proc || ll', 'proc || ls -a -l'],
  ["proc | 'll", "proc | 'll"],
  ['constructor', 'constructor'],
])('%j is expanded to %j', (text, expected) => {
  expect(expand(text)).toBe(expected);
  expect(expand(text, true)).toBe(expected);
});

test.each([
  ['vi', 'term vi'],
  ['vi a | cat', 'vi a | cat'],
  ['less < file', 'less < file'],
  ['man ls > page', 'man ls > page'],
  ['proc | less', 'proc | less'],
  ['| less', '| less'],
  ['e file', 'term vi file'],
  ['e file | less', 'vi file | less'],
  ['\\vi', '\\vi'],
])('what came with hotwire gives a program the terminal where there is one: %j becomes %j', (text, expected) => {
  expect(expand(text, true)).toBe(expected);
  expect(expand(text)).toBe(text.replace(/^e /, 'vi '));
});

test('a text that is too long stays for the parser', () => {
  const text = 'll '.repeat(1_000_000);
  expect(expand(text)).toBe(text);
});

test("a user's own alias for the terminal counts everywhere", () => {
  expect(expand('mine x')).toBe('term vi x');
});

test('aliases that grow without bound are told', () => {
  const growing: Aliases = new Map(
    [...Array(40).keys()].map((n) => [`a${n}`, { target: `a${n + 1} | a${n + 1}`, default: false }]),
  );
  expect(() => expandAliases('a0', growing, { onTerminal: false })).toThrow(/with the alias a\d+ the text is over/);
});

test('what came with hotwire hides no builtin, and runs one', () => {
  const registry = createRegistry();
  for (const [name, { target, default: isDefault }] of aliasesOf(undefined)) {
    expect([name, registry.get(name)]).toEqual([name, undefined]);
    expect([target, isDefault]).toEqual([`term ${name}`, true]);
  }
});

test.each(['ll', 'ä', 'हिन्दी', '..', 'c++', 'a-b', '@x', '7z'])('an alias may be called %j', (name) => {
  checkAliasName(name);
});

test.each([
  '',
  ' ',
  'a b',
  '-l',
  'a/b',
  './a',
  '~',
  "a'",
  '"a"',
  'a\\',
  'a|b',
  '<',
  'a>',
  '#a',
  '$a',
  'a;',
  '&',
  'a=b',
  '*',
  'a?',
  '[a]',
  'a\n',
  'a\0',
  '😀',
])('an alias may not be called %j', (name) => {
  expect(() => checkAliasName(name)).toThrow(expect.objectContaining({ kind: 'InvalidArgs' }));
});

test('names and texts have a longest length', () => {
  checkAliasName('x'.repeat(64));
  expect(() => checkAliasName('x'.repeat(65))).toThrow(/at most 64/);
  expect(() => checkAliasTarget('x', 'x'.repeat(4097))).toThrow(/over 4096/);
});

test.each(prefixes())('nor $prefix, and its text may not begin with it', ({ prefix }) => {
  expect(() => checkAliasName(prefix)).toThrow(/hands the rest of a line to that language/);
  expect(() => checkAliasTarget('x', `${prefix} 1`)).toThrow(/^alias x: in an alias, write: /);
});

test.each([
  'ls',
  'ls -l *.txt',
  "filter 'a b'",
  'proc | sort -r rss | head',
  'where rss < 5 or rss > 7',
  'cat < in',
  'a\nb',
  'ls #a\n',
])('an alias may stand for %j', (target) => {
  checkAliasTarget('x', target);
});

test.each([
  ['', /there is no command/],
  ['  ', /there is no command/],
  ['# x', /there is no command/],
  ['| sort', /begins with a bar/],
  ['proc |', /no command after the last bar/],
  ['proc || ls', /no command between/],
  ["ls 'a", /quote ' is not closed/],
  ['ls \\', /nothing follows the backslash/],
  ['ls # all', /a comment .* would swallow/],
  ['a && b', /&& does not separate/],
  ['ls >>', />> needs a file/],
  ['a\0', /NUL/],
])('an alias may not stand for %j', (target, message) => {
  expect(() => checkAliasTarget('x', target)).toThrow(expect.objectContaining({ kind: 'InvalidArgs' }));
  expect(() => checkAliasTarget('x', target)).toThrow(message);
});

test.each([
  ['', ''],
  ['l', 'l'],
  ['proc | l', 'l'],
  ['proc |', ''],
  ['| ', ''],
  ['ll ', undefined],
  ['ll x', undefined],
  ["'l", undefined],
  ['# l', undefined],
  ['proc > l', undefined],
  ['sh l', undefined],
])('at the end of %j the name of a command is typed: %j', (text, expected) => {
  expect(commandBeingTyped(text)).toBe(expected);
});
