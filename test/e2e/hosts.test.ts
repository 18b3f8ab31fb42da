// `hotwire … -H` and `-t` as a person and a shell use them: the real command, real domains, a real sshd.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startBus } from '../support/bus';
import { commandLine, descendants, isAlive, memory } from '../support/proc';
import { environment, type Running, start } from '../support/process';
import { ResidentHome } from '../support/resident';
import { built, HOTWIRE, hotwire, ROOT, startSlave } from '../support/slave';
import { Sshd } from '../support/sshd';
import { PATIENCE_MS, waitFor } from '../support/wait';

beforeAll(built, 4 * PATIENCE_MS);

const home = new ResidentHome();
const PATH = `${path.join(ROOT, 'bin')}:${process.env.PATH}`;
const env = { ...home.environment, PATH };
const A = 'exec:env NAME=a';
const B = 'exec:env NAME=b';
/** What a slave may take while its client is stopped. */
const MOST_BYTES = 160 * 1024 * 1024;
const BOTH = ['-t', A, '-t', B];

const command = (args: readonly string[], input = '') => hotwire(args, { env, cwd: home.folder, input });
const sorted = (text: string) => text.split('\n').slice(0, -1).sort();
const jsonLines = (text: string) =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

describe('one domain', () => {
  test('is as this machine, and starts elsewhere than here', async () => {
    const { code, stdout } = await command(['run', '-n', '-t', A, `sys sh -c 'echo $NAME; exit 3'`]);
    expect({ code, stdout }).toEqual({ code: 3, stdout: 'a\n' });
    const lines = await command(['run', '-t', A, 'sys grep o'], 'one\nsix\n');
    expect(lines).toMatchObject({ code: 0, stdout: 'one\n' });
    const { stdout: cwd } = await command(['run', '-n', '-t', A, '--cwd', '/usr', 'sys pwd']);
    expect(cwd).toBe('/usr\n');
  });

  test.each([
    [['-H', 'web[1-'], 2, /^hotwire: this '\[' is not closed.*\nweb\[1-\n {3}\^\n$/],
    [['-H', '@nogroup'], 2, /there is no group @nogroup/],
    [['-t', 'nosuch:x'], 2, /there is no/],
    [['-t', 'exec:nosuchprogram'], 3, /nosuchprogram/],
    [['--fanout', '0'], 2, /It must be a whole number, 1 or more/],
  ])('%j is told', async (options, code, stderr) => {
    const result = await command(['run', '-n', ...options, 'ls']);
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toMatch(stderr);
  });

  test('complete asks it', async () => {
    const { stdout } = await command(['complete', '-t', A, '--cwd', '/', 'ls us']);
    expect(stdout).toMatch(/^usr\//m);
  });
});

describe('several', () => {
  test('text has its domain in front, on standard error too', async () => {
    const { code, stdout, stderr } = await command(['run', '-n', ...BOTH, `sys sh -c 'echo $NAME; echo no >&2'`]);
    expect(code).toBe(0);
    expect(sorted(stdout)).toEqual([`${A}: a`, `${B}: b`]);
    expect(sorted(stderr)).toEqual([`${A}: no`, `${B}: no`]);
  });

  test('objects have the property @domain', async () => {
    const { stdout } = await command(['run', '-n', ...BOTH, 'js-eval "({one: 1})"']);
    expect(jsonLines(stdout)).toEqual([
      { '@domain': A, one: 1 },
      { '@domain': B, one: 1 },
    ]);
    const text = await command(['run', '-n', '--format', 'jsonl', ...BOTH, 'sys echo hi']);
    expect(jsonLines(text.stdout)).toEqual([
      { '@domain': A, value: 'hi' },
      { '@domain': B, value: 'hi' },
    ]);
  });

  test('are one table', async () => {
    const { stdout } = await command(['run', '-n', '--format', 'table', ...BOTH, 'ls / | head 2']);
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/^@domain +mode/);
    expect(lines.filter((line) => line.startsWith('@domain'))).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith('exec:env'))).toHaveLength(4);
  });

  test('are fed alike, though one can not be had; what went wrong is told at the end', async () => {
    const { code, stdout, stderr } = await command(
      ['run', '--fanout', '1', ...BOTH, '-t', 'exec:nosuchprogram', 'sys cat'],
      'one\ntwo\n',
    );
    expect(code).toBe(3);
    expect(sorted(stdout)).toEqual([`${A}: one`, `${A}: two`, `${B}: one`, `${B}: two`]);
    expect(stderr).toMatch(/^hotwire: exec:nosuchprogram: Domain\.ProgramMissing: .*\n$/);
  });

  test('a pipeline that does not parse is told once', async () => {
    const { code, stderr } = await command(['run', '-n', ...BOTH, 'sort | | x']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^hotwire: exec:env NAME=a,exec:env NAME=b: Parse: .*\nsort \| \| x\n {7}\^\n.*\n$/);
  });

  test.each([
    ['test $NAME = a', 1, /^hotwire: exec:env NAME=b: exit status 1\n$/],
    ['exit 7', 7, /^hotwire: exec:env NAME=a,exec:env NAME=b: exit status 7\n$/],
    ['test $NAME = a && exit 7; exit 8', 1, /^hotwire: .*=a: exit status 7\nhotwire: .*=b: exit status 8\n$/],
  ])('the status of %j', async (script, code, stderr) => {
    const result = await command(['run', '-n', ...BOTH, `sys sh -c '${script}'`]);
    expect(result.code).toBe(code);
    expect(result.stderr).toMatch(stderr);
  });

  test('Ctrl-C cancels everywhere, and says so', async () => {
    const running = start(HOTWIRE, ['run', '-n', ...BOTH, `sys sh -c 'echo here; exec sleep 1000'`], { env });
    await running.line(/NAME=a: here/);
    await running.line(/NAME=b: here/);
    running.kill('SIGINT');
    const { code, stderr } = await running.exit();
    expect({ code, stderr }).toEqual({
      code: 130,
      stderr: 'hotwire: cancelling it on 2 hosts\nhotwire: cancelled on 2 hosts\n',
    });
  });

  test('what a pipeline asks of this terminal is not done for several', async () => {
    const { code, stderr } = await command(['run', '-n', ...BOTH, 'view /etc/hostname']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^hotwire: exec:env NAME=a,exec:env NAME=b: asks for this terminal/);
  });

  test('detached pipelines: started, listed, released everywhere; followed on one alone', async () => {
    const { code, stdout } = await command(['run', '-n', '--detach', ...BOTH, 'sys sleep 1000']);
    expect(code).toBe(0);
    const ids = sorted(stdout).map((line) => /^exec:env NAME=[ab] (\d+)$/.exec(line)?.[1] ?? 'none');
    const listed = await command(['jobs', '--format', 'jsonl', ...BOTH]);
    // Both are of the same user, who has the same ones in either.
    expect(jsonLines(listed.stdout).map((job) => job['@domain'])).toEqual([A, A, B, B]);
    expect(await command(['attach', ...BOTH, ids[0] as string])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/are 2: name one\n$/),
    });
    expect(await command(['cancel', ...BOTH, ...ids])).toMatchObject({ code: 0, stderr: '' });
    const refused = await command(['cancel', ...BOTH, '999']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(
      /^hotwire: exec:env NAME=a,exec:env NAME=b: NoSuchPipeline: can't cancel 999: .*\n$/,
    );
    expect(await command(['release', '-t', A, ...ids])).toMatchObject({ code: 0, stderr: '' });
  });

  test('on: a pipeline here goes on with what hosts yield', async () => {
    const hosts = `${A},${B},exec:nosuchprogram`;
    const { code, stdout, stderr } = await command([
      'run',
      '-n',
      `on '${hosts}' 'sys sh -c "echo \\$NAME"' | sort value`,
    ]);
    expect(code).toBe(0);
    expect(jsonLines(stdout)).toEqual([
      { '@domain': A, value: 'a' },
      { '@domain': B, value: 'b' },
    ]);
    expect(stderr).toMatch(/^exec:nosuchprogram: Domain\.ProgramMissing: /);
    const all = await command(['run', '-n', `on --all '${hosts}' 'sys true'`]);
    expect(all.code).toBe(1);
    expect(all.stderr).toMatch(/^hotwire: exec:nosuchprogram: Domain\.ProgramMissing: /);
  });

  // A program that failed there used to be no failure at all.
  test('on: the exit status of the last program counts, as for hotwire run', async () => {
    const on = (...words: string[]) => command(['run', '-n', `on ${words.join(' ')}`]);
    const failing = await on(`'${A},${B}'`, `'sys sh -c "exit 3"'`);
    expect(failing).toMatchObject({ code: 1, stderr: expect.stringMatching(/: exit status 3/) });
    const one = `'sys sh -c "test \\$NAME = a"'`;
    expect(await on(`'${A},${B}'`, one)).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/NAME=b: .*status 1/),
    });
    expect(await on('--all', `'${A},${B}'`, one)).toMatchObject({ code: 1 });
    expect(await on(`'${A},${B}'`, `'sys false | count'`)).toMatchObject({ code: 0, stderr: '' });
  });

  test('on: cancel reaches every host', async () => {
    const running = start(HOTWIRE, ['run', '-n', `on '${A},${B}' 'sys sh -c "echo here; exec sleep 1000"'`], { env });
    await running.line(/NAME=a.*here/);
    await running.line(/NAME=b.*here/);
    running.kill('SIGINT');
    expect(await running.exit()).toMatchObject({ code: 130, stderr: '' });
  });
});

