import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { decodeAddress, INTERNET_TABLES, UNIX_TABLE } from '../../src/builtins/lib/socket-tables';
import { propertiesOf } from '../../src/classes';
import { temporaryFolder } from '../support/temp';
import { closeContexts, run, valuesOf } from './support';

afterAll(closeContexts);

type SocketObject = Record<string, unknown>;
const sockets = async (text: string) => (await valuesOf(text)) as SocketObject[];

test.each([
  ['0100007F', '127.0.0.1'],
  ['00000000', '0.0.0.0'],
  ['0102A8C0', '192.168.2.1'],
  ['00000000000000000000000000000000', '::'],
  ['00000000000000000000000001000000', '::1'],
  ['B80D0120000000000000000001000000', '2001:db8::1'],
  ['000080FE00000000FF565002BAD5F4FE', 'fe80::250:56ff:fef4:d5ba'],
  ['0000000000000000FFFF00000100007F', '127.0.0.1'],
])('%s is %s', (digits, address) => {
  expect(decodeAddress(digits)).toBe(address);
});

const TAIL = ' 1 00000000ca233269 100 0 0 10 0';
const NOTHING = '00000000000000000000000000000000';
const connected = { local: '10.0.0.1:22', remote: '10.0.0.2:51234', remote_address: '10.0.0.2', remote_port: 51234 };

test.each<[string, string, SocketObject | undefined]>([
  [
    'tcp',
    `   0: 00000000:0016 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0        0 1147${TAIL}`,
    {
      state: 'LISTEN',
      local: '0.0.0.0:22',
      remote: null,
      remote_port: null,
      receive_queue: 3,
      owner_id: 0,
      inode: 1147,
    },
  ],
  [
    'tcp',
    ` 123: 0100000A:0016 0200000A:C822 01 00000010:00000000 02:000A4FF0 00000000  1000        0 99${TAIL}`,
    { ...connected, state: 'ESTABLISHED', type: 'stream', send_queue: 16, owner_id: 1000, inode: 99 },
  ],
  [
    'tcp',
    `1000: 0100000A:0016 0200000A:C822 06 00000000:00000000 03:00001234 00000000     0        0 0 3 00000000ca233269`,
    { ...connected, state: 'TIME_WAIT', inode: 0 },
  ],
  [
    'tcp6',
    `   1: 0000000000000000FFFF00000100000A:0050 0000000000000000FFFF00000200000A:C822 08 00000000:00000000 00:00000000 00000000 33 0 7${TAIL}`,
    { protocol: 'tcp6', state: 'CLOSE_WAIT', local: '10.0.0.1:80', remote_address: '10.0.0.2' },
  ],
  [
    'udp6',
    `  42: ${NOTHING}:14E9 ${NOTHING}:0000 07 00000000:00000000 00:00000000 00000000   105        0 22 2 0000000012345678 0`,
    { type: 'dgram', state: 'UNCONNECTED', local: '[::]:5353', remote: null, owner_id: 105 },
  ],
  [
    'tcp',
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    undefined,
  ],
  ['tcp', '', undefined],
  ['unix', 'Num       RefCount Protocol Flags    Type St Inode Path', undefined],
  [
    'unix',
    '00000000cf83574e: 00000002 00000000 00010000 0001 01 25434 /run/a b',
    { state: 'LISTEN', type: 'stream', local: '/run/a b', inode: 25434, owner_id: null, local_port: null },
  ],
  [
    'unix',
    '00000000cf83574e: 00000002 00000000 00000000 0005 03    12 @/tmp/.X11-unix/X0',
    { state: 'ESTABLISHED', type: 'seqpacket', local: '@/tmp/.X11-unix/X0' },
  ],
  [
    'unix',
    '0000000000000000: 00000002 00000000 00000000 0002 01 9',
    { state: 'UNCONNECTED', type: 'dgram', local: '' },
  ],
  ['unix', 'the rest of a path with a line end', undefined],
])('a line of %s: %s', (protocol, line, expected) => {
  const table = [...INTERNET_TABLES, UNIX_TABLE].find((known) => known.protocol === protocol);
  const entry = table?.read(line);
  if (expected === undefined) expect(entry).toBeUndefined();
  else expect(entry).toMatchObject(expected);
});

test('finds a listening and a connected socket, and the process that holds them', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect(port, '127.0.0.1');
  const [accepted] = await once(server, 'connection');
  try {
    const listening = await sockets(`sockets -l | filter ^${port}$ local_port`);
    const local = { protocol: 'tcp', local: `127.0.0.1:${port}`, owner_id: process.geteuid?.(), pid: process.pid };
    expect(listening).toEqual([expect.objectContaining({ ...local, state: 'LISTEN', remote: null })]);
    expect(listening[0]?.cmd).toBe((await sockets(`proc | filter ^${process.pid}$ pid`))[0]?.cmd);
    const from = (await sockets('sockets')).filter((found) => found.remote_port === port);
    expect(from).toMatchObject([{ state: 'ESTABLISHED', local_port: client.localPort, pid: process.pid }]);
    const declared = propertiesOf('hotwire.sysdep.net.Socket').map(({ name }) => name);
    expect(Object.keys(listening[0] ?? {}).sort()).toEqual(declared.sort());
  } finally {
    accepted.destroy();
    client.destroy();
    server.close();
  }
});

test('those of unix come with -a, by their path', async () => {
  const file = path.join(temporaryFolder(), 'a socket');
  const server = createHttpServer().listen(file);
  await once(server, 'listening');
  try {
    const found = (await sockets('sockets -la')).filter(({ local }) => local === file);
    expect(found).toMatchObject([{ protocol: 'unix', state: 'LISTEN', pid: process.pid, owner_name: null }]);
    expect((await sockets('sockets')).some(({ protocol }) => protocol === 'unix')).toBe(false);
  } finally {
    server.close();
  }
});

/** How long the event loop may be held up, and runs that one may be measured in. */
const MOST_BLOCKED_MS = 20;
const MOST_RUNS = 20;

test('10,000 descriptors do not hold up the event loop', async () => {
  const script = `
import resource, socket, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (11000, 11000))
held = [end for _ in range(5000) for end in socket.socketpair()]
print('ready', flush=True)
sys.stdin.read()`;
  const child = spawn('/usr/bin/python3', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    await once(child.stdout, 'data');
    const longest: number[] = [];
    // Others use the machine, too: what blocks of itself does so every time, and fails this however often it runs.
    while (longest.length < MOST_RUNS && !longest.some((ms) => ms < MOST_BLOCKED_MS)) {
      const delay = monitorEventLoopDelay({ resolution: 1 });
      delay.enable();
      const { batches, values } = await run('sockets -a');
      delay.disable();
      longest.push(delay.max / 1e6);
      const held = (values as SocketObject[]).filter(({ pid }) => pid === child.pid);
      expect(held.length).toBeGreaterThanOrEqual(10_000); // and its own pipes
      expect(Math.max(...batches.map(({ objects }) => objects.length))).toBeLessThan(2000);
    }
    expect(Math.min(...longest)).toBeLessThan(MOST_BLOCKED_MS);
  } finally {
    child.kill('SIGKILL');
  }
});

test('stops when its consumer does', async () => {
  const { state, values } = await run('sockets -a | head 1');
  expect([state, values.length]).toEqual(['complete', 1]);
});
