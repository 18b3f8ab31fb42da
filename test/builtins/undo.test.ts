import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { type Context, prepare } from '../../src/engine';
import { waitFor } from '../support/wait';
import { closeContexts, contextWith, registry, run } from './support';

afterAll(closeContexts);

const at = (context: Context, name: string) => path.join(context.cwd, name);
const read = (context: Context, name: string) => readFileSync(at(context, name), 'utf8');
const inTrash = (context: Context) => readdirSync(path.join(context.environment.XDG_DATA_HOME ?? '', 'Trash', 'files'));

describe('mkdir', () => {
  test('makes parents, and undo removes those that it made', async () => {
    const context = contextWith({ 'there/x': '' });
    const { pipeline, error } = await run('mkdir there/a/b there/a/c there', context);
    expect(error).toBeUndefined();
    expect(readdirSync(at(context, 'there/a'))).toEqual(['b', 'c']);
    await pipeline.undo();
    expect(readdirSync(at(context, 'there'))).toEqual(['x']);
  });

  test('undo leaves a directory that is in use', async () => {
    const context = contextWith();
    const { pipeline } = await run('mkdir a/b', context);
    writeFileSync(at(context, 'a/b/x'), '');
    await expect(pipeline.undo()).rejects.toThrow(`${at(context, 'a/b')}: is not empty any more`);
    expect(existsSync(at(context, 'a/b/x'))).toBe(true);
  });

  test.each([
    ['mkdir file', /^mkdir: file: .*file is there already, and no directory/],
    ['mkdir file/a', /^mkdir: file\/a: not a directory/],
    ['mkdir link', /link is there already, and no directory/],
    ['mkdir /proc/a', /^mkdir: \/proc\/a: /],
  ])('%s fails', async (text, message) => {
    const context = contextWith({ file: '' });
    symlinkSync('nowhere', at(context, 'link'));
    expect((await run(text, context)).error?.message).toMatch(message);
  });
});

describe('undo of write', () => {
  test('removes what was not there', async () => {
    const context = contextWith();
    const { pipeline } = await run('write a b', context, ['x']);
    await pipeline.undo();
    expect(readdirSync(context.cwd)).toEqual([]);
  });

  test.each([
    ['write a', 'old text'],
    ['write a a', 'old text'],
    ['write a', ''],
    ['write -a a', 'old text'],
    ['write -a a', ''],
    ['write link', 'old text'],
  ])('%s: brings back %j in the file itself', async (text, old) => {
    const context = contextWith({ a: old });
    chmodSync(at(context, 'a'), 0o640);
    linkSync(at(context, 'a'), at(context, 'second'));
    symlinkSync('a', at(context, 'link'));
    const { ino } = lstatSync(at(context, 'a'));
    const { pipeline, error } = await run(text, context, ['new', 'lines']);
    expect(error).toBeUndefined();
    expect(read(context, 'second')).toBe(`${text.includes('-a') ? old : ''}new\nlines\n`);
    await pipeline.undo();
    expect([read(context, 'a'), read(context, 'second')]).toEqual([old, old]);
    expect(lstatSync(at(context, 'a'))).toMatchObject({ ino, mode: 0o100640 });
    expect(lstatSync(at(context, 'link')).isSymbolicLink()).toBe(true);
  });

  test('what it replaced is found in the trash until then', async () => {
    const context = contextWith({ a: 'old' });
    const { pipeline } = await run('write a', context, ['new']);
    expect(inTrash(context)).toEqual(['a']);
    await pipeline.undo();
    expect(inTrash(context)).toEqual([]);
  });

  test.each(['write a', 'write -a a', 'write new'])('%s: not what has changed since', async (text) => {
    const context = contextWith({ a: 'old' });
    const file = text.endsWith('new') ? 'new' : 'a';
    const { pipeline } = await run(text, context, ['x']);
    appendFileSync(at(context, file), 'more');
    await expect(pipeline.undo()).rejects.toThrow(`undo of write: ${at(context, file)}: has changed since`);
    expect(read(context, file)).toMatch(/x\nmore$/);
  });

  test('a cancel keeps what was written so far, and closes the files', async () => {
    const context = contextWith({ a: 'old' });
    const pipeline = prepare('write a', context, registry, { input: true });
    const ended = pipeline.run({
      state: () => undefined,
      objects: async () => undefined,
      metadata: async () => undefined,
      aborted: () => undefined,
      exception: () => undefined,
    });
    await pipeline.input?.put(['x'], 0);
    await waitFor(() => read(context, 'a') === 'x\n', 'the written line');
    await pipeline.cancel();
    expect(await ended).toBe('cancelled');
    const open = readdirSync('/proc/self/fd').map((fd) => linkOf(`/proc/self/fd/${fd}`));
    expect([read(context, 'a'), inTrash(context), open.includes(at(context, 'a'))]).toEqual(['x\n', ['a'], false]);
  });

  // It used to be copied to its end, and to fail with "can't be kept for undo".
  test('a cancel while the old content is kept leaves the file as it is, and no copy', async () => {
    const context = contextWith({ large: '' });
    truncateSync(at(context, 'large'), 2 ** 36);
    const pipeline = prepare("js-eval '1' | write large", context, registry);
    const state = await pipeline.run({
      state: () => undefined,
      objects: async () => undefined,
      metadata: async () => void pipeline.cancel(),
      aborted: () => undefined,
      exception: () => undefined,
    });
    expect([state, pipeline.error]).toEqual(['cancelled', undefined]);
    expect([statSync(at(context, 'large')).size, inTrash(context)]).toEqual([2 ** 36, []]);
  });

  test('/dev/null is written to, and there is nothing to take back', async () => {
    const { pipeline, error } = await run('write /dev/null', contextWith(), ['x']);
    expect(error).toBeUndefined();
    await pipeline.undo();
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
  });
});

test('undo of several commands, the newest first, takes back all of them', async () => {
  const context = contextWith({ a: 'a' });
  const done: Awaited<ReturnType<typeof run>>[] = [];
  for (const text of ['mkdir d', 'cp a d', 'mv d e', 'rm e/a', "js-eval '1' | write e/a"]) {
    const outcome = await run(text, context);
    expect([text, outcome.error]).toEqual([text, undefined]);
    done.unshift(outcome);
  }
  // A source that runs JavaScript used to stand in the way.
  for (const { pipeline } of done) await pipeline.undo();
  expect([readdirSync(context.cwd), read(context, 'a')]).toEqual([['a'], 'a']);
});

function linkOf(file: string): string | undefined {
  try {
    return readlinkSync(file);
  } catch {
    return undefined; // the descriptor by which the folder was read
  }
}
