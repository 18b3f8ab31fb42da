// `hotwire run` as a person and a shell use it: the real command, the real slave.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { widthOf } from '../../src/render/text';
import { startBus } from '../support/bus';
import { onCleanup } from '../support/cleanup';
import { environment, run, start } from '../support/process';
import { built, HOTWIRE, hotwire, startSlave } from '../support/slave';
import { temporaryFolder } from '../support/temp';
import { PATIENCE_MS, waitFor, within } from '../support/wait';

beforeAll(built, 2 * PATIENCE_MS);

const shell = (script: string) => run('bash', ['-c', `PATH=${path.dirname(HOTWIRE)}:$PATH; ${script}`]);
const jsonLines = (text: string) =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

/** Whether a process runs with exactly these words. */
function isRunning(...words: string[]): boolean {
  const wanted = `${words.join('\0')}\0`;
  return readdirSync('/proc').some((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'latin1') === wanted;
    } catch {
      return false; // it has ended meanwhile
    }
  });
}

/** Starts the command on a terminal of that width; what is written to its standard input is typed. */
function onTerminal(args: readonly string[], columns = 80, env: NodeJS.ProcessEnv = {}) {
  const words = [HOTWIRE, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  return start('script', ['-qec', `stty cols ${columns} rows 24 -echo; exec ${words}`, '/dev/null'], {
    env: environment({ TERM: 'xterm', SHELL: '/bin/sh', ...env }),
  });
}

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';

describe('output', () => {
  test('objects are JSON lines into a pipe', async () => {
    const { code, stdout, stderr } = await hotwire(['run', 'proc -a']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(jsonLines(stdout).map(({ pid }) => pid)).toContain(process.pid);
  });

  test('jq reads them', async () => {
    const { code, stdout } = await shell(`hotwire run 'proc -a' | jq .pid`);
    expect(code).toBe(0);
    expect(stdout.split('\n')).toContain(String(process.pid));
  });

  test('sorted and cut', async () => {
    const { stdout } = await hotwire(['run', 'ls /usr | sort -r basename | head 3']);
    const expected = readdirSync('/usr').sort().reverse().slice(0, 3);
    expect(jsonLines(stdout).map(({ basename }) => basename)).toEqual(expected);
  });

  test('strings are plain lines', async () => {
    expect((await hotwire(['run', 'sys seq 3'])).stdout).toBe('1\n2\n3\n');
  });

  test.each([
    ['json', '[\n{"a":1}\n]\n'],
    ['csv', 'a\r\n1\r\n'],
    ['list', 'a: 1\n'],
  ])('--format %s', async (format, expected) => {
    const { stdout } = await hotwire(['run', '--format', format, 'js-map "({a: it})"'], { input: '1\n' });
    expect(stdout).toBe(expected);
  });

  test('a pipeline that yields nothing prints nothing', async () => {
    expect(await hotwire(['run', 'setenv A=1'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  test('a reader that leaves ends everything at once', async () => {
    const { stdout } = await shell(`hotwire run 'sys seq 3000017' | head -1; echo \${PIPESTATUS[0]}`);
    expect(stdout).toBe('1\n141\n');
    await waitFor(() => !isRunning('seq', '3000017'), 'the end of seq');
  });

  test.each(['--help', 'run "sys seq 3"'])('output that can not be written is told: %s', async (words) => {
    const { code, stderr } = await shell(`hotwire ${words} > /dev/full`);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^hotwire: can't write to standard output: ENOSPC.*\n$/);
  });

  // It used to go on for ever.
  test('a reader of standard error that leaves ends everything, too', async () => {
    const { stdout } = await shell(
      `hotwire run 'sys sh -c "yes 3000018 >&2"' 2>&1 >/dev/null | head -c 5; echo " \${PIPESTATUS[0]}"`,
    );
    expect(stdout).toBe('30000 141\n');
    await waitFor(() => !isRunning('yes', '3000018'), 'the end of yes');
  });

  test('any other failure of standard error costs its words alone', async () => {
    const { code, stdout } = await shell(`hotwire run 'sys sh -c "echo oh >&2; echo out"' 2>/dev/full`);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'out\n' });
  });

  // bin/hotwire makes this of a closed one, which Node would take for /dev/null.
  test('a standard output that can only be read is told', async () => {
    const { code, stderr } = await shell(`hotwire run 'js-eval 1' 1</dev/null`);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^hotwire: standard output is closed.*\n$/);
  });

  test('several words are joined, and what follows the first belongs to the pipeline', async () => {
    const { stdout } = await hotwire(['run', '--color', 'never', 'sys', 'echo', '--format', 'x']);
    expect(stdout).toBe('--format x\n');
  });

  test('it runs where it was called, or where --cwd says', async () => {
    const folder = temporaryFolder();
    expect((await hotwire(['run', 'sys pwd'], { cwd: folder })).stdout).toBe(`${folder}\n`);
    expect((await hotwire(['run', '--cwd', '..', 'sys pwd'], { cwd: folder })).stdout).toBe(
      `${path.dirname(folder)}\n`,
    );
  });

  test('--env', async () => {
    const { stdout } = await hotwire(['run', '--env', 'ONE=first', '--env', 'TWO=a=b', `sys sh -c 'echo $ONE $TWO'`]);
    expect(stdout).toBe('first a=b\n');
  });
});

describe('input', () => {
  test('JSON lines where the first command takes any object', async () => {
    const { code, stdout } = await hotwire(['run', 'js-filter "it.a > 1"'], { input: '{"a":1}\n{"a":2}\n' });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{"a":2}\n' });
  });

  test('lines where it takes text', async () => {
    const { code, stdout } = await hotwire(['run', 'sys cat'], { input: 'one\ntwo' });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'one\ntwo\n' });
  });

  test('a line that is no JSON fails the pipeline, by its number, after what came before it', async () => {
    const { code, stdout, stderr } = await hotwire(['run', 'js-filter true'], { input: '{"a":1}\n2\nthree\n4\n' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^hotwire: standard input: line 3 is not JSON: three .*--input lines/);
    expect(stdout).not.toContain('4');
  });

  test.each([
    ['lines', 'a\nb\n', '"a"\n"b"\n'],
    ['json', '[1, {"a":\n2}]', '1\n{"a":2}\n'],
    ['jsonl', '1\n"x"\n', '1\n"x"\n'],
  ])('--input %s decides', async (mode, input, expected) => {
    const { stdout } = await hotwire(['run', '--format', 'jsonl', '--input', mode, 'js-filter true'], { input });
    expect(stdout).toBe(expected);
  });

  // It used to be 9007199254740992, and 1e400 null.
  test('numbers do not change silently', async () => {
    expect((await hotwire(['run', 'json'], { input: '9007199254740993\n' })).stdout).toBe('"9007199254740993"\n');
    const { code, stderr } = await hotwire(['run', 'json'], { input: '1e400\n' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^hotwire: standard input: line 1: the number 1e400 is too large.*\n$/);
  });

  // It used to be "Maximum call stack size exceeded".
  test('what is nested too deeply is told', async () => {
    const input = '['.repeat(9000) + ']'.repeat(9000);
    const { code, stderr } = await hotwire(['run', 'json'], { input });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'hotwire: standard input: the value is nested too deeply for JSON\n',
    });
  });

  // It used to be an empty input.
  test('a directory is no input', async () => {
    const { code, stderr } = await shell(`hotwire run sort < /`);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "hotwire: can't read standard input: it is a directory\n" });
  });

  test('much input flows through, all of it, in order', async () => {
    const { stdout } = await shell(`seq 200000 | hotwire run 'sys cat' | sha256sum; seq 200000 | sha256sum`);
    const [through, direct] = stdout.split('\n');
    expect(through).toBe(direct);
  });

  test('input that never ends does not keep a pipeline that has enough', async () => {
    expect((await shell(`yes | hotwire run 'sys head -2'`)).stdout).toBe('y\ny\n');
    expect((await shell(`yes 7 | hotwire run 'js-filter true | head 2'`)).stdout).toBe('7\n7\n');
  });

  test('input that is empty or closed is an empty input', async () => {
    expect(await shell(`hotwire run 'sys wc -l' </dev/null`)).toMatchObject({ code: 0, stdout: '0\n' });
    expect(await shell(`hotwire run 'sys wc -l' <&-`)).toMatchObject({ code: 0, stdout: '0\n' });
    expect(await shell(`hotwire run 'js-filter true' </dev/null`)).toMatchObject({ code: 0, stdout: '' });
  });

  test('a pipeline without input leaves it to others, and -n too', async () => {
    expect((await shell(`printf 'a\\nb\\n' | { hotwire run 'proc -a | head 0'; cat; }`)).stdout).toBe('a\nb\n');
    expect((await shell(`printf 'a\\nb\\n' | { hotwire run -n 'sys true'; cat; }`)).stdout).toBe('a\nb\n');
  });
});

