import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { type Context, prepare } from '../../src/engine';
import { onCleanup } from '../support/cleanup';
import { closeContexts, contextWith, registry, run } from './support';

afterAll(closeContexts);

const at = (context: Context, name: string) => path.join(context.cwd, name);
const read = (context: Context, name: string) => readFileSync(at(context, name), 'utf8');
const list = (context: Context, name = '.') => readdirSync(at(context, name)).sort();
const inTrash = (context: Context) => readdirSync(path.join(context.environment.XDG_DATA_HOME ?? '', 'Trash', 'files'));

const SHM = '/dev/shm';
const onShm = existsSync(SHM) && statSync(SHM).dev !== statSync('/tmp').dev ? test : test.skip;

function shmFolder(): string {
  const folder = mkdtempSync(path.join(SHM, 'hotwire-test-'));
  onCleanup(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs until `text` reports a status that matches, then cancels. */
async function cancelAt(text: string, context: Context, matches: (status: [string, number]) => boolean) {
  const pipeline = prepare(text, context, registry);
  const statuses: [string, number][] = [];
  const state = await pipeline.run({
    state: () => undefined,
    objects: async () => undefined,
    metadata: async (_command, _key, value) => {
      statuses.push(value as [string, number]);
      if (matches(value as [string, number])) void pipeline.cancel();
    },
    aborted: () => undefined,
    exception: () => undefined,
  });
  return { state, statuses };
}

describe('cp', () => {
  test('keeps content, mode, time and links', async () => {
    const context = contextWith({ 'd/run.sh': 'x', 'd/sub/a': 'a' });
    chmodSync(at(context, 'd/run.sh'), 0o4751);
    utimesSync(at(context, 'd/run.sh'), 1e9, 1e9 + 0.25);
    utimesSync(at(context, 'd/sub'), 1e9, 1e9);
    chmodSync(at(context, 'd/sub'), 0o555);
    symlinkSync('../nowhere', at(context, 'd/link'));
    expect((await run('cp d e', context)).error).toBeUndefined();
    const copy = lstatSync(at(context, 'e/run.sh'));
    expect([copy.mode & 0o7777, copy.mtimeMs]).toEqual([0o751, 1e12 + 250]); // not the bit to run as another
    expect(lstatSync(at(context, 'e/sub'))).toMatchObject({ mtimeMs: 1e12, mode: 0o40555 });
    for (const name of ['d/sub', 'e/sub']) chmodSync(at(context, name), 0o755); // so that it can be cleaned up
    expect(read(context, 'e/sub/a')).toBe('a');
    expect(readlinkSync(at(context, 'e/link'))).toBe('../nowhere');
  });

  test('what it replaces goes to the trash, and undo brings it back', async () => {
    const context = contextWith({ a: 'new', b: 'new b', 'd/a': 'old', 'd/c': 'other' });
    const { pipeline, error } = await run('cp a b d', context);
    expect(error).toBeUndefined();
    expect([read(context, 'd/a'), read(context, 'd/b'), inTrash(context)]).toEqual(['new', 'new b', ['a']]);
    await pipeline.undo();
    expect([read(context, 'd/a'), list(context, 'd'), inTrash(context)]).toEqual(['old', ['a', 'c'], []]);
    expect(read(context, 'a')).toBe('new');
  });

  test.each<[what: string, change: (context: Context) => void]>([
    ['a changed file', (context) => writeFileSync(at(context, 'e/a'), 'newer')],
    ['a new file', (context) => writeFileSync(at(context, 'e/more'), '')],
    ['a changed mode', (context) => chmodSync(at(context, 'e/a'), 0o700)],
    ['one less', (context) => rmSync(at(context, 'e/a'))],
  ])('undo keeps a copy with %s', async (_, change) => {
    const context = contextWith({ 'd/a': 'a', 'd/b': 'b' });
    const { pipeline } = await run('cp d e', context);
    change(context);
    const before = list(context, 'e');
    await expect(pipeline.undo()).rejects.toThrow(`undo of cp: ${at(context, 'e')}: has changed since it was copied`);
    expect([list(context, 'e'), pipeline.state]).toEqual([before, 'complete']);
  });

  test.each([
    ['cp a a', /a: and .*\/a are the same file/],
    ['cp a link', /are the same file/],
    ['cp a ./d/../a', /are the same file/],
    ['cp d d/sub', /d: is a directory and would go into itself/],
    ['cp d d', /d: is a directory and would go into itself/],
    ['cp d inside', /would go into itself/],
    ['cp a d2', /can't replace the directory .*d2\/a/],
    ['cp d/x dd/x d2', /^cp: dd\/x: would replace another one in d2$/],
    ['cp a dd/x d', undefined],
    ['cp missing b', /^cp: missing: no such file/],
    ['cp a missing/b', /missing: no such file/],
    ['cp a dd b', /^cp: b: is not a directory to put files into: mkdir/],
    ['cp a new/', /is not a directory to put files into/],
    ['cp fifo b', /fifo: is a named pipe/],
    ['cp /dev/null b', /\/dev\/null: is a device/],
    ['cp tree b', /tree\/fifo: is a named pipe/],
    ['cp /', /cp/],
  ])('%s', async (text, message) => {
    const context = contextWith({ a: 'a', 'd/x': '1', 'dd/x': '2', 'd2/a/x': '', 'd2/b': '', 'tree/x': '' });
    symlinkSync('a', at(context, 'link'));
    symlinkSync('d', at(context, 'inside'));
    execFileSync('mkfifo', [at(context, 'fifo'), at(context, 'tree/fifo')]);
    const before = list(context);
    const result = await run(text, context).catch((error: Error) => ({ error }));
    if (message) expect(result.error?.message).toMatch(message);
    else expect(result.error).toBeUndefined();
    expect(list(context)).toEqual(before);
    expect(read(context, 'a')).toBe('a');
  });

  test('a cancel in the middle of a large file leaves nothing behind', async () => {
    const context = contextWith({ large: '', target: 'old' });
    truncateSync(at(context, 'large'), 2 ** 36);
    const { state } = await cancelAt('cp large target', context, ([shown]) => shown === 'large');
    expect(state).toBe('cancelled');
    expect([list(context), read(context, 'target')]).toEqual([['large', 'target'], 'old']);
  });

  test('directories that forbid to write are no obstacle for a cancel, nor for undo', async () => {
    const context = contextWith({ 'd/ro/a': 'a', 'd/z/large': '' });
    truncateSync(at(context, 'd/z/large'), 2 ** 36);
    chmodSync(at(context, 'd/ro'), 0o555);
    const hasBegun = () => list(context).some((name) => existsSync(at(context, `${name}/content/z/large`)));
    const { state } = await cancelAt('cp d e', context, hasBegun);
    expect([state, list(context)]).toEqual(['cancelled', ['d']]);
    truncateSync(at(context, 'd/z/large'), 0);
    const { pipeline, error } = await run('cp d e', context);
    expect([error, list(context)]).toEqual([undefined, ['d', 'e']]);
    await pipeline.undo();
    expect(list(context)).toEqual(['d']);
    chmodSync(at(context, 'd/ro'), 0o755); // so that it can be cleaned up
  });

  test('tells how far it is', async () => {
    const context = contextWith({ a: 'x'.repeat(5_000_000), b: 'y' });
    const { statuses } = await cancelAt('cp a b .copies', contextWithDirectory(context, '.copies'), () => false);
    expect(statuses[0]).toEqual(['a', 0]);
    expect(statuses.at(-1)).toEqual(['b', 100]);
  });
});

function contextWithDirectory(context: Context, name: string): Context {
  execFileSync('mkdir', [at(context, name)]);
  return context;
}

describe('mv', () => {
  test('renames, into directories too, and back', async () => {
    const context = contextWith({ a: 'a', 'b/x': 'x', 'd/a': 'old' });
    const { ino } = lstatSync(at(context, 'a'));
    const { pipeline, error } = await run('mv a b d', context);
    expect(error).toBeUndefined();
    expect([list(context), list(context, 'd'), read(context, 'd/a')]).toEqual([['d'], ['a', 'b'], 'a']);
    await pipeline.undo();
    expect([list(context), list(context, 'd'), read(context, 'd/a')]).toEqual([['a', 'b', 'd'], ['a'], 'old']);
    expect(lstatSync(at(context, 'a')).ino).toBe(ino);
  });

  test('a named pipe and odd names are moved like anything else', async () => {
    const context = contextWith({ '-x': '', 'a\nb *': '' });
    execFileSync('mkfifo', [at(context, 'fifo')]);
    execFileSync('mkdir', [at(context, 'd')]);
    expect((await run('mv -- fifo -x a* d', context)).error).toBeUndefined();
    expect(list(context, 'd')).toEqual(['-x', 'a\nb *', 'fifo']);
  });

  test('undo is no way over something newer, and moves only what was moved', async () => {
    const context = contextWith({ a: 'a', 'd/x': '' });
    const { pipeline } = await run('mv a d', context);
    writeFileSync(at(context, 'a'), 'newer');
    await expect(pipeline.undo()).rejects.toThrow(
      `${at(context, 'a')}: can't be put back, something else is there now`,
    );
    rmSync(at(context, 'a'));
    writeFileSync(at(context, 'd/b'), 'another');
    execFileSync('mv', [at(context, 'd/b'), at(context, 'd/a')]);
    await expect(pipeline.undo()).rejects.toThrow(`${at(context, 'd/a')}: is another file`);
    expect([read(context, 'd/a'), existsSync(at(context, 'a'))]).toEqual(['another', false]);
  });

  test.each([
    ['mv a a', /same file/],
    ['mv d d/e', /into itself/],
    ['mv missing b', /^mv: missing: no such file/],
  ])('%s fails', async (text, message) => {
    const context = contextWith({ a: '', 'd/x': '' });
    expect((await run(text, context)).error?.message).toMatch(message);
    expect(list(context)).toEqual(['a', 'd']);
  });

  onShm('to another file system and back: mode, time, links, and what it replaced', async () => {
    const context = contextWith({ 'd/sub/a': 'a' });
    const folder = shmFolder();
    chmodSync(at(context, 'd/sub/a'), 0o4750);
    utimesSync(at(context, 'd/sub/a'), 1e9, 1e9);
    symlinkSync('a', at(context, 'd/sub/link'));
    const { pipeline, error } = await run(`mv d ${folder}`, context);
    expect(error).toBeUndefined();
    expect(list(context)).toEqual([]);
    const moved = path.join(folder, 'd/sub/a');
    expect([lstatSync(moved).mode, lstatSync(moved).mtimeMs]).toEqual([0o104750, 1e12]);
    expect(readlinkSync(path.join(folder, 'd/sub/link'))).toBe('a');
    await pipeline.undo();
    expect([readdirSync(folder), read(context, 'd/sub/a')]).toEqual([[], 'a']);
  });

  onShm('a cancel on the way to another file system leaves all where it was', async () => {
    const context = contextWith({ target: 'old' });
    const large = path.join(shmFolder(), 'large');
    writeFileSync(large, '');
    truncateSync(large, 2 ** 36);
    const { state } = await cancelAt(`mv ${large} target`, context, ([shown]) => shown === large);
    expect(state).toBe('cancelled');
    expect([list(context), read(context, 'target'), existsSync(large)]).toEqual([['target'], 'old', true]);
  });

  onShm('what has no content can not go to another file system', async () => {
    const folder = shmFolder();
    const context = contextWith({ 'd/a': '' });
    execFileSync('mkfifo', [at(context, 'd/fifo')]);
    expect((await run(`mv d ${folder}`, context)).error?.message).toMatch(/d\/fifo: is a named pipe/);
    expect([readdirSync(folder), list(context, 'd')]).toEqual([[], ['a', 'fifo']]);
  });
});
