// How a slave starts, where it serves, and how it ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { BUS_NAME, INTERFACE, OBJECT_PATH } from '../../src/contract';
import { Connection, stdioStream } from '../../src/wire';
import { startBus } from '../support/bus';
import { onCleanup } from '../support/cleanup';
import { isAlive } from '../support/proc';
import { environment, run, start } from '../support/process';
import { RawClient } from '../support/raw-client';
import { built, HOTWIRE_SLAVE, startSlave } from '../support/slave';
import { waitFor, within } from '../support/wait';

const PYTHON = '/usr/bin/python3';

/** A D-Bus address that starts a slave and speaks to its stdio. */
const STDIO = `unixexec:path=${HOTWIRE_SLAVE.replaceAll('%', '%25')},argv1=--stdio`;

beforeAll(built);

describe('on a bus', () => {
  test('SIGTERM ends it in good order, and every child with it', async () => {
    const bus = await startBus();
    const slave = await startSlave(bus);
    const client = await RawClient.connect(bus);
    const id = await client.run("sys sh -c 'echo $$; sleep 100'");
    await client.until('a line', () => client.objects(id).length === 1);
    slave.kill('SIGTERM');
    expect(await slave.exit()).toMatchObject({ code: 0, signal: null });
    expect(isAlive(Number(client.objects(id)[0]))).toBe(false);
    await bus.stop();
  });

  test('the end of the bus ends it, and every child with it', async () => {
    const bus = await startBus();
    const slave = await startSlave(bus);
    const client = await RawClient.connect(bus);
    const id = await client.run("sys sh -c 'echo $$; sleep 100'");
    await client.until('a line', () => client.objects(id).length === 1);
    const pid = Number(client.objects(id)[0]);
    await bus.stop();
    expect(await slave.exit()).toMatchObject({ code: 0, signal: null });
    expect(isAlive(pid)).toBe(false);
  });

  test('a second one is told that the name is taken', async () => {
    const bus = await startBus();
    await startSlave(bus);
    const second = await run(HOTWIRE_SLAVE, ['--address', bus.address]);
    expect(second.code).toBe(3);
    expect(second.stderr).toContain(`another slave has the name ${BUS_NAME}`);
    await bus.stop();
  });

  test('--idle-exit: it leaves when its last client has, not before', async () => {
    const bus = await startBus();
    const slave = await startSlave(bus, ['--idle-exit', '0.2']);
    const client = await RawClient.connect(bus);
    const id = await client.run('sys sleep 0.5');
    await client.untilState(id, 'complete');
    expect(isAlive(slave.pid)).toBe(true);
    client.connection.destroy();
    expect(await slave.exit()).toMatchObject({ code: 0, signal: null });
    await bus.stop();
  });

  test.each([
    ['no bus there', ['--address', 'unix:path=/no/such/socket'], 3, /no\/such\/socket/],
    ['no session bus', ['--session'], 3, /DBUS_SESSION_BUS_ADDRESS is not set/],
    ['nowhere to serve', [], 2, /say where to serve/],
    ['an address that is none', ['--address', 'nonsense'], 3, /nonsense/],
    ['an unknown option', ['--nonsense'], 2, /--nonsense/],
    ['a bad number', ['--stdio', '--idle-exit', 'x'], 2, /number of seconds/],
    ['more than a timer counts', ['--session', '--idle-exit', '2147484'], 2, /above 0, and at most 2147483/],
    ['no end', ['--stdio', '--keep-alive', 'Infinity'], 2, /above 0, and at most 2147483/],
  ])('%s', async (_, args, code, words) => {
    const result = await run(HOTWIRE_SLAVE, args, { env: environment() });
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toMatch(words);
    expect(result.stderr).not.toMatch(/\n +at /);
  });
});

describe('on stdio', () => {
  test('busctl works through it', async () => {
    const call = ['call', BUS_NAME, OBJECT_PATH, INTERFACE, 'Evaluate', 'sa{sv}', 'js-eval 6*7', '0'];
    const answer = await run('busctl', [`--address=${STDIO}`, '--json=short', ...call]);
    expect(answer.stderr).toBe('');
    expect(JSON.parse(answer.stdout)).toMatchObject({ data: [[['number', ['42']]]] });
    const list = await run('busctl', [`--address=${STDIO}`, 'list']);
    expect(list.stdout).toContain(BUS_NAME);
    const introspected = await run('busctl', [`--address=${STDIO}`, 'introspect', BUS_NAME, OBJECT_PATH]);
    expect(introspected.stdout).toContain('RunPipeline');
  });

  test("Python's dbus receives the signals through it", async () => {
    const client = `${__dirname}/../support/python/client_dbus.py`;
    const { code, stdout, stderr } = await run(PYTHON, [client, STDIO, 'sys echo hello']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('"\\"hello\\""');
    expect(stdout.trim().split('\n').at(-1)).toContain('complete');
  });

  test('the end of its stdin ends it, and every child with it', async () => {
    const slave = spawn(HOTWIRE_SLAVE, ['--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
    onCleanup(() => slave.kill('SIGKILL'));
    const ended = once(slave, 'exit');
    const marker = `12346.${process.pid}`;
    const text = `sys sleep ${marker}`;
    const connection = await Connection.connect(stdioStream(slave.stdout, slave.stdin));
    const message = { destination: BUS_NAME, path: OBJECT_PATH, interface: INTERFACE };
    await connection.call({ ...message, member: 'RunPipeline', signature: 's', body: [text] });
    const sleeping = async () => (await run('pgrep', ['-f', `^sleep ${marker}`])).stdout !== '';
    await waitFor(sleeping, 'the sleep to begin');
    await connection.close();
    expect(await within(ended, 'the end of the slave')).toEqual([0, null]);
    expect(await sleeping()).toBe(false);
  });

  test('a peer that speaks no D-Bus is shown the door', async () => {
    const slave = start(HOTWIRE_SLAVE, ['--stdio']);
    slave.stdin.end('GET / HTTP/1.1\r\n\r\n');
    const { code } = await slave.exit();
    expect(code).toBe(3);
    expect(slave.stderr).not.toMatch(/\n +at /);
  });
});
