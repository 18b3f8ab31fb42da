import { chmodSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { busctlCommand } from '../../src/builtins/lib/busctl';
import { listUnitsCall, parseUnits, type UnitObject } from '../../src/builtins/lib/units';
import { propertiesOf } from '../../src/classes';
import { prepare } from '../../src/engine';
import { startBus } from '../support/bus';
import { start } from '../support/process';
import { waitFor } from '../support/wait';
import { closeContexts, contextWith, registry, run } from './support';

afterAll(closeContexts);

/** What busctl prints where systemd runs: a unit as it was recorded, and one with a job. */
const RECORDED =
  '{"type":"a(ssssssouso)","data":[[["systemd-resolved.service","Network Name Resolution","loaded","active","running","",' +
  '"/org/freedesktop/systemd1/unit/systemd_2dresolved_2eservice",0,"","/"],' +
  '["dev-vda.device","/dev/vda","loaded","active","plugged","sys-vda.device","/org/freedesktop/systemd1/unit/dev_2dvda_2edevice",' +
  '4817,"start","/org/freedesktop/systemd1/job/4817"]]]}';

test('reads what busctl prints', () => {
  const units = parseUnits(`${RECORDED}\n`, 'system');
  expect(units).toEqual([
    {
      name: 'systemd-resolved.service',
      description: 'Network Name Resolution',
      kind: 'service',
      load_state: 'loaded',
      active_state: 'active',
      sub_state: 'running',
      following: null,
      object_path: '/org/freedesktop/systemd1/unit/systemd_2dresolved_2eservice',
      job_id: null,
      job_type: null,
      manager: 'system',
    },
    expect.objectContaining({ kind: 'device', following: 'sys-vda.device', job_id: 4817, job_type: 'start' }),
  ]);
  expect(Object.keys(units[0] ?? {})).toEqual(propertiesOf('hotwire.sysdep.systemd.Unit').map(({ name }) => name));
});

test('no units are no error', () => {
  expect(parseUnits('{"type":"a(ssssssouso)","data":[[]]}', 'user')).toEqual([]);
});

test.each([
  '',
  'null',
  '[]',
  'a(ssssssouso) 1 "x.service"',
  '{"type":"a(ss)","data":[[["a","b"]]]}',
  '{"type":"a(ssssssouso)","data":[]}',
  '{"type":"a(ssssssouso)","data":[[["a.service","b","c","d","e","f","/p","0","","/"]]]}',
  '{"type":"a(ssssssouso)","data":[[["a.service","b","c","d","e","f","/p",0,""]]]}',
  '{"type":"a(ssssssouso)","data":[[null]]}',
])('%j is no list of units', (text) => {
  expect(() => parseUnits(text, 'system')).toThrow(/^units: busctl printed no list of units but: /);
});

/** A service of the name, with one unit of the text given, on a bus of its own: what lies between is the real busctl. */
const SERVICE = `
import sys
from gi.repository import Gio, GLib
xml = '<node><interface name="org.freedesktop.systemd1.Manager"><method name="ListUnits"><arg type="a(ssssssouso)" direction="out"/></method></interface></node>'
bus = Gio.DBusConnection.new_for_address_sync(sys.argv[1], Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
def call(bus, sender, path, interface, method, arguments, invocation):
    unit = ('-.mount', sys.argv[2], 'loaded', 'active', 'mounted', '', '/org/freedesktop/systemd1/unit/_2d_2emount', 0, '', '/')
    invocation.return_value(GLib.Variant('(a(ssssssouso))', ([unit] * 1000,)))
bus.register_object('/org/freedesktop/systemd1', Gio.DBusNodeInfo.new_for_xml(xml).interfaces[0], call, None, None)
Gio.bus_own_name_on_connection(bus, 'org.freedesktop.systemd1', 0, lambda *_: print('ready', flush=True), None)
GLib.MainLoop().run()`;

test('asks the manager on the system bus with busctl', async () => {
  const bus = await startBus();
  const description = 'Root "Mount" \\ é\n\u{1f680}';
  await start('/usr/bin/python3', ['-c', SERVICE, bus.address, description]).line(/ready/);
  const context = contextWith();
  context.setEnvironment({ DBUS_SYSTEM_BUS_ADDRESS: bus.address });
  const { error, batches, values } = await run('units', context);
  expect(error).toBeUndefined();
  expect(values).toHaveLength(1000);
  expect(Math.max(...batches.map(({ objects }) => objects.length))).toBeLessThanOrEqual(256);
  expect((values as UnitObject[])[0]).toMatchObject({ name: '-.mount', kind: 'mount', description });
});

test('a cancel ends busctl, before the pipeline has ended', async () => {
  const context = contextWith({ busctl: '#!/bin/sh\ntrap "" TERM HUP\necho $$ >pid\nwhile :; do sleep 100; done\n' });
  chmodSync(path.join(context.cwd, 'busctl'), 0o755);
  context.setEnvironment({ PATH: `${context.cwd}:${process.env.PATH}` });
  const pipeline = prepare('units', context, registry, {});
  const ended = pipeline.run({
    state: () => undefined,
    objects: async () => undefined,
    metadata: async () => undefined,
    aborted: () => undefined,
    exception: () => undefined,
  });
  const file = path.join(context.cwd, 'pid');
  await waitFor(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'), 'the start of busctl');
  const pid = Number(readFileSync(file, 'utf8'));
  await pipeline.cancel();
  expect(await ended).toBe('cancelled');
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('where systemd does not run it says so, in the words of busctl', async () => {
  const bus = await startBus();
  const context = contextWith();
  context.setEnvironment({ DBUS_SYSTEM_BUS_ADDRESS: bus.address });
  const { state, error } = await run('units', context);
  expect([state, error?.kind]).toEqual(['exception', 'NotSupported']);
  expect(error?.message).toMatch(/^units: can't ask the system manager of systemd: Call failed: .*systemd1/);
});

test('where there is no bus it says so', async () => {
  const context = contextWith();
  context.setEnvironment({ DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/nowhere/bus' });
  const { error } = await run('units', context);
  expect(error?.message).toMatch(
    /^units: can't ask the system manager of systemd: Failed to connect to bus: No such file/,
  );
});

test('where there is no busctl it says so', async () => {
  const context = contextWith();
  context.setEnvironment({ PATH: context.cwd });
  const { state, error } = await run('units', context);
  expect([state, error?.message]).toEqual([
    'exception',
    expect.stringMatching(/^units: can't ask .*: busctl: no such program/),
  ]);
});

test('starts no manager that does not run', () => {
  expect(busctlCommand(listUnitsCall('user')).args).toEqual(expect.arrayContaining(['--user', '--auto-start=no']));
});
