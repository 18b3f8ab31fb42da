import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseSession, parseSessions } from '../../src/builtins/lib/logind';
import { readSessions } from '../../src/builtins/lib/sessions';
import { parseUtmp } from '../../src/builtins/lib/utmp';
import { propertiesOf } from '../../src/classes';
import type { Stage } from '../../src/engine';
import { startBus } from '../support/bus';
import { start } from '../support/process';
import { temporaryFolder } from '../support/temp';
import { closeContexts, contextWith, run } from './support';

afterAll(closeContexts);

const SESSION = 'hotwire.sysdep.user.Session';
const LOGIN = 7;
const NARROW = { bytes: 384, seconds: 340, microseconds: 344 };
const WIDE = { bytes: 400, seconds: 344, microseconds: 352 };

interface Note {
  readonly type?: number;
  readonly pid?: number;
  readonly line?: string;
  readonly user?: string;
  readonly host?: string;
  readonly seconds?: number;
}

/** A record of utmp(5). */
function record(
  { type = LOGIN, pid = process.pid, line = '', user = '', host = '', seconds = 0 }: Note,
  layout = NARROW,
) {
  const bytes = Buffer.alloc(layout.bytes);
  bytes.writeInt16LE(type, 0);
  bytes.writeInt32LE(pid, 4);
  bytes.write(line, 8, 32);
  bytes.write(user, 44, 32);
  bytes.write(host, 76, 256);
  bytes.writeUInt32LE(seconds, layout.seconds);
  bytes.writeUInt32LE(500_000, layout.microseconds);
  return bytes;
}

describe('utmp', () => {
  const notes: Note[] = [
    { type: 2, user: 'reboot', line: '~' },
    { user: 'root', line: 'pts/0', host: 'far.example', seconds: 1_700_000_000 },
    { type: 8, line: 'pts/1' },
    { user: 'someone-with-a-name-of-32-letters', line: 'tty1', seconds: 4_000_000_000 },
    { user: '' },
  ];

  test.each([
    ['x64', NARROW],
    ['riscv64', NARROW],
    ['arm64', WIDE],
  ] as const)('on %s', (machine, layout) => {
    const file = Buffer.concat([...notes.map((note) => record(note, layout)), Buffer.alloc(layout.bytes - 1, LOGIN)]);
    expect(parseUtmp(file, machine)).toEqual([
      expect.objectContaining({ name: 'root', tty: 'pts/0', host: 'far.example', login_time: 1_700_000_000.5 }),
      expect.objectContaining({
        name: 'someone-with-a-name-of-32-letters'.slice(0, 32),
        host: null,
        login_time: 4_000_000_000.5,
      }),
    ]);
  });

  test.each([0, 1, 383])('of %i bytes has no logins', (bytes) => {
    expect(parseUtmp(Buffer.alloc(bytes, LOGIN), 'x64')).toEqual([]);
  });

  const here = process.arch === 'x64' ? test : test.skip;
  here('is read as who reads it', () => {
    const file = path.join(temporaryFolder(), 'utmp');
    writeFileSync(file, record({ user: 'root', line: 'pts/0', host: 'far.example', seconds: 1_700_000_000 }));
    const said = execFileSync('who', [file], { encoding: 'utf8', env: { TZ: 'UTC', LC_ALL: 'C.UTF-8' } });
    expect(said).toMatch(/^root +pts\/0 +2023-11-14 22:13 \(far\.example\)\n$/);
  });
});

const property = (type: string, data: unknown) => ({ type, data });
const PROPERTIES = {
  Id: property('s', '4'),
  User: property('(uo)', [0, '/org/freedesktop/login1/user/_0']),
  Name: property('s', 'root'),
  Timestamp: property('t', 1_700_000_000_500_000),
  TTY: property('s', 'pts/0'),
  Display: property('s', ''),
  RemoteHost: property('s', 'far.example'),
  Leader: property('u', 4711),
  Type: property('s', 'tty'),
  Class: property('s', 'user'),
  State: property('s', 'active'),
};
const answer = (changes: object) => JSON.stringify({ type: 'a{sv}', data: [{ ...PROPERTIES, ...changes }] });

describe('logind', () => {
  test('a session as busctl prints it', () => {
    expect(parseSession(answer({}))).toEqual({
      name: 'root',
      uid: 0,
      id: '4',
      tty: 'pts/0',
      host: 'far.example',
      login_time: 1_700_000_000.5,
      pid: 4711,
      kind: 'tty',
      state: 'active',
    });
    const graphical = { TTY: property('s', ''), Display: property('s', ':0'), RemoteHost: property('s', '') };
    expect(parseSession(answer(graphical))).toMatchObject({ tty: ':0', host: null });
  });

  test.each(['greeter', 'manager', 'background'])('a session of the class %s is no login', (kind) => {
    expect(parseSession(answer({ Class: property('s', kind) }))).toBeUndefined();
  });

  test.each([
    '',
    '[]',
    '{"type":"a{sv}","data":[]}',
    '{"type":"a{sv}","data":[null]}',
    answer({ Leader: property('s', '1') }),
  ])('%j is no session', (text) => {
    expect(() => parseSession(text)).toThrow(/^users: busctl printed no /);
  });

  test.each(['', '{"type":"a(susso)","data":[{}]}', '{"type":"a(susso)","data":[[["4",0,"root",""]]]}'])(
    '%j is no list of sessions',
    (text) => {
      expect(() => parseSessions(text)).toThrow(/^users: busctl printed no list of sessions but: /);
    },
  );
});

