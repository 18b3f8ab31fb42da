// A bridge in this process to real buses: dbus-daemons of another user, reached through real processes.
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { BUS_NAME, INTERFACE, OBJECT_PATH } from '../../src/contract';
import { Bridge, type BridgeOptions, endBridge } from '../../src/domains';
import type { HotwireError } from '../../src/errors';
import type { Connection, Variant } from '../../src/wire';
import { callBus } from '../../src/wire';
import { bridgeEnvironment, connectTo, FAR_UID, farAddress, IS_ROOT, LOOKS, own } from '../support/bridge';
import { type Bus, startBus } from '../support/bus';
import { onCleanup } from '../support/cleanup';
import { commandLine, descendants, isAlive } from '../support/proc';
import { built } from '../support/slave';
import { temporaryFolder } from '../support/temp';
import { waitFor, within } from '../support/wait';

const FAR_NAME = 'com.example.Far';
/** Long enough to be taken for the header of a message. */
const GARBAGE = 'garbage '.repeat(10);
const ours = IS_ROOT ? {} : { skip: 'only root can start what belongs to another user' };
const asRoot = 'skip' in ours ? test.skip : test;

let bus: Bus;
/** Of the far session bus. */
let far: string;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  await built();
  bus = await startBus(IS_ROOT ? { uid: FAR_UID } : {});
  far = await farAddress({ DBUS_SESSION_BUS_ADDRESS: bus.address });
  environment = bridgeEnvironment();
}, 60_000);

const opened: Bridge[] = [];

async function open(address = far, options: BridgeOptions = {}): Promise<Bridge> {
  const bridge = await Bridge.open(address, { environment, ...options });
  opened.push(bridge);
  onCleanup(() => bridge.close());
  return bridge;
}

function socketOf({ address }: Bridge): string {
  return decodeURIComponent(/path=([^,]+)/.exec(address)?.[1] ?? '');
}

/** Processes at the far side: one for each connection. */
function carriers(): number[] {
  return descendants(process.pid).filter((pid) => commandLine(pid).includes('hotwire-slave\0--bridge'));
}

function closed(connection: Connection): Promise<unknown> {
  return connection.closed ? Promise.resolve() : within(once(connection, 'close'), 'a client to be cut');
}

function ended(bridge: Bridge): Promise<HotwireError | undefined> {
  return within(bridge.ended, 'the end of the bridge');
}

/** What a client of no library gets for these bytes, until it is cut. */
async function say(bridge: Bridge, bytes: string): Promise<string> {
  const socket = connect(socketOf(bridge));
  let heard = '';
  socket.on('data', (chunk) => {
    heard += chunk.toString('latin1');
  });
  socket.on('error', () => undefined); // it is cut, which is what is waited for
  socket.write(bytes, 'latin1');
  const cut = new Promise((resolve) => socket.on('close', resolve)); // an error may come first
  await within(cut, 'a raw client to be cut');
  return heard;
}

describe('clients', () => {
  let bridge: Bridge;
  beforeAll(async () => {
    bridge = await open();
    await own(await connectTo(bridge.address), FAR_NAME);
  });

  test.each(Object.entries(LOOKS))('%s sees the names of the far bus, as its user there', async (_, look) => {
    const { names, uid } = await look(bridge.address, FAR_NAME);
    expect(names).toEqual(expect.arrayContaining(['org.freedesktop.DBus', FAR_NAME]));
    expect(uid).toBe(FAR_UID);
  });

  asRoot('that user is not the local one', () => {
    expect(FAR_UID).not.toBe(process.getuid?.());
  });

  test('each has a connection of its own, and leaves alone', async () => {
    const clients = await Promise.all([1, 2, 3, 4, 5].map(() => connectTo(bridge.address)));
    expect(new Set(clients.map(({ uniqueName }) => uniqueName)).size).toBe(clients.length);
    const [first, second] = clients as [Connection, Connection];
    const changes: unknown[] = [];
    second.on('signal', ({ member, body }) => member === 'NameOwnerChanged' && changes.push(body[0]));
    await callBus(second, 'AddMatch', 's', ["type='signal',member='NameOwnerChanged'"]);
    await first.close();
    const left = async () => {
      while (!changes.includes(first.uniqueName)) await once(second, 'signal');
    };
    await within(left(), 'the bus to tell that one has left');
    expect(await callBus(second, 'NameHasOwner', 's', [FAR_NAME])).toBe(true);
  });

  test('nobody else may connect', () => {
    const socket = socketOf(bridge);
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(socket)).mode & 0o777).toBe(0o700);
  });

  test('descriptors are not passed, and other ways to authenticate are refused', async () => {
    const words = ['AUTH', 'AUTH ANONYMOUS', 'AUTH EXTERNAL', 'DATA', 'NEGOTIATE_UNIX_FD', 'BEGIN'];
    const answers = (await say(bridge, `\0${words.join('\r\n')}\r\n${GARBAGE}`)).split('\r\n');
    const [, guid] = /guid=(.*)/.exec(bridge.address) ?? [];
    expect(answers.slice(0, 3)).toEqual(['REJECTED EXTERNAL', 'REJECTED EXTERNAL', 'DATA']);
    expect(answers[3]).toBe(`OK ${guid}`);
    expect(answers[4]).toMatch(/^ERROR .*descriptors/);
  });

  test.each([
    ['that speaks something else', 'GET / HTTP/1.1\r\n\r\n'],
    ['that never ends its line', `\0${'x'.repeat(100_000)}`],
    ['that sends no message after all', `\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n${GARBAGE}`],
  ])('one %s is cut, and no other', async (_, bytes) => {
    const other = await connectTo(bridge.address);
    await say(bridge, bytes);
    expect(await callBus(other, 'NameHasOwner', 's', [FAR_NAME])).toBe(true);
  });
});

