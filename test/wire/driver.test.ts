// The bus that a slave plays for a client on its stdio: as the specification has it, then with real clients.
import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BusDriver, type Connection, type IncomingMessage, MessageType, Variant } from '../../src/wire';
import { run } from '../support/process';
import { temporaryFolder } from '../support/temp';
import { ECHO, serveEcho } from './fixtures/echo-service';
import { connectedPair, serverProgram } from './support';

const BUS = { destination: 'org.freedesktop.DBus', path: '/org/freedesktop/DBus', interface: 'org.freedesktop.DBus' };
const ERROR = 'org.freedesktop.DBus.Error.';
const SERVICE = 'com.example.Echo';

async function onBus(): Promise<{ client: Connection; signals: IncomingMessage[] }> {
  const { client, server } = await connectedPair();
  serveEcho(server, new BusDriver(server, { ownNames: [SERVICE], uid: 1234, pid: 99 }));
  const signals: IncomingMessage[] = [];
  client.on('signal', (signal) => signals.push(signal));
  return { client, signals };
}
const ask = async (client: Connection, member: string, signature = '', body: unknown[] = []) =>
  (await client.call({ ...BUS, member, signature, body })).body[0];

test('Hello gives a unique name, once', async () => {
  const { client, signals } = await onBus();
  expect(await ask(client, 'Hello')).toBe(':1.1');
  await expect(ask(client, 'Hello')).rejects.toMatchObject({ kind: 'Failed' });
  expect(signals.map(({ member, sender, body }) => [member, sender, ...body])).toEqual([
    ['NameAcquired', 'org.freedesktop.DBus', ':1.1'],
  ]);
});

test.each<[member: string, signature: string, body: unknown[], answer: unknown]>([
  ['ListNames', '', [], ['org.freedesktop.DBus', ':1.0', ':1.1', SERVICE]],
  ['ListActivatableNames', '', [], ['org.freedesktop.DBus']],
  ['NameHasOwner', 's', [SERVICE], true],
  ['NameHasOwner', 's', ['a.b'], false],
  ['NameHasOwner', 's', [':1.7'], false],
  ['GetNameOwner', 's', [SERVICE], ':1.0'],
  ['GetNameOwner', 's', [':1.1'], ':1.1'],
  ['GetNameOwner', 's', ['org.freedesktop.DBus'], 'org.freedesktop.DBus'],
  ['ListQueuedOwners', 's', [SERVICE], [':1.0']],
  ['StartServiceByName', 'su', [SERVICE, 0], 2],
  ['GetConnectionUnixUser', 's', [SERVICE], 1234],
  ['GetConnectionUnixProcessID', 's', [':1.0'], 99],
  ['GetConnectionCredentials', 's', [':1.1'], {}],
  ['GetConnectionCredentials', 's', [SERVICE], { UnixUserID: new Variant('u', 1234), ProcessID: new Variant('u', 99) }],
  ['AddMatch', 's', ["type='signal'"], undefined],
  ['GetId', '', [], expect.stringMatching(/^[0-9a-f]{32}$/)],
])('%s %s %j', async (member, signature, body, answer) => {
  const { client } = await onBus();
  const given = await ask(client, member, signature, body);
  expect(typeof given === 'object' && !Array.isArray(given) ? { ...given } : given).toEqual(answer);
});

test.each<[member: string, signature: string, body: unknown[], error: string]>([
  ['GetNameOwner', 's', ['a.b'], 'NameHasNoOwner'],
  ['GetNameOwner', 's', ['not a name'], 'InvalidArgs'],
  ['GetNameOwner', '', [], 'InvalidArgs'],
  ['GetNameOwner', 'u', [1], 'InvalidArgs'],
  ['ListQueuedOwners', 's', [':1.9'], 'NameHasNoOwner'],
  ['StartServiceByName', 'su', ['a.b', 0], 'ServiceUnknown'],
  ['GetConnectionUnixUser', 's', [':1.1'], 'Failed'],
  ['AddMatch', 's', ["colour='red'"], 'MatchRuleInvalid'],
  ['RemoveMatch', 's', ["type='signal'"], 'MatchRuleNotFound'],
  ['RequestName', 'su', [':1.1', 0], 'InvalidArgs'],
  ['RequestName', 'su', ['org.freedesktop.DBus', 0], 'InvalidArgs'],
  ['ReleaseName', 's', ['x'], 'InvalidArgs'],
  ['ReloadConfig', '', [], 'UnknownMethod'],
  ['toString', '', [], 'UnknownMethod'],
])('%s %s %j is refused', async (member, signature, body, error) => {
  const { client } = await onBus();
  await expect(ask(client, member, signature, body)).rejects.toMatchObject({ busName: ERROR + error });
});

