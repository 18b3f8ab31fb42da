// The helpers themselves: a helper that waits for nothing, or ends nothing, would make every other test worthless.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { startBus, waitForName } from './bus';
import { descendants, isAlive, memory } from './proc';
import { run, start } from './process';
import { waitFor, within } from './wait';

const MIB = 1024 * 1024;
const PYTHON = '/usr/bin/python3';

describe('a bus', () => {
  test('answers, counts its connections, and goes with its folder', async () => {
    const bus = await startBus();
    const before = await bus.stats();
    expect(before.ActiveConnections).toBe(1); // busctl itself
    const folder = path.dirname(/path=([^,]+)/.exec(bus.address)?.[1] ?? '');
    expect(existsSync(folder)).toBe(true);
    await bus.stop();
    expect(isAlive(bus.pid)).toBe(false);
    await expect(bus.stats()).rejects.toThrow('GetStats');
  });

  test('has the limits that it was given', async () => {
    const bus = await startBus({ limits: { max_match_rules_per_connection: 0 } });
    const names = ['org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus.AddMatch'] as const;
    await expect(bus.call(...names, 's', 'type=signal')).rejects.toThrow('max_match_rules_per_connection=0');
    await expect((await startBus()).call(...names, 's', 'type=signal')).resolves.toEqual({ type: '', data: [] });
  });

  test('tells when a name has an owner', async () => {
    const bus = await startBus();
    await expect(waitForName(bus, 'com.example.Absent', 1000)).rejects.toThrow('nobody owns com.example.Absent');
    const code = `import dbus, sys
bus = dbus.bus.BusConnection(sys.argv[1])
bus.request_name('com.example.Present')
sys.stdin.read()`;
    const owner = start(PYTHON, ['-c', code, bus.address]);
    await waitForName(bus, 'com.example.Present');
    owner.stdin.end();
    expect(await owner.exit()).toMatchObject({ code: 0 });
  });
});

describe('a process', () => {
  test('is run with its input, and all that it printed is there', async () => {
    const result = await run('sh', ['-c', 'cat; echo problem >&2; exit 3'], { input: 'a\nb' });
    expect(result).toEqual({ code: 3, signal: null, stdout: 'a\nb', stderr: 'problem\n' });
  });

  test('is awaited by a line', async () => {
    const running = start('sh', ['-c', 'echo one; printf two; read x; echo; echo three']);
    expect(await running.line(/^o/)).toBe('one');
    running.stdin.end('\n');
    expect(await running.line(/two/)).toBe('two');
    expect(await running.line(/three/)).toBe('three');
    await expect(running.line(/four/)).rejects.toThrow('ended without printing /four/');
  });

  test('that takes too long fails the test and says what it printed', async () => {
    const running = start('sh', ['-c', 'echo here; exec sleep 100']);
    await expect(running.line(/never/, 'stdout', 200)).rejects.toThrow(/not within 200 ms\n--- stdout\nhere\n/);
    await expect(running.exit(1)).rejects.toThrow('the end of sh -c echo here; exec sleep 100: not within 1 ms');
    await running.stop();
    expect(isAlive(running.pid)).toBe(false);
    expect(await running.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('that is not installed is an error', () => {
    expect(() => start('no-such-program-zz', [])).toThrow("can't start no-such-program-zz");
  });

  test('has memory and descendants', async () => {
    const running = start('sh', ['-c', 'sh -c "sleep 100 & echo ready; wait"; exit']);
    await running.line(/ready/);
    const below = descendants(running.pid);
    expect(below).toHaveLength(2);
    expect(below.every(isAlive)).toBe(true);
    const { rss, peak } = memory(process.pid);
    expect(rss).toBeGreaterThan(MIB);
    expect(peak).toBeGreaterThanOrEqual(rss);
    for (const pid of below) process.kill(pid, 'SIGKILL');
    await waitFor(() => !below.some(isAlive), 'the end of the children');
  });
});

describe('waiting', () => {
  test('ends with what is waited for, or names it', async () => {
    await expect(within(Promise.resolve(1), 'x')).resolves.toBe(1);
    await expect(within(new Promise(() => undefined), 'the sun', 1)).rejects.toThrow('the sun: not within 1 ms');
    await expect(waitFor(() => false, 'the moon', 1)).rejects.toThrow('the moon: not within 1 ms');
  });
});

test.each(['client_dbus.py', 'client_gio.py'])('%s says what is wrong when there is no slave', async (name) => {
  const bus = await startBus();
  const result = await run(PYTHON, [path.join(__dirname, 'python', name), bus.address, 'proc']);
  expect(result).toMatchObject({ code: 1, stdout: '' });
  expect(result.stderr).toMatch(/org\.hotwireshell\.Slave1.*(not provided|activat)/);
});
