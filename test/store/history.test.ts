import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { MAX_HISTORY_ENTRIES } from '../../src/limits';
import {
  beginEntry,
  clearHistory,
  deleteEntry,
  endEntry,
  forgetAlias,
  readAliases,
  readHistory,
  type Store,
  writeAlias,
} from '../../src/store';
import { freshStore } from './support';

const started = (command: string, time: number) => ({ command, time, cwd: '/home', domain: '' });
const all = (store: Store, text = '', count = 1000) => [...readHistory(store, { text, count })].flat();
const commands = (store: Store, text?: string, count?: number) => all(store, text, count).map(({ command }) => command);

function bytesOf(store: Store): string {
  const folder = path.dirname(store.file);
  return readdirSync(folder)
    .map((name) => readFileSync(path.join(folder, name), 'latin1'))
    .join('');
}

test('an entry has all that is known of a pipeline, at its start and at its end', async () => {
  const store = await freshStore();
  const id = beginEntry(store, { command: 'proc', time: 12.5, cwd: null, domain: 'ssh:web1' });
  const begun = { id, command: 'proc', time: 12.5, cwd: null, domain: 'ssh:web1', exit_status: null, duration: null };
  expect(all(store)).toEqual([begun]);
  endEntry(store, id, 12.5, { exit_status: 3, duration: 0.25 });
  expect(all(store)).toEqual([{ ...begun, exit_status: 3, duration: 0.25 }]);
});

test('equal texts in a row are one entry, with what is known of the newest', async () => {
  const store = await freshStore();
  const first = beginEntry(store, started('ls', 1));
  const second = beginEntry(store, { ...started('ls', 2), cwd: '/other' });
  expect(second).toBe(first);
  endEntry(store, first, 1, { exit_status: 9, duration: 9 }); // the first of them ends last
  expect(all(store)).toMatchObject([{ time: 2, cwd: '/other', exit_status: null }]);
  beginEntry(store, started('proc', 3));
  beginEntry(store, started('ls', 4));
  beginEntry(store, started('ls ', 5));
  expect(commands(store)).toEqual(['ls', 'proc', 'ls', 'ls ']);
});

test.each([
  ['', 10, ['proc -a | filter Foo', '100% _x', "it's 'é😀'\n;", 'ls']],
  ['', 2, ["it's 'é😀'\n;", 'ls']],
  ['', 0, []],
  ['fOO', 10, ['proc -a | filter Foo']],
  ['%', 10, ['100% _x']],
  ['_', 10, ['100% _x']],
  ["'é😀'\n", 10, ["it's 'é😀'\n;"]],
  ['%s%', 10, []],
  ["'; DROP TABLE history; --", 10, []],
])('looking for %j, at most %i: %j', async (text, count, expected) => {
  const store = await freshStore();
  ['proc -a | filter Foo', '100% _x', "it's 'é😀'\n;", 'ls'].forEach((command, at) => {
    beginEntry(store, started(command, at));
  });
  expect(commands(store, text, count)).toEqual(expected);
});

test('the newest come last, some at a time', async () => {
  const store = await freshStore();
  for (let at = 0; at < 600; at++) beginEntry(store, started(`n ${at}`, at));
  const sizes = [...readHistory(store, { count: 590 })].map((entries) => entries.length);
  expect(sizes).toEqual([250, 250, 90]);
  expect(commands(store, 'N', 590)).toEqual([...Array(590).keys()].map((at) => `n ${at + 10}`));
});

test('the oldest go', async () => {
  const store = await freshStore();
  store.execute(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${MAX_HISTORY_ENTRIES})
    INSERT INTO history (command, time, domain) SELECT 'n ' || i, i, '' FROM n`);
  beginEntry(store, started('a', 1));
  beginEntry(store, started('b', 1));
  const kept = commands(store, '', MAX_HISTORY_ENTRIES + 10);
  expect(kept.length).toBe(MAX_HISTORY_ENTRIES);
  expect([kept[0], kept.at(-2), kept.at(-1)]).toEqual(['n 3', 'a', 'b']);
});

test('what was deleted is gone from the files too, and its number does not come again', async () => {
  const store = await freshStore();
  const id = beginEntry(store, started('login hunter2', 1));
  beginEntry(store, started('ls', 2));
  expect(deleteEntry(store, id)).toBe(true);
  expect(deleteEntry(store, id)).toBe(false);
  expect(commands(store)).toEqual(['ls']);
  expect(bytesOf(store)).not.toContain('hunter2');
  beginEntry(store, started('swordfish', 3));
  clearHistory(store);
  expect(all(store)).toEqual([]);
  expect(bytesOf(store)).not.toContain('swordfish');
  expect(beginEntry(store, started('ls', 4))).toBe(4);
});

test('aliases', async () => {
  const store = await freshStore();
  writeAlias(store, 'll', 'ls');
  writeAlias(store, 'll', 'ls -l');
  writeAlias(store, 'vi', null);
  expect([...readAliases(store)]).toEqual([
    ['ll', 'ls -l'],
    ['vi', null],
  ]);
  forgetAlias(store, 'vi');
  expect([...readAliases(store).keys()]).toEqual(['ll']);
  for (let at = 1; at < 1000; at++) writeAlias(store, `a${at}`, 'ls');
  expect(() => writeAlias(store, 'more', 'ls')).toThrow(/1000 aliases: remove one/);
  expect(readAliases(store).size).toBe(1000);
});