test('names are taken and given back', async () => {
  const { client, signals } = await onBus();
  const name = 'com.example.Mine';
  const request = () => ask(client, 'RequestName', 'su', [name, 4]);
  const release = (which: string) => ask(client, 'ReleaseName', 's', [which]);
  expect([await request(), await request(), await ask(client, 'RequestName', 'su', [SERVICE, 4])]).toEqual([1, 4, 3]);
  expect(await ask(client, 'GetNameOwner', 's', [name])).toBe(':1.1');
  expect([await release(name), await release(name), await release(SERVICE)]).toEqual([1, 2, 3]);
  expect(signals.map(({ member, body }) => [member, ...body])).toEqual([
    ['NameAcquired', name],
    ['NameLost', name],
  ]);
});

test('match rules are counted, and their number is bounded', async () => {
  const { client } = await onBus();
  const add = (rule: string) => ask(client, 'AddMatch', 's', [rule]);
  const remove = (rule: string) => ask(client, 'RemoveMatch', 's', [rule]);
  await add("type='signal',member='A'");
  await add("member='A',type='signal'");
  await remove("type='signal',member='A'");
  await remove("type='signal',member='A'");
  await expect(remove("type='signal',member='A'")).rejects.toMatchObject({ kind: 'MatchRuleNotFound' });
  const rules = Array.from({ length: 600 }, (_, index) => add(`member='A${index}'`));
  const results = await Promise.allSettled(rules);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(512);
});

test('the standard interfaces of the bus, and what it has not', async () => {
  const { client } = await onBus();
  const on = async (name: string, member: string, signature = '', body: unknown[] = [], where = BUS.path) =>
    (await client.call({ ...BUS, path: where, interface: `org.freedesktop.DBus.${name}`, member, signature, body }))
      .body[0];
  expect(await on('Introspectable', 'Introspect')).toContain('<method name="GetNameOwner">');
  expect(await on('Introspectable', 'Introspect', '', [], '/')).toContain('<node name="org/freedesktop/DBus"/>');
  expect(await on('Peer', 'Ping')).toBeUndefined();
  expect(await on('Properties', 'Get', 'ss', [BUS.interface, 'Features'])).toEqual(new Variant('as', []));
  expect(Object.keys((await on('Properties', 'GetAll', 's', [BUS.interface])) as object)).toEqual([
    'Features',
    'Interfaces',
  ]);
  const refused = { busName: `${ERROR}PropertyReadOnly` };
  await expect(
    on('Properties', 'Set', 'ssv', [BUS.interface, 'Features', new Variant('as', ['x'])]),
  ).rejects.toMatchObject(refused);
  await expect(on('Properties', 'Get', 'ss', ['', 'Colour'])).rejects.toMatchObject({ kind: 'UnknownProperty' });
  await expect(on('Monitoring', 'BecomeMonitor')).rejects.toMatchObject({ kind: 'UnknownInterface' });
  const { destination, path: where } = BUS;
  expect(
    (await client.call({ destination, path: where, member: 'GetNameOwner', signature: 's', body: [SERVICE] })).body,
  ).toEqual([':1.0']);
});

test('calls reach the slave with or without Hello, by any of its names, and no one else', async () => {
  const { client } = await onBus();
  for (const to of [{}, { destination: SERVICE }, { destination: ':1.0' }]) {
    const reply = await client.call({ ...ECHO, ...to, member: 'Sender' });
    expect(reply).toMatchObject({ body: [':1.1'], sender: ':1.0', destination: ':1.1' });
  }
  for (const destination of ['a.b', ':1.9', ':1.1']) {
    await expect(client.call({ ...ECHO, destination, member: 'Sender' })).rejects.toMatchObject({
      kind: 'ServiceUnknown',
    });
  }
});

test('a call to the bus that wants no reply gets none', async () => {
  const { client } = await onBus();
  client.send({ ...BUS, type: MessageType.METHOD_CALL, flags: 1, member: 'GetId' });
  const bounced = jest.fn();
  client.on('bounced', bounced);
  client.send({ ...BUS, type: MessageType.METHOD_CALL, flags: 1, member: 'Nonsense' });
  expect(await ask(client, 'NameHasOwner', 's', [SERVICE])).toBe(true);
  expect(bounced).not.toHaveBeenCalled();
});