// More than the listeners that Node takes to be a leak on one signal: each host adds some to what cancels all.
test('a dozen hosts and more: nothing is said on standard error', async () => {
  const bus = await startBus();
  await startSlave(bus, [], { env });
  const many = Array.from({ length: 14 }, (_, index) => `exec:env NAME=${index}`);
  const addresses = many.flatMap((address) => ['-t', address]);
  const direct = await command(['run', '-n', ...addresses, 'sys echo hi']);
  expect(direct).toMatchObject({ code: 0, stderr: '' });
  const overBus = (...args: string[]) => hotwire(args, { bus, env });
  const run = await overBus('run', '-n', ...addresses, 'sys echo hi');
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(sorted(run.stdout)).toEqual(many.map((address) => `${address}: hi`).sort());
  expect(await overBus('jobs', ...addresses)).toMatchObject({ code: 0, stderr: '' });
  const on = await overBus('run', '-n', `on 'exec:env NAME=[1-14]' 'sys echo hi' | count`);
  expect(on).toMatchObject({ code: 0, stdout: '14\n', stderr: '' });
}, 60_000);

/** What a process has written so far, in bytes. */
const written = (pid: number) => Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);

/** A program that a command runs, near or far. */
async function found(command: Running, words: string): Promise<number> {
  const find = () => descendants(command.pid).find((pid) => commandLine(pid).startsWith(words.replaceAll(' ', '\0')));
  await waitFor(() => find() !== undefined, words);
  return find() as number;
}