describe('other buses', () => {
  test('the system bus', async () => {
    const bridge = await open(await farAddress({ DBUS_SYSTEM_BUS_ADDRESS: bus.address }), { bus: 'system' });
    expect(await callBus(await connectTo(bridge.address), 'ListNames', '', [])).toContain('org.freedesktop.DBus');
  });

  test('a slave', async () => {
    const bridge = await open(far, { bus: 'slave' });
    const client = await connectTo(bridge.address);
    const call = { destination: BUS_NAME, path: OBJECT_PATH, interface: INTERFACE, member: 'GetContext' };
    const { body } = await client.call(call);
    expect((body[0] as Record<string, Variant>).uid?.value).toBe(FAR_UID);
  });

  test('this machine', async () => {
    const mine = await startBus();
    for (const address of ['', 'local:']) {
      const bridge = await open(address, {
        environment: { ...environment, DBUS_SYSTEM_BUS_ADDRESS: mine.address },
        bus: 'system',
      });
      expect(await callBus(await connectTo(bridge.address), 'ListNames', '', [])).toContain('org.freedesktop.DBus');
      await bridge.close();
    }
  });

  test('over two steps, signs that a shell would read included', async () => {
    const bridge = await open(`exec:env A=$HOME%20'%3b"/${far}`);
    const client = await connectTo(bridge.address);
    const uid = await callBus(client, 'GetConnectionUnixUser', 's', [client.uniqueName]);
    expect(uid).toBe(FAR_UID);
  });
});

