// What tests of the bridge share: a far side of another user, and what clients of all kinds see of a bus.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { encodeValue } from '../../src/domains/address';
import { Connection, openAddress } from '../../src/wire';
import { BUS, callBus } from '../../src/wire/bus-calls';
import { asUser } from './bus';
import { onCleanup } from './cleanup';
import { environment, run } from './process';
import { programsForAll } from './slave';
import { temporaryFolder } from './temp';

export const IS_ROOT = process.getuid?.() === 0;
/** Who we are at the far side: somebody else, where the test may become that. Nobody's by custom. */
export const FAR_UID = IS_ROOT ? 65534 : (process.getuid?.() ?? 0);

const PYTHON = '/usr/bin/python3';

/** An environment whose bridges have a place of the test's own. */
export function bridgeEnvironment(changes: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const runtime = path.join(temporaryFolder(), 'runtime');
  mkdirSync(runtime, { mode: 0o700 });
  return environment({ XDG_RUNTIME_DIR: runtime, ...changes });
}

/** An address of the far user: hotwire-slave is on PATH there, and nothing of our environment but `variables`. */
export async function farAddress(variables: Readonly<Record<string, string>>): Promise<string> {
  const PATH = `${await programsForAll()}:${process.env.PATH}`;
  const settings = Object.entries({ PATH, ...variables }).map(([name, value]) => `${name}=${value}`);
  const words = [...(IS_ROOT ? asUser(FAR_UID) : []), 'env', '-i', '-C', '/', ...settings];
  return `exec:${words.map(encodeValue).join(' ')}`;
}

export async function connectTo(address: string): Promise<Connection> {
  const connection = await Connection.connect(await openAddress(address));
  onCleanup(() => connection.destroy());
  return connection;
}

/** Takes a well-known name. */
export async function own(connection: Connection, name: string): Promise<void> {
  await callBus(connection, 'RequestName', 'su', [name, 0]);
}

/** What a client sees: the names of a bus, and whose connection has one of them. */
export type Look = (address: string, name: string) => Promise<{ names: string[]; uid: number }>;

async function output(file: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(file, args);
  if (code !== 0) throw new Error(`${file}: ${stderr}`);
  return stdout;
}

async function busctl(address: string, ...args: string[]): Promise<unknown> {
  const words = [`--address=${address}`, '--json=short', 'call', BUS.destination, BUS.path, BUS.interface, ...args];
  return (JSON.parse(await output('busctl', words)) as { data: [unknown] }).data[0];
}

function gdbus(address: string, member: string, ...args: string[]): Promise<string> {
  const target = ['--dest', BUS.destination, '--object-path', BUS.path];
  return output('gdbus', ['call', '--address', address, ...target, '--method', `${BUS.interface}.${member}`, ...args]);
}

const DBUS_PYTHON = `
import dbus.bus, json, sys
bus = dbus.bus.BusConnection(sys.argv[1])
print(json.dumps({'names': [str(name) for name in bus.list_names()], 'uid': int(bus.get_unix_user(sys.argv[2]))}))
`;

const GIO = `
import json, sys
from gi.repository import Gio, GLib
FLAGS = Gio.DBusConnectionFlags
flags = FLAGS.AUTHENTICATION_CLIENT | FLAGS.MESSAGE_BUS_CONNECTION
bus = Gio.DBusConnection.new_for_address_sync(sys.argv[1], flags, None, None)
call = lambda member, values: bus.call_sync('${BUS.destination}', '${BUS.path}', '${BUS.interface}', member, values, None, 0, -1, None)[0]
print(json.dumps({'names': call('ListNames', None), 'uid': call('GetConnectionUnixUser', GLib.Variant('(s)', sys.argv[2:]))}))
`;

const python =
  (program: string): Look =>
  async (address, name) =>
    JSON.parse(await output(PYTHON, ['-c', program, address, name]));

/** Clients by the library that they are made with. */
export const LOOKS: Readonly<Record<string, Look>> = {
  async busctl(address, name) {
    const uid = (await busctl(address, 'GetConnectionUnixUser', 's', name)) as number;
    return { names: (await busctl(address, 'ListNames')) as string[], uid };
  },
  async gdbus(address, name) {
    const names = (await gdbus(address, 'ListNames')).match(/(?<=')[^',]+(?=')/g) ?? [];
    return { names, uid: Number(/\d+(?=,\))/.exec(await gdbus(address, 'GetConnectionUnixUser', name))?.[0]) };
  },
  'dbus-python': python(DBUS_PYTHON),
  Gio: python(GIO),
  async ours(address, name) {
    const connection = await connectTo(address);
    const uid = (await callBus(connection, 'GetConnectionUnixUser', 's', [name])) as number;
    return { names: (await callBus(connection, 'ListNames', '', [])) as string[], uid };
  },
};
