// watch and apply: commands that run a pipeline of their own.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Context, prepare } from '../../src/engine';
import { closeContexts, contextWith, failureOf, registry, run, valuesOf } from './support';

afterAll(closeContexts);

/** Runs a pipeline and cancels it at its first batch. */
async function cancelled(text: string, context: Context) {
  const pipeline = prepare(text, context, registry);
  const values: unknown[] = [];
  let cancelling: Promise<void> | undefined;
  const state = await pipeline.run({
    state: () => undefined,
    objects: async ({ objects }) => {
      values.push(...objects);
      cancelling ??= pipeline.cancel();
    },
    metadata: async () => undefined,
    aborted: () => undefined,
    exception: () => undefined,
  });
  await cancelling;
  return { state, values };
}

/** Whether a process is there, and no zombie. */
function isAlive(pid: unknown): boolean {
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch {
    return false;
  }
}

describe('watch', () => {
  test('yields the objects of each round, and says which', async () => {
    const pipeline = prepare("watch -n 2 0.1 'cat a.txt'", contextWith({ 'a.txt': 'x\n' }), registry);
    const seen: unknown[] = [];
    await pipeline.run({
      state: () => undefined,
      objects: async ({ objects }) => void seen.push(...objects),
      metadata: async (command, key, value) => void seen.push([command, key, value]),
      aborted: () => undefined,
      exception: () => undefined,
    });
    const status = (round: number) => [0, 'hotwire.status', [`round ${round}: 1 objects`, -1]];
    expect(seen).toEqual(expect.arrayContaining(['x', 'x', status(2)]));
    expect(seen).toContainEqual(status(1));
  });

  test('is cancelled between two rounds', async () => {
    expect(await cancelled("watch 600 'cat a.txt'", contextWith({ 'a.txt': 'x\n' }))).toEqual({
      state: 'cancelled',
      values: ['x'],
    });
  });

  test.each([
    ["watch 1 'cat a.txt | write b.txt'", /write: it may change something/],
    ["watch 1 'cat a.txt > b.txt'", /cat: it writes a file/],
    ["watch 1 'sys ls'", /sys: it may change something/],
    ["watch 1 'sort'", /sort needs input/],
    ["watch 1 'cat missing'", /missing: no such file/],
    ["watch 1 'nonsense-command'", /no command or program/],
    ["watch 1 '| current |'", /no command after/],
    ["watch 0 'proc'", /0 is no pause/],
    ["watch proc 'proc'", /proc is no pause/],
    ["watch 1e99 'proc'", /no pause/],
    ["watch -n x 1 'proc'", /x is no count/],
  ])('%s fails', async (text, message) => {
    const context = contextWith({ 'a.txt': 'x\n', x: '' });
    expect((await failureOf(text, context))?.message).toMatch(message);
    expect(existsSync(path.join(context.cwd, 'b.txt'))).toBe(false);
  });
});

describe('apply', () => {
  test.each([
    ['apply sys echo', ['a b', "it's", '$HOME', '*', 'é\n'], ["a b it's $HOME * é", '']],
    ['apply sys printf %s,', [1, true], ['1,true,']],
    ["apply 'sys echo 0 | cat | sys xargs echo'", ['x'], ['x 0']],
    ['apply sys echo --', ['-n'], ['-- -n']],
    ['apply sys echo', [], []],
  ])('%s of %j', async (text, input, expected) => {
    expect(await valuesOf(text, contextWith(), input)).toEqual(expected);
  });

  test('takes the path of a file and the pid of a process', async () => {
    const context = contextWith({ 'a b.txt': 'content\n' });
    expect(await valuesOf('ls | apply cat', context)).toEqual(['content']);
    const [pid, shown] = await valuesOf(`proc | where pid = ${process.pid} | apply sys echo pid`, context).then(
      ([line]) => [`pid ${process.pid}`, line],
    );
    expect(shown).toBe(pid);
  });

  test('runs in the directory and the environment of its pipeline', async () => {
    const context = contextWith();
    const pipeline = prepare('sys echo WHERE | apply \'sys sh -c "pwd; echo \\$WHAT"\'', context, registry, {
      cwd: '/',
      env: { WHAT: 'that' },
    });
    const values: unknown[] = [];
    await pipeline.run({
      state: () => undefined,
      objects: async ({ objects }) => void values.push(...objects),
      metadata: async () => undefined,
      aborted: () => undefined,
      exception: () => undefined,
    });
    expect([pipeline.error, values]).toEqual([undefined, ['/', 'that']]);
  });

  test.each([
    ['apply sys echo', ['-rf'], /-rf would be taken for an option/],
    ['apply sys echo', [{ a: 1 }], /class object is no argument/],
    ['apply sys echo', [null], /class null is no argument/],
    ['apply nonsense-command', ['x'], /no command or program/],
    ['apply apply cat', ['x'], /apply needs input/],
    ['apply sys false', ['x'.repeat(2 * 1024 * 1024)], /longer than/],
  ])('%s of %.40j fails', async (text, input, message) => {
    expect((await run(text, contextWith(), input)).error?.message).toMatch(message);
  });

  test('what a nested command did is undone with it only where the pipeline says so', async () => {
    const { pipeline } = await run('apply setenv', contextWith(), ['NEW=1']);
    expect(pipeline.plan).toMatchObject({ undoable: false, idempotent: false });
  });

  test('a cancel ends its processes before the pipeline is cancelled', async () => {
    const { state, values } = await cancelled(
      'sys echo 600 | apply \'sys sh -c "echo \\$\\$; exec sleep \\$0"\'',
      contextWith(),
    );
    expect(state).toBe('cancelled');
    expect(values).toHaveLength(1);
    expect(isAlive(values[0])).toBe(false);
  });

  test('what comes after it stops it', async () => {
    const pid = await valuesOf(
      'sys echo 600 | apply \'sys sh -c "echo \\$\\$; exec sleep \\$0"\' | first',
      contextWith(),
    );
    expect(isAlive(pid[0])).toBe(false);
  });
});