describe('with the program of fixtures/server.ts on its stdio', () => {
  let address: string;
  beforeAll(() => {
    // A program of one word: sd-bus and libdbus read argv1=… differently.
    const { program, args } = serverProgram();
    const file = path.join(temporaryFolder(), 'server');
    writeFileSync(file, `#!/bin/sh\nexec '${program}' '${args.join("' '")}'\n`);
    chmodSync(file, 0o755);
    address = `unixexec:path=${file}`;
  });

  const busctl = async (...args: string[]) => {
    const { stdout, stderr, code } = await run('busctl', [`--address=${address}`, ...args]);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    return stdout.trim();
  };

  test('busctl calls, introspects, lists', async () => {
    expect(await busctl('call', SERVICE, ECHO.path, ECHO.interface, 'Echo', 'sas', 'grüße', '2', 'a', 'b')).toBe(
      'sas "gr\\303\\274\\303\\237e" 2 "a" "b"',
    );
    expect(await busctl('introspect', SERVICE, ECHO.path)).toMatch(
      /com\.example\.Echo +interface[\s\S]*\.Echo +method/,
    );
    expect(await busctl('introspect', 'org.freedesktop.DBus', BUS.path)).toMatch(/\.GetNameOwner +method +s +s/);
    expect(await busctl('list', '--no-pager')).toMatch(/^com\.example\.Echo /m);
  });

  test('busctl is told of errors', async () => {
    const { stderr, code } = await run('busctl', [
      `--address=${address}`,
      'call',
      SERVICE,
      ECHO.path,
      ECHO.interface,
      'Throw',
    ]);
    expect(code).not.toBe(0);
    expect(stderr).toContain('a defect');
  });

  test('python-dbus calls, gets errors, and receives signals by a rule with a sender', async () => {
    const program = `
import dbus, sys
from dbus.mainloop.glib import DBusGMainLoop
from gi.repository import GLib
DBusGMainLoop(set_as_default=True)
bus = dbus.bus.BusConnection(sys.argv[1])
print(bus.get_unique_name(), bus.get_name_owner('${SERVICE}'), bus.request_name('com.example.Mine'))
echo = dbus.Interface(bus.get_object('${SERVICE}', '${ECHO.path}'), '${ECHO.interface}')
print(echo.Echo('grüße'))
try:
  echo.Refuse()
except dbus.DBusException as error:
  print(error.get_dbus_name())
loop = GLib.MainLoop()
seen = []
def counted(number):
  seen.append(int(number))
  if number == 3: loop.quit()
bus.add_signal_receiver(counted, 'Counted', '${ECHO.interface}', '${SERVICE}', '${ECHO.path}')
echo.Count(dbus.UInt32(3))
GLib.timeout_add_seconds(10, loop.quit)
loop.run()
print(seen)
`;
    const { stdout, stderr, code } = await run('/usr/bin/python3', ['-c', program, address]);
    expect(stderr).toBe('');
    expect(stdout.split('\n')).toEqual([':1.1 :1.0 1', 'grüße', `${ERROR}AccessDenied`, '[1, 2, 3]', '']);
    expect(code).toBe(0);
  });

  test('GDBus calls', async () => {
    const program = `
import socket, subprocess, sys
from gi.repository import Gio, GLib
# Two ends of a socket: over pipes GDBus finds no credentials to offer.
near, far = socket.socketpair()
subprocess.Popen(sys.argv[1:], stdin=far, stdout=far)
far.close()
flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
stream = Gio.Socket.new_from_fd(near.detach()).connection_factory_create_connection()
bus = Gio.DBusConnection.new_sync(stream, None, flags, None, None)
reply = bus.call_sync('${SERVICE}', '${ECHO.path}', '${ECHO.interface}', 'Echo', GLib.Variant('(s)', ('hi',)), None, 0, -1, None)
print(bus.get_unique_name(), reply.unpack())
`;
    const { program: node, args } = serverProgram();
    const { stdout, stderr } = await run('/usr/bin/python3', ['-c', program, node, ...args]);
    expect({ stdout, stderr }).toEqual({ stdout: ":1.1 ('hi',)\n", stderr: '' });
  });
});