describe('how it ends', () => {
  test('what does not parse: status 2, the place, and near matches', async () => {
    const { code, stdout, stderr } = await hotwire(['run', 'proc -a | filtr x cmd']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^hotwire: .*filtr/);
    expect(stderr).toContain('filter');
    expect(stderr).toMatch(/^ *\^+$/m);
    expect((await hotwire(['run', 'nonsense-zz'])).code).toBe(2);
  });

  test('an option of ours in the wrong place is pointed out', async () => {
    const { code, stderr } = await hotwire(['run', 'proc', '--format', 'csv']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^hotwire: options of hotwire come before the pipeline: --format /m);
  });

  test.each([
    [`sys sh -c 'exit 7'`, 7],
    [`sys sh -c 'kill -9 $$'`, 137],
    ['sys true', 0],
  ])('the status of a last program is the own: %s', async (text, status) => {
    expect((await hotwire(['run', text])).code).toBe(status);
  });

  test('a failure is one line; --debug shows where', async () => {
    const failed = await hotwire(['run', 'cat /no/such/file']);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/^hotwire: .*\/no\/such\/file.*\n$/);
    const debugged = await hotwire(['run', '--debug', 'cat /no/such/file']);
    expect(debugged.stderr.split('\n').length).toBeGreaterThan(2);
  });

  // It used to be a File of nulls, and status 0.
  test.each(['ls', 'walk'])('%s of a path that is not there fails', async (command) => {
    const { code, stdout, stderr } = await hotwire(['run', `${command} /no/such/path`]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe('hotwire: /no/such/path: no such file or directory\n');
  });

  test('what a program writes to its standard error comes on ours', async () => {
    const { stdout, stderr } = await hotwire(['run', `sys sh -c 'echo out; echo err >&2'`]);
    expect({ stdout, stderr }).toEqual({ stdout: 'out\n', stderr: 'err\n' });
  });

  test('--timeout', async () => {
    const { code, stderr } = await hotwire(['run', '--timeout', '0.3', 'sys sleep 1017']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^hotwire: .*0\.3/);
    expect(isRunning('sleep', '1017')).toBe(false);
  });

  test('no slave to be had: status 3', async () => {
    const { code, stderr } = await hotwire(['run', '--bus', 'unix:path=/no/such/socket', 'proc']);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^hotwire: .*\/no\/such\/socket.*\n$/);
  });

  test.each([
    ['SIGINT', 130, '1021'],
    ['SIGTERM', 143, '1022'],
    ['SIGHUP', 129, '1023'],
  ] as const)('%s cancels at the far end first, status %i', async (signal, status, seconds) => {
    const running = start(HOTWIRE, ['run', '-n', `sys sh -c 'echo started; exec sleep ${seconds}'`]);
    await running.line(/started/);
    await waitFor(() => isRunning('sleep', seconds), 'sleep');
    running.kill(signal);
    expect((await running.exit()).code).toBe(status);
    expect(isRunning('sleep', seconds)).toBe(false);
  });

  test('it can be told to stop while nobody reads its output', async () => {
    const child = spawn(HOTWIRE, ['run', 'sys seq 9000017'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: environment(),
    });
    onCleanup(() => child.kill('SIGKILL'));
    await waitFor(() => isRunning('seq', '9000017'), 'seq');
    child.kill('SIGINT');
    const [code] = await within(once(child, 'exit'), 'the end of the command');
    expect(code).toBe(130);
    expect(isRunning('seq', '9000017')).toBe(false);
  });
});