test.each([
  ['on several', ['run', '-n', ...BOTH, 'sys sh -c "exec yes no >&2"']],
  ['on', ['run', '-n', `on '${A}' 'sys sh -c "exec yes no >&2"'`]],
  ['here', ['run', '-n', 'sys sh -c "exec yes no >&2"']],
])('a program that writes to standard error without end pauses while nobody reads that: %s', async (_, args) => {
  const reader = `"$0" "$@" 2>&1 >/dev/null | { read -r line; echo "$line"; exec sleep 1000; }`;
  const running = start('sh', ['-c', reader, HOTWIRE, ...args], { env });
  await running.line(/no$/);
  const yes = await found(running, 'yes no');
  let before = 0;
  let same = 0;
  await waitFor(() => {
    const now = written(yes);
    same = now === before ? same + 1 : 0;
    before = now;
    return same > 50;
  }, 'the program to pause');
  const all = descendants(running.pid);
  for (const pid of all) expect(memory(pid).rss).toBeLessThan(MOST_BYTES);
  process.kill(await found(running, 'sleep 1000'), 'SIGKILL'); // nobody will read it any more: it ends
  await running.exit();
  await waitFor(() => !all.some(isAlive), 'all of it to end');
});

test('--debug: stack traces, of several hosts too', async () => {
  const { code, stderr } = await command(['run', '-n', '--debug', ...BOTH, 'js-eval "null.x"']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^hotwire: exec:env NAME=a,exec:env NAME=b: PipelineFailed: .*\n(.*\n)* +at /);
});

test('on within on: each object is of a path, whatever it says itself', async () => {
  const { stdout } = await command(['run', '-n', `on '${A}' "on local: 'sys echo hi'"`]);
  expect(jsonLines(stdout)).toEqual([{ '@domain': `${A}/local:`, value: 'hi' }]);
  const lie = await command(['run', '-n', ...BOTH, `js-eval '({"@domain": "other"})'`]);
  expect(jsonLines(lie.stdout)).toEqual([{ '@domain': `${A}/other` }, { '@domain': `${B}/other` }]);
});

