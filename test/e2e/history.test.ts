// History and aliases as a person uses them: the real command on a real terminal, and without one.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { environment, run } from '../support/process';
import { built, HOTWIRE, hotwire, programsForAll } from '../support/slave';
import { temporaryFolder } from '../support/temp';
import { PATIENCE_MS } from '../support/wait';

beforeAll(built, 2 * PATIENCE_MS);

let env: NodeJS.ProcessEnv;
beforeEach(() => {
  env = { XDG_DATA_HOME: path.join(temporaryFolder(), 'data'), HOTWIRE_HISTORY: undefined };
});

/** Runs the command on a terminal, to its end. */
function typed(args: readonly string[], { cwd, change = {} }: { cwd?: string; change?: NodeJS.ProcessEnv } = {}) {
  const words = [HOTWIRE, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  return run('script', ['-qec', `stty cols 80 rows 24 -echo; exec ${words}`, '/dev/null'], {
    env: environment({ TERM: 'dumb', SHELL: '/bin/sh', ...env, ...change }),
    ...(cwd !== undefined && { cwd }),
  });
}

const here = (args: readonly string[]) => hotwire(args, { env });

async function kept(...args: string[]): Promise<Record<string, unknown>[]> {
  const { code, stdout, stderr } = await here(['history', ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}
const texts = async (...args: string[]) => (await kept(...args)).map(({ command }) => command);

describe('history', () => {
  test('keeps what is run on a terminal: text, time, place, end', async () => {
    const before = Date.now() / 1000;
    await typed(['run', 'sys', 'sh', '-c', "'exit 3'"], { cwd: '/usr' });
    const [entry, ...others] = await kept();
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ id: 1, command: "sys sh -c 'exit 3'", cwd: '/usr', domain: '', exit_status: 3 });
    expect(entry?.time).toBeGreaterThanOrEqual(before);
    expect(entry?.duration).toBeGreaterThan(0);
    await typed(['run', 'nonsense-3000023']);
    expect((await kept('nonsense')).at(-1)).toMatchObject({ command: 'nonsense-3000023', exit_status: 2 });
  });

  test('keeps nothing else', async () => {
    await here(['run', 'js-eval 1']);
    await typed(['run', ' js-eval 2']);
    await typed(['run', '--no-history', 'js-eval 3']);
    await typed(['run', 'js-eval 4'], { change: { HOTWIRE_HISTORY: 'off' } });
    expect(await kept()).toEqual([]);
  });

  test('is shown, searched and forgotten', async () => {
    for (const text of ['js-eval 1', 'js-eval 2', 'js-eval 2', 'help ls']) await typed(['run', text]);
    expect(await texts()).toEqual(['js-eval 1', 'js-eval 2', 'help ls']);
    expect(await texts('-n', '1', 'EVAL')).toEqual(['js-eval 2']);
    expect((await hotwire(['run', 'history js -1 | prop command'], { env })).stdout).toBe('js-eval 2\n');
    const { stdout } = await typed(['history']);
    expect(stdout).toMatch(/^ *id +time +exit +duration +domain +command\r\n *1 .* js-eval 1\r\n/);
    expect(await here(['history', '--delete', '1'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(await here(['history', '--delete', '1'])).toMatchObject({
      code: 2,
      stderr: 'hotwire: the history has no entry 1: hotwire history shows the numbers\n',
    });
    expect(await texts()).toEqual(['js-eval 2', 'help ls']);
    expect(await here(['history', '--clear'])).toMatchObject({ code: 0, stdout: '' });
    expect(await texts()).toEqual([]);
  });

  test.each([
    [['history', '-n', 'x'], /whole number/],
    [['history', '--delete', '-1'], /whole number/],
    [['history', '--clear', '--delete', '1'], /cannot be used with/],
    [['history', '--clear', 'x'], /'x' says nothing with/],
  ])('%j is a usage error', async (words, message) => {
    const { code, stdout, stderr } = await here(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  test('what can not be kept costs one line, and the pipeline runs', async () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'file'), '');
    mkdirSync(path.join(folder, 'hotwire'));
    writeFileSync(path.join(folder, 'hotwire', 'hotwire.db'), 'no database '.repeat(100));
    const one = (words: string) =>
      new RegExp(`^hotwire: history and aliases are left out: .*${words}.*\\r\\n1\\r\\n$`, 's');
    for (const [place, words] of [
      [path.join(folder, 'file'), `can't use ${folder}/file/hotwire/hotwire.db`],
      [folder, `${folder}/hotwire/hotwire.db is damaged: move it`],
    ] as const) {
      const { code, stdout } = await typed(['run', 'js-eval 1'], { change: { XDG_DATA_HOME: place } });
      expect({ code, lines: stdout.split('\r\n').length }).toEqual({ code: 0, lines: 3 });
      // which comes first is not said: the two are written by different hands
      expect(stdout.replace(/^1\r\n(.*\r\n)$/s, '$11\r\n')).toMatch(one(words));
    }
    const { code, stdout, stderr } = await hotwire(['run', 'js-eval 1'], { env: { XDG_DATA_HOME: folder } });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '1\n' });
    expect(stderr).toMatch(/^hotwire: history and aliases are left out: .*damaged: move it.*\n$/);
    expect(await hotwire(['history'], { env: { XDG_DATA_HOME: folder } })).toMatchObject({ code: 1, stdout: '' });
  });

  test('a home that can only be read, of a user who is not root', async () => {
    const home = temporaryFolder();
    chmodSync(home, 0o555);
    const program = path.join(await programsForAll(), 'hotwire');
    const drop = process.getuid?.() === 0 ? 'setpriv --reuid=65534 --regid=65534 --clear-groups ' : '';
    const script = `stty cols 200 -echo; cd /; HOME=${home} exec ${drop}${process.execPath} ${program} run 'js-eval 1'`;
    const { code, stdout } = await run('script', ['-qec', script, '/dev/null'], {
      env: environment({ TERM: 'dumb', SHELL: '/bin/sh', XDG_DATA_HOME: undefined, HOTWIRE_HISTORY: undefined }),
    });
    expect(stdout).toMatch(new RegExp(`hotwire: history and aliases are left out: can't use ${home}/.local/share/`));
    expect(stdout).toMatch(/^1\r$/m);
    expect(code).toBe(0);
  });
});

describe('aliases', () => {
  test('are set, used, shown and removed', async () => {
    expect(await here(['alias', 'greet', 'sys', 'echo', 'hello'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(await here(['alias', "tail2=last 2 | filter ''"])).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect((await here(['run', 'greet you'])).stdout).toBe('hello you\n');
    expect((await here(['run', 'sys seq 5 | tail2'])).stdout).toBe('4\n5\n');
    expect((await here(['alias', 'greet'])).stdout).toBe(
      '{"name":"greet","target":"sys echo hello","default":false}\n',
    );
    expect((await here(['alias', '--format', 'csv'])).stdout).toMatch(/^name,target,default\r\ngdb,term gdb,true\r\n/);
    expect((await here(['complete', 'gree'])).stdout).toBe('greet\tAlias for: sys echo hello\n');
    expect((await here(['complete', 'tail2 | sor'])).stdout).toMatch(/^sort\t/);
    expect(await here(['unalias', 'greet', 'vi'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect((await here(['alias'])).stdout).not.toMatch(/greet|"vi"/);
    expect(await here(['unalias', 'greet'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no alias greet/),
    });
    await here(['alias', 'vi', 'term vi']);
    expect((await here(['alias', 'vi'])).stdout).toBe('{"name":"vi","target":"term vi","default":true}\n');
  });

  test('are shown in a Parse error as they were expanded', async () => {
    await here(['alias', 'worst=proc --nonsense']);
    const { code, stderr } = await here(['run', 'worst']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/nonsense.*\n.*proc --nonsense\n/);
  });

  test('hide a builtin only when told to', async () => {
    const refused = await here(['alias', 'ls=proc']);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/ls is a builtin, .* --force does so/) });
    expect(await here(['alias', 'dir=proc'])).toMatchObject({ code: 2 });
    expect(await here(['alias', '--force', 'ls=js-eval 7'])).toMatchObject({ code: 0, stderr: '' });
    expect((await here(['run', 'ls'])).stdout).toBe('7\n');
  });

  test.each([
    [['alias', 'a b=ls'], /'a b' can't be the name/],
    [['alias', '=ls'], /'' can't be the name/],
    [['alias', 'x='], /alias x: there is no command/],
    [['alias', 'nosuch'], /there is no alias nosuch: hotwire alias shows them all/],
    [['alias', 'topp'], /there is no alias topp: .*top/],
    [['unalias'], /missing required argument/],
  ])('%j is a usage error', async (words, message) => {
    const { code, stdout, stderr } = await here(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  test('a default is left out where there is no terminal, and where the program is one of several', async () => {
    const bin = temporaryFolder();
    writeFileSync(path.join(bin, 'man'), '#!/bin/sh\necho "page of $*"\n', { mode: 0o755 });
    env.PATH = `${bin}:${process.env.PATH}`;
    expect((await here(['run', 'man ls'])).stdout).toBe('page of ls\n');
    const { stdout } = await typed(['run', 'man ls | filter page']);
    expect(stdout).toBe('page of ls\r\n');
  });
});