/** logind with twenty sessions, of which the first has ended since: what lies between is the real busctl. */
const SERVICE = `
import sys
from gi.repository import Gio, GLib
xml = '''<node><interface name="org.freedesktop.login1.Manager"><method name="ListSessions"><arg type="a(susso)" direction="out"/></method></interface></node>'''
bus = Gio.DBusConnection.new_for_address_sync(sys.argv[1], Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
session = '''<node><interface name="org.freedesktop.login1.Session">%s</interface></node>''' % ''.join(
    '<property name="%s" type="%s" access="read"/>' % one for one in [('Id', 's'), ('User', '(uo)'), ('Name', 's'), ('Timestamp', 't'), ('TTY', 's'),
    ('Display', 's'), ('RemoteHost', 's'), ('Leader', 'u'), ('Type', 's'), ('Class', 's'), ('State', 's')])
path = lambda number: '/org/freedesktop/login1/session/_%d' % number
def call(bus, sender, at, interface, method, arguments, invocation):
    invocation.return_value(GLib.Variant('(a(susso))', ([(str(n), 0, 'root', '', path(n)) for n in range(20)],)))
def get(bus, sender, at, interface, name):
    number = at.rpartition('_')[2]
    return {'User': GLib.Variant('(uo)', (4242 if number == '2' else 0, '/org/freedesktop/login1/user/_0')), 'Leader': GLib.Variant('u', int(number)), 'Timestamp': GLib.Variant('t', 1700000000500000),
            'Id': GLib.Variant('s', number), 'Name': GLib.Variant('s', 'nobody-here' if number == '2' else 'root'),
            'Class': GLib.Variant('s', 'greeter' if number == '1' else 'user')}.get(name, GLib.Variant('s', ''))
bus.register_object('/org/freedesktop/login1', Gio.DBusNodeInfo.new_for_xml(xml).interfaces[0], call, None, None)
for number in range(1, 20):
    bus.register_object(path(number), Gio.DBusNodeInfo.new_for_xml(session).interfaces[0], None, get, None)
Gio.bus_own_name_on_connection(bus, 'org.freedesktop.login1', 0, lambda *_: print('ready', flush=True), None)
GLib.MainLoop().run()`;

test('users -l asks logind with busctl', async () => {
  const bus = await startBus();
  await start('/usr/bin/python3', ['-c', SERVICE, bus.address]).line(/ready/);
  const context = contextWith();
  context.setEnvironment({ DBUS_SYSTEM_BUS_ADDRESS: bus.address });
  const { error, batches, values } = await run('users -l | sort pid', context);
  expect(error).toBeUndefined();
  expect(batches[0]?.className).toBe(SESSION);
  expect(values).toHaveLength(18);
  expect(values[0]).toMatchObject({ id: '2', name: 'nobody-here', uid: 4242, gid: null, home: null, groups: [] });
  expect(values[1]).toMatchObject({
    id: '3',
    name: 'root',
    uid: 0,
    gid: 0,
    group_name: 'root',
    login_time: 1_700_000_000.5,
  });
  expect(Object.keys(values[1] ?? {})).toEqual(propertiesOf(SESSION).map(({ name }) => name));
});

/** A stage where logind does not answer. */
function stageWithout(statuses: string[]): Stage {
  const environment = { PATH: process.env.PATH ?? '', DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/nowhere/bus' };
  const { signal } = new AbortController();
  const stage = { cwd: '/', environment, signal, started() {}, status: (text: string) => void statuses.push(text) };
  return stage as unknown as Stage;
}

test('without logind the logins are those of utmp whose process lives', async () => {
  const file = path.join(temporaryFolder(), 'utmp');
  const dead = 2 ** 22 + 1; // more than any process has
  const layout = process.arch === 'arm64' ? WIDE : NARROW;
  writeFileSync(file, Buffer.concat([record({ user: 'root' }, layout), record({ user: 'root', pid: dead }, layout)]));
  const statuses: string[] = [];
  const sessions = await readSessions(stageWithout(statuses), file);
  expect(sessions).toEqual([expect.objectContaining({ name: 'root', uid: 0, gid: 0, id: null, pid: process.pid })]);
  expect(Object.keys(sessions[0] ?? {})).toEqual(propertiesOf(SESSION).map(({ name }) => name));
  expect(statuses).toEqual([]);
});

test('without either there are none, and a status says why', async () => {
  const statuses: string[] = [];
  expect(await readSessions(stageWithout(statuses), '/nowhere/utmp')).toEqual([]);
  expect(statuses).toEqual([
    expect.stringMatching(/no \/nowhere\/utmp, and logind does not answer: Failed to connect/),
  ]);
});

test('a file that can not be read is an error', async () => {
  await expect(readSessions(stageWithout([]), '/')).rejects.toThrow('users: /: is a directory');
});
