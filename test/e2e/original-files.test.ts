// What a user of the original would expect of rm, cp, mv and mkdir, and of undo: nothing is ever lost.
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { connect, type Domain, type RemotePipeline } from '../../src/client';
import { startBus } from '../support/bus';
import { onCleanup } from '../support/cleanup';
import { environment } from '../support/process';
import { startSlave } from '../support/slave';
import { temporaryFolder } from '../support/temp';

const ODD = ['-dash', 'a b', 'c"d', "it's", 'two\nlines', '[x]', 'größe', '日本'];

let domain: Domain;
let home: string;
let cwd: string;

beforeAll(async () => {
  const bus = await startBus();
  home = temporaryFolder();
  // The trash is in the home, or in XDG_DATA_HOME: neither is that of whoever runs the tests.
  const { XDG_DATA_HOME, ...env } = environment({ HOME: home });
  await startSlave(bus, [], { env });
  domain = await connect('', { bus: bus.address });
  onCleanup(() => domain.close());
});

beforeEach(() => {
  cwd = temporaryFolder();
});

/** Runs it to its end. @throws when it fails */
async function done(text: string): Promise<RemotePipeline> {
  const pipeline = await domain.run(text, { cwd });
  await pipeline.drain();
  if (pipeline.exception) throw pipeline.exception;
  return pipeline;
}

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(cwd, name)), { recursive: true });
    writeFileSync(path.join(cwd, name), text);
  }
}

/** Every file below `cwd` with its text; a directory has null, a link its target's text. */
function tree(): Record<string, string | null> {
  const entries = readdirSync(cwd, { recursive: true, withFileTypes: true });
  const pairs = entries.map((entry) => {
    const file = path.join(entry.parentPath, entry.name);
    return [path.relative(cwd, file), entry.isDirectory() ? null : readFileSync(file, 'utf8')] as const;
  });
  return Object.fromEntries(pairs.sort());
}

/** Runs `text`, looks that it does what it should, undoes it, and looks that all is as before. */
async function doneAndUndone(text: string, expected: Readonly<Record<string, string | null>>): Promise<void> {
  const before = tree();
  const pipeline = await done(text);
  expect(tree()).toEqual(expected);
  await pipeline.undo();
  expect(pipeline.state).toBe('undone');
  expect(tree()).toEqual(before);
}

describe('rm and undo', () => {
  test('files with odd names, by a pattern', async () => {
    write(Object.fromEntries(ODD.map((name) => [name, name])));
    await doneAndUndone('rm *', {});
  });

  test('files that flow in', async () => {
    write({ 'a.log': 'a', 'b.txt': 'b', 'c.log': 'c' });
    await doneAndUndone('ls | filter log$ basename | rm', { 'b.txt': 'b' });
  });

  test('a directory whole', async () => {
    write({ 'dir/a': 'a', 'dir/sub/b': 'b', other: 'o' });
    await doneAndUndone('rm dir', { other: 'o' });
  });

  test('two files of one name, one after the other: both come back, the last first', async () => {
    write({ same: 'first' });
    const first = await done('rm same');
    write({ same: 'second' });
    const second = await done('rm same');
    expect(tree()).toEqual({});
    await second.undo();
    expect(tree()).toEqual({ same: 'second' });
    await expect(first.undo()).rejects.toMatchObject({ message: expect.stringContaining('same') }); // it is in the way
    expect(tree()).toEqual({ same: 'second' });
    await done('mv same kept');
    await first.undo();
    expect(tree()).toEqual({ kept: 'second', same: 'first' });
  });

  test('for good, where it is asked for: that can not be undone, and says so before', async () => {
    write({ a: 'a' });
    expect(await domain.describe('rm a')).toMatchObject({ undoable: true });
    expect(await domain.describe('rm -u a')).toMatchObject({ undoable: false });
    const pipeline = await done('rm -u a');
    expect(tree()).toEqual({});
    await expect(pipeline.undo()).rejects.toMatchObject({ kind: 'InvalidState' });
  });

  test('a file that is not there is named', async () => {
    await expect(done('rm nothing')).rejects.toMatchObject({ message: expect.stringContaining('nothing') });
    await done('rm -f nothing');
  });
});

describe('cp and mv', () => {
  test.each([
    ['cp a b', { a: 'a', b: 'a', 'dir/x': 'x', dir: null }],
    ['cp a dir', { a: 'a', 'dir/a': 'a', 'dir/x': 'x', dir: null }],
    ['cp a dir/x', { a: 'a', 'dir/x': 'a', dir: null }],
    ['cp dir other', { a: 'a', 'dir/x': 'x', dir: null, other: null, 'other/x': 'x' }],
    ['mv a b', { b: 'a', 'dir/x': 'x', dir: null }],
    ['mv a dir', { 'dir/a': 'a', 'dir/x': 'x', dir: null }],
    ['mv a dir/x', { 'dir/x': 'a', dir: null }],
    ['mv dir other', { a: 'a', other: null, 'other/x': 'x' }],
  ])('%s', async (text, expected) => {
    write({ a: 'a', 'dir/x': 'x' });
    await doneAndUndone(text, expected);
  });

  test.each([
    ['cp', true],
    ['mv', false],
  ])('%s: odd names into a directory', async (command, stays) => {
    const files = Object.fromEntries(ODD.map((name) => [name, name]));
    write({ ...files, 'into/there': 't' });
    const names = ODD.map((name) =>
      name.startsWith('-') ? `'./${name}'` : `./${name.replace(/[^\wäöüß日本.-]/g, '?')}`,
    );
    await doneAndUndone(`${command} ${names.join(' ')} into`, {
      into: null,
      'into/there': 't',
      ...Object.fromEntries(ODD.map((name) => [`into/${name}`, name])),
      ...(stays ? files : {}),
    });
  });

  test.each([
    'cp a b no-directory',
    'mv a b no-directory',
    'cp nothing a',
    'mv dir dir/below',
    'cp dir dir/below',
    'cp a a',
  ])('%s is refused, and nothing has changed', async (text) => {
    write({ a: 'a', b: 'b', 'dir/x': 'x' });
    const before = tree();
    await expect(done(text)).rejects.toMatchObject({ kind: 'PipelineFailed' });
    expect(tree()).toEqual(before);
  });

  test('a link is moved and removed as a link, not what it leads to', async () => {
    write({ target: 't' });
    symlinkSync('target', path.join(cwd, 'link'));
    await done('mv link renamed');
    await doneAndUndone('rm renamed', { target: 't' });
  });
});

test('mkdir makes what is above, too, and undo takes away what it made', async () => {
  write({ 'there/x': 'x' });
  await doneAndUndone('mkdir there/a/b new', {
    new: null,
    there: null,
    'there/a': null,
    'there/a/b': null,
    'there/x': 'x',
  });
});
