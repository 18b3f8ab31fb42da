import net from 'node:net';
import path from 'node:path';
import { escapeAddressValue, openAddress, parseAddress, sessionBusAddress, systemBusAddress } from '../../src/wire';
import { onCleanup } from '../support/cleanup';
import { temporaryFolder } from '../support/temp';

const parsed = (address: string) =>
  parseAddress(address).map(({ transport, keys }) => [transport, Object.fromEntries(keys)]);

test.each([
  ['unix:path=/run/bus', [['unix', { path: '/run/bus' }]]],
  ['unix:path=/a%20b%2cc%c3%bc,guid=12', [['unix', { path: '/a b,cü', guid: '12' }]]],
  [
    'tcp:host=%3a%3a1,port=7;unix:path=/b;',
    [
      ['tcp', { host: '::1', port: '7' }],
      ['unix', { path: '/b' }],
    ],
  ],
  ['tcp:host=::1,port=7', [['tcp', { host: '::1', port: '7' }]]],
  ['unix:path=/a=b', [['unix', { path: '/a=b' }]]],
  ['autolaunch:', [['autolaunch', {}]]],
])('%s', (address, entries) => {
  expect(parsed(address)).toEqual(entries);
});

test.each([
  ['', 'it is empty'],
  [';', 'it is empty'],
  ['/run/bus', 'transport'],
  [':path=/a', 'transport'],
  ['unix:path', 'not of the form key=value'],
  ['unix:=x', 'not of the form key=value'],
  ['unix:path=/a,path=/b', 'twice'],
  ['unix:path=%zz', 'percent-encoded'],
  ['unix:path=%ff', 'percent-encoded'],
])('%s is no address', (address, why) => {
  expect(() => parseAddress(address)).toThrow(expect.objectContaining({ kind: 'BadAddress' }));
  expect(() => parseAddress(address)).toThrow(why);
});

test.each(['/tmp/a b', '/ü/,;=%', "/it's"])('a value %s survives an address', (value) => {
  expect(parsed(`unix:path=${escapeAddressValue(value)}`)).toEqual([['unix', { path: value }]]);
});

async function listen(): Promise<{ socket: string; folder: string }> {
  const folder = temporaryFolder();
  const socket = path.join(folder, 'bus');
  const server = net.createServer((connection) => connection.end('hello'));
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onCleanup(() => server.close());
  return { socket, folder };
}

test('the session bus is what the environment says, else the socket of the user, else none', async () => {
  const { socket, folder } = await listen();
  expect(sessionBusAddress({ DBUS_SESSION_BUS_ADDRESS: 'unix:path=/x', XDG_RUNTIME_DIR: folder })).toBe('unix:path=/x');
  expect(sessionBusAddress({ XDG_RUNTIME_DIR: folder })).toBe(`unix:path=${socket}`);
  expect(sessionBusAddress({ XDG_RUNTIME_DIR: temporaryFolder() })).toBeUndefined();
  expect(sessionBusAddress({ XDG_RUNTIME_DIR: path.dirname(folder), DBUS_SESSION_BUS_ADDRESS: '' })).toBeUndefined();
  expect(sessionBusAddress({})).toBeUndefined();
  expect(systemBusAddress({ DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/y' })).toBe('unix:path=/y');
  expect(systemBusAddress({})).toMatch(/^unix:path=.*system_bus_socket$/);
});

const heard = async (address: string) => {
  const stream = await openAddress(address);
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
};

test('the first entry that answers is taken', async () => {
  const { socket, folder } = await listen();
  const address = `unix:path=${folder}/absent;autolaunch:;unix:path=${socket}`;
  expect(await heard(address)).toBe('hello');
});

test('tcp, by both names of this machine', async () => {
  const server = net.createServer((connection) => connection.end('over tcp'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onCleanup(() => server.close());
  const { port } = server.address() as net.AddressInfo;
  expect(await heard(`tcp:host=127.0.0.1,port=${port}`)).toBe('over tcp');
  expect(await heard(`tcp:host=localhost,port=${port},family=ipv4`)).toBe('over tcp');
});

test('a program, with its arguments', async () => {
  expect(await heard('unixexec:path=/bin/sh,argv0=shell,argv1=-c,argv2=echo%20%240%20%241,argv3=x,argv4=y')).toBe(
    'x y\n',
  );
});

test.each([
  ['unix:path=/no/such/socket', 'Disconnected', '/no/such/socket: there is no such socket'],
  ['unix:path=/etc/passwd', 'Disconnected', '/etc/passwd: nothing listens there'],
  ['unix:abstract=/tmp/x', 'BadAddress', 'abstract sockets'],
  ['unix:runtime=yes', 'BadAddress', 'needs path'],
  ['tcp:host=localhost', 'BadAddress', 'needs port'],
  ['tcp:port=x', 'BadAddress', 'needs port'],
  ['tcp:port=1,family=ipx', 'BadAddress', 'ipv4 or ipv6'],
  ['tcp:host=127.0.0.1,port=1', 'Disconnected', 'nothing listens there'],
  ['unixexec:', 'BadAddress', 'needs path'],
  ['unixexec:path=/no/such/program', 'Disconnected', '/no/such/program'],
  ['autolaunch:', 'BadAddress', "'autolaunch' is not supported"],
  ['unix:path=/no/one;unix:path=/no/two', 'Disconnected', '/no/two'],
  ['autolaunch:;launchd:', 'BadAddress', 'launchd'],
])('%s can not be opened', async (address, kind, why) => {
  await expect(openAddress(address)).rejects.toMatchObject({ kind, message: expect.stringContaining(why) });
});