describe('hosts of ssh', () => {
  let sshd: Sshd;
  let sshEnv: NodeJS.ProcessEnv;

  beforeAll(async () => {
    sshd = await Sshd.start();
    for (const name of ['web1', 'web2', 'web3']) await sshd.host(name, { admitted: name !== 'web3' });
    sshEnv = environment({
      ...home.environment,
      HOTWIRE_SSH: sshd.ssh,
      XDG_STATE_HOME: path.join(sshd.folder, 'state'),
    });
  });

  const onHosts = (...args: string[]) => hotwire(args, { env: sshEnv });

  test('folded names; a host that lets nobody in is told by its kind', async () => {
    const { code, stdout, stderr } = await onHosts('run', '-n', '-H', 'web[1-3]', 'sys sh -c "basename \\$HOME"');
    expect(sorted(stdout)).toEqual(['web1: home-web1', 'web2: home-web2']);
    expect(stderr).toMatch(/^hotwire: web3: Domain\.(LoginRefused|PromptNeeded): /);
    expect(code).toBe(3);
  });

  test('groups of the user’s own file, and warm connections', async () => {
    const config = path.join(home.folder, 'config', 'hotwire');
    mkdirSync(config, { recursive: true });
    writeFileSync(path.join(config, 'groups'), 'all: web[1-3]\n');
    const { code, stdout, stderr } = await onHosts('run', '-n', '-H', '@all!web3', 'js-eval 1');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(jsonLines(stdout)).toEqual([
      { '@domain': 'web1', value: 1 },
      { '@domain': 'web2', value: 1 },
    ]);
  });

  // Each has a list of known hosts of its own, which is empty: ssh has to ask.
  test('on a terminal ssh asks, for one host after the other; then they are used', async () => {
    const known = (name: string) => [`UserKnownHostsFile ${path.join(sshd.folder, `known-${name}`)}`];
    for (const name of ['new1', 'new2']) await sshd.host(name, { config: known(name) });
    const words = `${HOTWIRE} run -n --no-progress --color never -H 'new[1-2]' 'sys echo in'`;
    expect(await onHosts('run', '-n', '-H', 'new[1-2]', 'sys echo in')).toMatchObject({ code: 3, stdout: '' });
    const terminal = start('script', ['-qec', `stty -echo; exec ${words}`, '/dev/null'], {
      env: { ...sshEnv, TERM: 'xterm', SHELL: '/bin/sh' },
    });
    let asked = 0;
    terminal.onOutput((text) => {
      for (const _ of text.matchAll(/\(yes\/no/g)) {
        asked++;
        terminal.stdin.write('yes\n');
      }
    });
    const { code, stdout } = await terminal.exit();
    expect(stdout).toMatch(/^new1: in\r$/m);
    expect(stdout).toMatch(/^new2: in\r$/m);
    expect({ code, asked }).toEqual({ code: 0, asked: 2 });
  });

  test('over a slave on a bus, which keeps the connections', async () => {
    const bus = await startBus();
    await startSlave(bus, [], { env: sshEnv });
    for (const _ of [1, 2]) {
      const { code, stdout, stderr } = await hotwire(['run', '-n', '-H', 'web[1-2]', 'sys echo hi'], {
        bus,
        env: sshEnv,
      });
      expect({ code, stderr, lines: sorted(stdout) }).toEqual({ code: 0, stderr: '', lines: ['web1: hi', 'web2: hi'] });
    }
  });

  test('the history says where it ran', async () => {
    const words = `${HOTWIRE} run -H 'web[1-2]' 'sys echo kept'`;
    const terminal = start('script', ['-qec', words, '/dev/null'], {
      env: { ...sshEnv, TERM: 'xterm', SHELL: '/bin/sh', HOTWIRE_HISTORY: 'on' },
    });
    expect((await terminal.exit()).code).toBe(0);
    const { stdout } = await onHosts('history', '--format', 'jsonl');
    expect(jsonLines(stdout)).toEqual([
      expect.objectContaining({ command: 'sys echo kept', domain: 'web[1-2]', cwd: null, exit_status: 0 }),
    ]);
  });

  test('one table on a terminal, and a line that says how far it is', async () => {
    const words = `${HOTWIRE} run -n -H 'web[1-2]' "sys sleep 1 | count"`;
    const terminal = start('script', ['-qec', `stty cols 80; exec ${words}`, '/dev/null'], {
      env: { ...sshEnv, TERM: 'xterm', SHELL: '/bin/sh' },
    });
    const { code, stdout } = await terminal.exit();
    expect(code).toBe(0);
    expect(stdout).toContain('hosts: 0 done, 0 failed, 2 running');
    expect(stdout).toMatch(/web1: 0\r\n/);
  });

  test('one of them is as this machine', async () => {
    expect(await onHosts('run', '-n', '-H', 'web1', 'sys echo hi')).toMatchObject({
      code: 0,
      stdout: 'hi\n',
      stderr: '',
    });
  });
});