describe('on a terminal', () => {
  test('a table that fits it', async () => {
    const running = onTerminal(['run', 'proc -a'], 60);
    const { code, stdout } = await running.exit();
    expect(code).toBe(0);
    const lines = stdout.split('\r\n').slice(0, -1);
    expect(lines[0]?.startsWith('\u001b[1m')).toBe(true);
    expect(lines[0]).toMatch(/ pid .*\[22m$/);
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines.slice(1)) expect(widthOf(line)).toBeLessThanOrEqual(60);
  });

  test('NO_COLOR', async () => {
    const { stdout } = await onTerminal(['run', 'proc -a'], 60, { NO_COLOR: '1' }).exit();
    expect(stdout).not.toContain('\u001b');
  });

  test('escape sequences in what a program prints are shown, colours pass', async () => {
    const { stdout } = await onTerminal(['run', String.raw`sys printf '\033]0;t\007\033[31mred\n'`]).exit();
    expect(stdout).toBe('␛]0;t␇\u001b[31mred\u001b[0m\r\n');
  });

  test('Ctrl-C in a sleep: status 130, and no sleep is left', async () => {
    const running = onTerminal(['run', 'sys sleep 1041']);
    await waitFor(() => isRunning('sleep', '1041'), 'sleep');
    running.stdin.write(CTRL_C);
    expect((await running.exit()).code).toBe(130);
    expect(isRunning('sleep', '1041')).toBe(false);
  });

  test('work that takes long shows progress, which is gone in the end', async () => {
    const { stdout } = await onTerminal(['run', `sys sh -c 'sleep 1; echo done'`], 80, { NO_COLOR: '1' }).exit();
    expect(stdout).toBe('\r\u001b[Kworking\r\u001b[Kdone\r\n');
  });

  test('progress counts what goes elsewhere', async () => {
    const file = path.join(temporaryFolder(), 'out');
    const text = `sys sh -c 'seq 41; sleep 1; echo 42'`;
    const command = `stty cols 80; exec ${HOTWIRE} run "${text}" > ${file}`;
    const running = start('script', ['-qec', command, '/dev/null'], {
      env: environment({ TERM: 'xterm', NO_COLOR: '1' }),
    });
    const { stdout } = await running.exit();
    // The last of them may still have been drawn before the end came.
    expect(stdout.split('\r\u001b[K').filter((text) => text !== '42 objects')).toEqual(['', '41 objects', '']);
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(43);
  });

  test('a pipeline that needs input reads what is typed', async () => {
    const running = onTerminal(['run', 'js-filter "it > 1"']);
    running.stdin.write('1\n2\n');
    await running.line(/^2\r$/);
    running.stdin.write(CTRL_D);
    expect((await running.exit()).code).toBe(0);
  });
});

