// Detached pipelines as a person has them: hotwire run --detach, jobs, attach, cancel, undo, release.
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { start } from '../support/process';
import { ResidentHome } from '../support/resident';
import { built, HOTWIRE, hotwire } from '../support/slave';
import { PATIENCE_MS, waitFor } from '../support/wait';

beforeAll(built, 4 * PATIENCE_MS);

const home = new ResidentHome({ detachedInputGraceS: 1 });
const cwd = home.folder;
const CTRL_C = '\u0003';

function command(...args: string[]) {
  return hotwire(args, { env: home.environment, cwd });
}

async function detach(text: string, ...options: string[]): Promise<string> {
  const { code, stdout, stderr } = await command('run', '--detach', '-n', ...options, text);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trim();
}

async function jobs(): Promise<Record<string, unknown>[]> {
  const { stdout } = await command('jobs', '--format', 'jsonl');
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

async function job(id: string): Promise<Record<string, unknown> | undefined> {
  return (await jobs()).find((one) => String(one.id) === id);
}

async function untilJob(id: string, state: string): Promise<void> {
  await waitFor(async () => (await job(id))?.state === state, `job ${id} to be ${state}`);
}

// What it had printed and how it had ended came before anybody listened, in six of ten times.
test('attach to one that has ended: its output, its standard error, its status, each time', async () => {
  const id = await detach('sys sh -c "echo out; echo err >&2; exit 3"');
  await untilJob(id, 'complete');
  expect(await job(id)).toMatchObject({ exit: '3', objects: 1, undoable: false, error: null });
  for (let time = 0; time < 6; time++) {
    expect(await command('attach', id)).toMatchObject({ code: 3, stdout: 'out\n', stderr: 'err\n' });
  }
  await command('release', id);
});

test('Ctrl-C leaves it, and says from where it goes on', async () => {
  const id = await detach('sys sh -c "echo one; exec sleep 1000"');
  const terminal = start('script', ['-qec', `exec ${HOTWIRE} attach ${id}`, '/dev/null'], {
    env: { ...home.environment, TERM: 'xterm' },
  });
  await terminal.line(/^one\r$/);
  terminal.stdin.write(CTRL_C);
  const { code, stdout } = await terminal.exit();
  expect(code).toBe(130);
  const from = /hotwire attach (\d+) --from (\d+)/.exec(stdout);
  expect(from?.[1]).toBe(id);
  expect(await job(id)).toMatchObject({ state: 'executing' });
  expect(await command('cancel', id)).toMatchObject({ code: 0 });
  expect(await command('attach', id, '--from', String(from?.[2]))).toMatchObject({ code: 130, stdout: '' });
  await command('release', id);
});

test('each of several, though one can not be had', async () => {
  const [one, two] = [await detach('sys sleep 1000'), await detach('sys sleep 1000')];
  const { code, stderr } = await command('cancel', '999', one, two);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/^hotwire: can't cancel 999: there is no pipeline 999.*\n$/),
  });
  expect((await jobs()).map(({ state }) => state)).toEqual(['cancelled', 'cancelled']);
  expect(await command('release', one, two)).toMatchObject({ code: 0 });
  expect(await jobs()).toEqual([]);
});

test('undo, once', async () => {
  const folder = path.join(cwd, 'made');
  const id = await detach('mkdir made');
  await untilJob(id, 'complete');
  expect(await job(id)).toMatchObject({ undoable: true });
  expect(existsSync(folder)).toBe(true);
  expect(await command('undo', id)).toMatchObject({ code: 0 });
  expect(existsSync(folder)).toBe(false);
  expect(await job(id)).toMatchObject({ state: 'undone', undoable: false });
  expect(await command('undo', id)).toMatchObject({ code: 1 });
  await command('release', id);
});

describe('input', () => {
  test('is fed to its end before the command ends', async () => {
    const input = Array.from({ length: 5000 }, (_, index) => `line ${index}\n`).join('');
    const { code, stdout } = await hotwire(['run', '--detach', 'sys wc -l'], { env: home.environment, cwd, input });
    expect(code).toBe(0);
    expect(await command('attach', stdout.trim())).toMatchObject({ code: 0, stdout: '5000\n' });
    await command('release', stdout.trim());
  });

  // It stayed until its own input ended, which may be never.
  test('that stays open does not hold the command once the pipeline has ended', async () => {
    const running = start(HOTWIRE, ['run', '--detach', 'sys true'], { env: home.environment, cwd });
    expect(await running.exit()).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\n$/) });
    await command('release', running.stdout.trim());
  });

  // It stayed `executing`, with an input that nobody could end.
  test('whose giver is killed: the pipeline fails, and says so', async () => {
    const running = start(HOTWIRE, ['run', '--detach', 'sys cat'], { env: home.environment, cwd });
    const id = (await running.line(/^\d+$/)).trim();
    running.stdin.write('something\n');
    await waitFor(async () => (await job(id))?.objects === 1, 'the first line to be there');
    running.kill('SIGKILL');
    await untilJob(id, 'exception');
    expect((await job(id))?.error).toContain('the input was cut short');
    await command('release', id);
  });
});

test('wrong numbers and words are errors of usage', async () => {
  for (const args of [
    ['attach', 'x'],
    ['attach', '0'],
    ['attach'],
    ['cancel'],
    ['release', '1', '-2'],
    ['help', 'foo'],
  ]) {
    expect(await command(...args)).toMatchObject({ code: 2, stdout: '' });
  }
  expect((await command('help', 'foo')).stderr).toContain("unknown command 'foo'");
  expect(await command('attach', '12345')).toMatchObject({ code: 1 });
});

test('without any, jobs shows none, and no resident slave is started for that', async () => {
  const other = new ResidentHome();
  mkdirSync(path.join(other.folder, 'empty'));
  expect(await hotwire(['jobs'], { env: other.environment })).toMatchObject({ code: 0, stdout: '' });
  expect(await other.pid()).toBeUndefined();
});
