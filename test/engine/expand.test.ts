import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expandArguments } from '../../src/engine/expand';
import type { ArgumentKind } from '../../src/language';

const HOME = '/home/someone';
const FILES = [
  'a.txt',
  'b.txt',
  'ünï.txt',
  'with space.txt',
  '-dash',
  '*star',
  '[x]',
  '(1)',
  '{a,b}',
  '.hidden',
  "qu'ote",
];

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'hotwire-expand-'));
  for (const name of FILES) writeFileSync(path.join(directory, name), '');
  for (const name of ['one', 'two']) {
    mkdirSync(path.join(directory, name));
    writeFileSync(path.join(directory, name, 'inner.txt'), '');
  }
});

afterAll(() => rmSync(directory, { recursive: true }));

/** Quoted pieces are written as `'…'` here. */
function expand(written: string, kind: ArgumentKind = 'path'): Promise<string[]> {
  const pieces = written
    .split(/('[^']*')/)
    .filter((text) => text !== '')
    .map((text) => (text.startsWith("'") ? { text: text.slice(1, -1), quoted: true } : { text, quoted: false }));
  const argument = { text: pieces.map((piece) => piece.text).join(''), kind, pieces, span: { start: 0, length: 0 } };
  return expandArguments([argument], { cwd: directory, home: HOME, signal: new AbortController().signal });
}

test.each([
  ['a star', '*.txt', ['a.txt', 'b.txt', 'with space.txt', 'ünï.txt']],
  ['a question mark', '?.txt', ['a.txt', 'b.txt']],
  ['a set', '[ab].txt', ['a.txt', 'b.txt']],
  ['a negated set', '[!a].txt', ['b.txt']],
  ['an escaped star', "'*'*", ['*star']],
  ['brackets of a name', "'['x*", ['[x]']],
  ['parentheses are no syntax', '(*', ['(1)']],
  ['braces are no syntax', '{*', ['{a,b}']],
  ['a dot file needs its dot', '.h*', ['.hidden']],
  ['no match stays as written', '*.none', ['*.none']],
  ['directories on the way', '*/inner.txt', ['one/inner.txt', 'two/inner.txt']],
  ['directories only', '*/', ['one/', 'two/']],
  ['a dot segment is kept', './a*', ['./a.txt']],
  ['a set with a bracket', '[]x[]*', ['[x]']],
  ['a class of characters', '[[:alpha:]].txt', ['a.txt', 'b.txt']],
  ['a bracket that is not closed', '[x', ['[x']],
  ['a set that makes no sense', '[z-a]*', ['[z-a]*']],
  ['an unreadable way', 'none/*', ['none/*']],
  ['non-ASCII', 'ü*', ['ünï.txt']],
  ['a quoted pattern', "'*.txt'", ['*.txt']],
  ['tilde', '~', [HOME]],
  ['tilde and more', '~/x', [`${HOME}/x`]],
  ['a quoted tilde', "'~/x'", ['~/x']],
  ['somebody else', '~other/x', ['~other/x']],
  ['a tilde before a quoted part', "~/'a b'", [`${HOME}/a b`]],
  ['a tilde glued to a quoted part', "~'x'", ['~x']],
])('%s', async (_, written, expected) => {
  expect((await expand(written)).sort()).toEqual([...expected].sort());
});

test('an absolute pattern', async () => {
  expect(await expand(`${directory}/a*`)).toEqual([`${directory}/a.txt`]);
});

test('only paths are expanded', async () => {
  expect(await expand('*.txt', 'regexp')).toEqual(['*.txt']);
  expect(await expand('~/x', 'string')).toEqual(['~/x']);
  expect(await expand('~/bin/*', 'program')).toEqual([`${HOME}/bin/*`]);
});

// It took minutes, and nothing else ran meanwhile.
test('a name that fits a pattern in very many ways is no trouble', async () => {
  writeFileSync(path.join(directory, 'a'.repeat(250)), '');
  expect(await expand('*a*a*a*a*a*a*b')).toEqual(['*a*a*a*a*a*a*b']);
});

test('many brackets that are not closed are no trouble, nor is a segment of a megabyte', async () => {
  const brackets = `${'['.repeat(4000)}*`;
  expect(await expand(brackets)).toEqual([brackets]);
  const stars = '*'.repeat(1_000_000);
  expect(await expand(stars)).toEqual([stars]);
});

test('a walk ends when it is not wanted any more', async () => {
  const abort = new AbortController();
  const pieces = [{ text: '/*/*/*/*/*/*', quoted: false }];
  const argument = { text: '/*/*/*/*/*/*', kind: 'path' as const, pieces, span: { start: 0, length: 0 } };
  const walking = expandArguments([argument], { cwd: '/', home: HOME, signal: abort.signal });
  abort.abort(new Error('enough'));
  await expect(walking).rejects.toThrow('enough');
});
