import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { METADATA } from '../../src/contract';
import { Context, prepare, Registry } from '../../src/engine';
import { counter, Recorder, start, sys } from './support';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'hotwire-processes-'));
});

afterAll(() => rmSync(directory, { recursive: true }));

const file = (name: string) => path.join(directory, name);

/** Descriptors that whoever started the tests left to every process: those without the flag O_CLOEXEC, but for stdio. */
const inherited = readdirSync('/proc/self/fdinfo')
  .map(Number)
  .filter((descriptor) => {
    if (descriptor < 3 || !existsSync(`/proc/self/fdinfo/${descriptor}`)) return false;
    const flags = /flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & 0o2000000) === 0;
  });

/** Runs a pipeline in the test's directory to its end. */
async function run(text: string, builtins: Parameters<typeof start>[1] = []) {
  const started = start(text, builtins, { cwd: directory });
  return { ...started, state: await started.ended };
}

/** Whether a process lives (a zombie does not). */
function lives(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe('system commands', () => {
  test('yield lines and report how they ended', async () => {
    const { state, recorder } = await run("sys sh -c 'echo one; echo two >&2; exit 3'");
    expect(state).toBe('complete');
    expect(recorder.values).toEqual(['one']);
    expect(recorder.metadataOf(METADATA.stderr)).toEqual(['two\n']);
    expect(recorder.metadataOf(METADATA.exit)).toEqual([{ code: 3, signal: null }]);
  });

  test('a signal is reported too', async () => {
    const { recorder } = await run("sys sh -c 'kill -9 $$'");
    expect(recorder.metadataOf(METADATA.exit)).toEqual([{ code: null, signal: 'SIGKILL' }]);
  });

  test('neighbours are joined by a kernel pipe', async () => {
    const { recorder } = await run('sys readlink /proc/self/fd/1 | sys cat');
    expect(recorder.values).toEqual([expect.stringMatching(/^pipe:/)]);
  });

  test('programs can open /dev/stdin, /dev/stdout and /dev/stderr', async () => {
    const { recorder } = await run("sys echo hi | sys sh -c 'cat /dev/stdin > /dev/stdout; echo oh > /dev/stderr'");
    expect(recorder.values).toEqual(['hi']);
    expect(recorder.metadataOf(METADATA.stderr)).toEqual(['oh\n']);
  });

  test('bytes pass between neighbours as they are', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
    writeFileSync(file('bytes'), bytes);
    const { state } = await run('sys cat < bytes | sys cat > copy');
    expect(state).toBe('complete');
    expect(readFileSync(file('copy'))).toEqual(bytes);
  });

  test('redirections are made, overwritten and appended to', async () => {
    await run('sys echo a > out');
    await run('sys echo b > out');
    await run('sys echo c >> out');
    expect(readFileSync(file('out'), 'utf8')).toBe('b\nc\n');
    const { state, pipeline } = await run('sys cat < missing');
    expect(state).toBe('exception');
    expect(pipeline.error?.message).toBe(`${file('missing')}: no such file or directory`);
  });

  test('objects of a stage before are fed as lines; one that stops reading ends it', async () => {
    let stopped = false;
    const endless = counter(() => {
      stopped = true;
    });
    const { state, recorder } = await run('counter | sys head -n 3', [endless]);
    expect(state).toBe('complete');
    expect(recorder.values).toEqual(['0', '1', '2']);
    expect(stopped).toBe(true);
  });

  test('a command that does not read is no failure, and the pipeline ends with it', async () => {
    const { state } = await run('counter | sys true', [counter()]);
    expect(state).toBe('complete');
  });

  test('no descriptor of ours is left in a child', async () => {
    const { recorder } = await run("sys true | sys sh -c 'ls /proc/self/fd'");
    const own = recorder.values.map(Number).filter((descriptor) => !inherited.includes(descriptor));
    expect(own).toEqual([0, 1, 2, 3]); // 3: the directory that ls reads
  });

  test('a stage that stops early ends the processes', async () => {
    const { recorder, state } = await run("sys sh -c 'echo $$; while :; do echo x; done' | first 1");
    expect(state).toBe('complete');
    expect(lives(Number(recorder.values[0]))).toBe(false);
  });

  test('cancel ends the whole group, then reports it', async () => {
    const { recorder, pipeline } = start("sys sh -c 'echo $$; sleep 100 & echo $!; wait'");
    await recorder.event(() => recorder.values.length === 2);
    await pipeline.cancel();
    expect(recorder.states.at(-1)).toBe('cancelled');
    for (const pid of recorder.values) expect(lives(Number(pid))).toBe(false);
  });

  test('one that ignores the polite signal is killed', async () => {
    const { recorder, pipeline } = start("sys sh -c 'trap : TERM; echo $$; while :; do sleep 1; done'");
    await recorder.event(([kind]) => kind === 'objects');
    await pipeline.cancel();
    expect(recorder.states.at(-1)).toBe('cancelled');
    expect(lives(Number(recorder.values[0]))).toBe(false);
  });

  // It was reported as cancelled at once, with the process still alive.
  test('also when a builtin follows it', async () => {
    const { recorder, pipeline } = start("sys sh -c 'trap : TERM; echo $$; while :; do sleep 1; done' | first 99");
    await recorder.event(([kind]) => kind === 'objects');
    await pipeline.cancel();
    expect(recorder.states.at(-1)).toBe('cancelled');
    expect(lives(Number(recorder.values[0]))).toBe(false);
  });

  test('a stopped process is ended too', async () => {
    const { recorder, pipeline } = start("sys sh -c 'echo $$; kill -STOP $$; echo never'");
    await recorder.event(([kind]) => kind === 'objects');
    await pipeline.cancel();
    expect(recorder.values).toHaveLength(1);
    expect(lives(Number(recorder.values[0]))).toBe(false);
  });

  // The first command was already running and its stderr awaited, while we held the other end: it hung for ever.
  test('a program that went away since it was parsed is named', async () => {
    writeFileSync(file('tool'), '#!/bin/sh\nsleep 100\n', { mode: 0o755 });
    const context = new Context();
    const pipeline = prepare('sys sleep 100 | ./tool', context, new Registry([sys]), { cwd: directory });
    rmSync(file('tool'));
    expect(await pipeline.run(new Recorder())).toBe('exception');
    expect(pipeline.error?.message).toBe('./tool: no such program');
  });

  test('a program that can not be executed is named', async () => {
    writeFileSync(file('broken'), '#!/no/such/interpreter\n', { mode: 0o755 });
    const { state, pipeline } = await run('./broken');
    expect(state).toBe('exception');
    expect(pipeline.error?.message).toMatch(/^can't run \.\/broken: /);
  });

  test('nothing is left open after many runs', async () => {
    await run('sys echo | sys cat | first 1');
    const before = readdirSync('/proc/self/fd').length;
    for (let round = 0; round < 20; round += 1) await run('sys echo | sys cat | first 1');
    // The stock of spare pipes may be anywhere between empty and full.
    expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(before + 12);
  });
});
