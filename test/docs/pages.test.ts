// The pages of docs/ that are made from code are up to date, and links lead somewhere.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { LINKS } from '../../scripts/docs/links';
import { anchor, block, code, prose, table } from '../../scripts/docs/markdown';
import { pages } from '../../scripts/docs/pages';
import { readLink } from '../../src/link';
import { ROOT } from '../support/slave';

const DOCS = path.join(ROOT, 'docs');
const written = readdirSync(DOCS).filter((name) => name.endsWith('.md'));
const made = ['builtins.md', 'classes.md', 'dbus.md', 'examples.md'];

let current: ReadonlyMap<string, string>;
beforeAll(async () => {
  current = await pages(ROOT);
});

test('these pages are made', () => expect([...current.keys()]).toEqual(made));

test.each(made)('%s is what the code says', (name) => {
  const file = path.join(DOCS, name);
  const isCurrent = existsSync(file) && readFileSync(file, 'utf8') === current.get(name);
  expect(isCurrent ? '' : `docs/${name} differs from what the code says: npm run docs`).toBe('');
});

test('every page is in the index', () => {
  const index = linksOf(path.join(DOCS, 'README.md')).map((target) => target.split('#')[0]);
  expect(written.filter((name) => name !== 'README.md' && !index.includes(name))).toEqual([]);
});

test('README.md leads to every page', () => {
  const targets = linksOf(path.join(ROOT, 'README.md'));
  expect(written.filter((name) => !targets.includes(`docs/${name}`))).toEqual([]);
});

test.each(['README.md', ...written.map((name) => `docs/${name}`)])('links of %s lead somewhere', (name) => {
  const file = path.join(ROOT, name);
  expect(linksOf(file).filter((target) => !leadsSomewhere(file, target))).toEqual([]);
});

test('links to do something are as a display reads them', () => {
  for (const { example } of Object.values(LINKS)) expect(readLink(example)).toEqual(example);
});

test.each([
  [code('a'), '`a`'],
  [code('a`b'), '`` a`b ``'],
  [prose('a_b <c> *d*'), 'a\\_b \\<c\\> \\*d\\*'],
  [block('a\n'), '```text\na\n```'],
  [block('```\n'), '````text\n```\n````'],
  [table(['A'], []), ''],
  [table(['A', ''], [['a|b', 'c']]), '| A |  |\n| --- | --- |\n| a\\|b | c |'],
  [anchor('hotwire.sysdep.fs.File'), 'hotwiresysdepfsfile'],
  [anchor('What is kept where'), 'what-is-kept-where'],
])('%j', (text, expected) => expect(text).toBe(expected));

/** Targets within the repository. What stands in code is no link. */
function linksOf(file: string): string[] {
  const text = withoutCode(readFileSync(file, 'utf8'));
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

function leadsSomewhere(from: string, target: string): boolean {
  const [name = '', place] = target.split('#');
  const file = name === '' ? from : path.resolve(path.dirname(from), name);
  if (!existsSync(file)) return false;
  if (place === undefined || statSync(file).isDirectory()) return place === undefined;
  const headings = withoutBlocks(readFileSync(file, 'utf8')).matchAll(/^#+ (.*)$/gm);
  return [...headings].some(([, heading = '']) => anchor(heading) === place);
}

function withoutBlocks(text: string): string {
  return text.replace(/^(`{3,}).*\n[\s\S]*?\n\1$/gm, '');
}

function withoutCode(text: string): string {
  // Code that is the whole text of a link stays: `[`a`](#a)`.
  return withoutBlocks(text).replace(/(?<!\[)`[^`\n]+`(?!\])/g, '');
}