test('with a bus, its slave is used; --embedded does without', async () => {
  const bus = await startBus();
  const slave = await startSlave(bus);
  const parentOf = async (...args: string[]) =>
    Number((await hotwire(['run', ...args, `sys sh -c 'echo $PPID'`], { bus })).stdout);
  expect(await parentOf()).toBe(slave.pid);
  expect(await parentOf('--embedded')).not.toBe(slave.pid);
  expect(await parentOf('--bus', bus.address)).toBe(slave.pid);
});

describe('in poor surroundings', () => {
  // The slave used to fail with uv_cwd.
  test('a working directory that has been removed', async () => {
    const folder = path.join(temporaryFolder(), 'gone');
    const leave = `mkdir ${folder}; cd ${folder}; rmdir ${folder}`;
    expect((await shell(`${leave}; hotwire run --embedded --cwd / 'sys pwd'`)).stdout).toBe('/\n');
  });

  // It used to be a TypeError.
  test('too few files that may be open', async () => {
    const { code, stderr } = await shell(`ulimit -n 22; hotwire run --embedded 'sys echo hi'`);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^hotwire: can't start a slave: too many open files.*\n$/);
  });

  // The package that reads it aborts the process when it can't open a file.
  test('too few files that may be open for the history and aliases', async () => {
    const data = `XDG_DATA_HOME=${temporaryFolder()}; export XDG_DATA_HOME`;
    const few = `${data}; hotwire alias ll=ls && ulimit -n 23 && hotwire run --embedded 'sys echo hi'`;
    const { code, stderr } = await shell(few);
    expect(code).toBe(3);
    expect(stderr).toMatch(/too many open files[\s\S]*can't start a slave: too many open files/);
  });

  // No program used to be found.
  test('no environment at all', async () => {
    const { code, stdout } = await shell(`env -i ${process.execPath} ${HOTWIRE} run --embedded 'sys echo hi'`);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'hi\n' });
  });
});

// The pipeline used to be cancelled, and what it had made of the lines before went with it, or not, as time would have it.
test('a line of input that can not be read fails the run, when those before it have been dealt with', async () => {
  const result = await hotwire(['run', '--embedded', 'js-map "it.a"'], { input: '{"a":1}\n{"a":2}\nxx\n' });
  expect(result).toMatchObject({ code: 1, stdout: '1\n2\n', stderr: expect.stringContaining('line 3') });
});