describe('what can not be had', () => {
  test.each<[string, Readonly<Record<string, string>>, BridgeOptions, string, RegExp]>([
    ['no session bus', {}, {}, 'Disconnected', /no session bus of .*DBUS_SESSION_BUS_ADDRESS .*\/run\/user\/.*--bus/s],
    [
      'a bus that is gone',
      { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere/bus' },
      {},
      'Disconnected',
      /\/nowhere\/bus/,
    ],
    [
      'no system bus',
      { DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/nowhere/bus' },
      { bus: 'system' },
      'Disconnected',
      /nowhere/,
    ],
    ['a bad address of the bus', { DBUS_SESSION_BUS_ADDRESS: 'nonsense' }, {}, 'BadAddress', /nonsense/],
  ])('%s is told with its place', async (_, variables, options, kind, message) => {
    const address = await farAddress(variables);
    await expect(open(address, options)).rejects.toMatchObject({ kind, message: expect.stringMatching(message) });
    await expect(open(address, options)).rejects.toThrow(address.slice(0, 20));
    await expect(open(`exec:env/${address}`, options)).rejects.toMatchObject({ kind });
  });

  test('a step further on', async () => {
    const opening = open('exec:env/exec:no-such-program%20at-all');
    await expect(opening).rejects.toMatchObject({ kind: 'Domain.ProgramMissing' });
    await expect(open('ssh')).rejects.toMatchObject({ kind: 'Domain.BadAddress' });
  });

  test('a place whose path is too long for a socket', async () => {
    const XDG_RUNTIME_DIR = path.join(environment.XDG_RUNTIME_DIR as string, 'x'.repeat(40), 'y'.repeat(60));
    const XDG_STATE_HOME = XDG_RUNTIME_DIR;
    const opening = open(far, { environment: { ...environment, XDG_RUNTIME_DIR, XDG_STATE_HOME } });
    await expect(opening).rejects.toMatchObject({ kind: 'LimitExceeded' });
  });

  test('nothing of it is left', () => {
    expect(carriers().filter((pid) => commandLine(pid).includes('nowhere'))).toEqual([]);
  });
});

describe('the end', () => {
  // Before the next test counts what there is: what a bridge keeps in reserve comes when it comes.
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((bridge) => bridge.close()));
  });

  test('by the far processes of all of its clients', async () => {
    const before = carriers();
    const bridge = await open();
    const clients = [await connectTo(bridge.address), await connectTo(bridge.address)];
    for (const pid of carriers().filter((one) => !before.includes(one))) process.kill(pid, 'SIGKILL');
    expect(await ended(bridge)).toMatchObject({ kind: 'Domain.Closed' });
    await Promise.all(clients.map(closed));
    expect(existsSync(path.dirname(socketOf(bridge)))).toBe(false);
    expect(carriers().filter((pid) => !before.includes(pid))).toEqual([]);
  });

  test('not by that of one of several: its client is cut, and no other', async () => {
    const before = carriers();
    const bridge = await open();
    const [carrier] = carriers().filter((pid) => !before.includes(pid));
    const first = await connectTo(bridge.address);
    const second = await connectTo(bridge.address);
    process.kill(carrier as number, 'SIGKILL');
    await closed(first);
    expect(await callBus(second, 'GetId', '', [])).toHaveLength(32);
    expect(await callBus(await connectTo(bridge.address), 'GetId', '', [])).toHaveLength(32);
  });

  test('not by the spare one while a client is there; once it has left, another is ready', async () => {
    const before = carriers();
    const bridge = await open();
    const client = await connectTo(bridge.address);
    const ours = () => carriers().filter((pid) => !before.includes(pid));
    await waitFor(() => ours().length >= 2, 'the spare one');
    const spare = ours().at(-1) as number;
    process.kill(spare, 'SIGKILL');
    await waitFor(() => !isAlive(spare), 'its end');
    expect(await callBus(client, 'GetId', '', [])).toHaveLength(32);
    const [used] = ours();
    await client.close();
    await waitFor(() => ours().length === 1 && ours()[0] !== used, 'another to be ready');
    expect(await callBus(await connectTo(bridge.address), 'GetId', '', [])).toHaveLength(32);
  });

  test('by the far process while nobody is connected', async () => {
    const before = carriers();
    const bridge = await open();
    for (const pid of carriers().filter((one) => !before.includes(one))) process.kill(pid, 'SIGKILL');
    expect(await ended(bridge)).toMatchObject({ kind: 'Domain.Closed' });
  });

  test('by the far bus', async () => {
    const mortal = await startBus(IS_ROOT ? { uid: FAR_UID } : {});
    const bridge = await open(await farAddress({ DBUS_SESSION_BUS_ADDRESS: mortal.address }));
    const client = await connectTo(bridge.address);
    await mortal.stop();
    await closed(client);
    expect(await ended(bridge)).toMatchObject({
      message: expect.stringContaining(mortal.address.split(',')[0] as string),
    });
  });

  test('not by a client that the far bus cuts', async () => {
    const bridge = await open();
    await say(bridge, `\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n${GARBAGE}`);
    expect(await callBus(await connectTo(bridge.address), 'GetId', '', [])).toHaveLength(32);
  });

  test('when nobody has been connected for a while', async () => {
    const bridge = await open(far, { idleS: 1 });
    const client = await connectTo(bridge.address);
    await client.close();
    expect(await ended(bridge)).toBeUndefined();
  });

  test('by its address, from anywhere', async () => {
    const bridge = await open();
    const client = await connectTo(bridge.address);
    await endBridge(bridge.address);
    expect(existsSync(path.dirname(socketOf(bridge)))).toBe(false);
    await closed(client);
    expect(await ended(bridge)).toBeUndefined();
    await expect(endBridge(bridge.address)).rejects.toMatchObject({ kind: 'Disconnected' });
  });

  test('which is given up where it takes too long', async () => {
    const socket = path.join(temporaryFolder(), 'bus');
    const server = createServer((client) => client.once('data', () => client.write('OK HOTWIRE\r\n')));
    onCleanup(() => server.close());
    await once(server.listen(socket), 'listening');
    const address = `unix:path=${socket}`;
    const message = `the bridge at ${address} was asked to end and is still there after 0.05 s: end its process`;
    await expect(endBridge(address, { timeoutMs: 50 })).rejects.toMatchObject({ kind: 'TimedOut', message });
    const reason = new Error('enough');
    await expect(endBridge(address, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('which is refused by what is no bridge', async () => {
    await expect(endBridge(bus.address)).rejects.toMatchObject({ kind: 'InvalidArgs' });
    expect((await bus.stats().catch(() => ({}))) && isAlive(bus.pid)).toBe(true);
  });

  test('leaves nothing', async () => {
    const before = carriers();
    const bridge = await open();
    const clients = await Promise.all([1, 2, 3].map(() => connectTo(bridge.address)));
    await bridge.close();
    await Promise.all(clients.map(closed));
    expect(carriers().filter((pid) => !before.includes(pid))).toEqual([]);
    const places = readdirSync(path.dirname(path.dirname(socketOf(bridge))));
    expect(places).not.toContain(path.basename(path.dirname(socketOf(bridge))));
  });
});
