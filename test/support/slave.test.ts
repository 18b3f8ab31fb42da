// The helpers that start the real slave, and the two clients in Python.
import path from 'node:path';
import { BUS_NAME, INTERFACE, OBJECT_PATH } from '../../src/contract';
import { type Bus, startBus } from './bus';
import { isAlive } from './proc';
import { run } from './process';
import { activationFolder, hotwire, startSlave } from './slave';
import { waitFor } from './wait';

const PYTHON = '/usr/bin/python3';
const NO_OPTIONS = '0';

interface Line {
  reply?: number;
  signal?: string;
  arguments?: unknown[];
}

describe('a slave on a bus', () => {
  let bus: Bus;
  beforeAll(async () => {
    bus = await startBus();
    await startSlave(bus);
  });

  test.each(['client_dbus.py', 'client_gio.py'])('answers %s first, and then signals up to the end', async (name) => {
    const client = path.join(__dirname, 'python', name);
    const { code, stdout, stderr } = await run(PYTHON, [client, bus.address, 'sys printf "ä\\nb\\n"']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [first, ...signals] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    const number = first?.reply;
    expect(number).toEqual(expect.any(Number));
    const objects = signals.filter(({ signal }) => signal === 'PipelineObjects').map((line) => line.arguments);
    expect(objects.flatMap((list) => list?.[2])).toEqual(['"ä"', '"b"']);
    expect(signals[0]).toEqual({ signal: 'PipelineStateChanged', arguments: [number, 'executing'] });
    expect(signals.at(-1)).toEqual({ signal: 'PipelineStateChanged', arguments: [number, 'complete'] });
  });

  test('is used by the command', async () => {
    const options = { bus, input: '' };
    expect(await hotwire(['run', 'js-eval 6*7'], options)).toMatchObject({ code: 0, stdout: '42\n', stderr: '' });
  });
});

test('the bus starts a slave by the activation file, and its end ends the slave', async () => {
  const bus = await startBus({ services: await activationFolder() });
  const args = ['sa{sv}', 'js-eval 6*7', NO_OPTIONS];
  const { data } = await bus.call(BUS_NAME, OBJECT_PATH, `${INTERFACE}.Evaluate`, ...args);
  expect(data).toEqual([[['number', ['42']]]]);
  const owner = await bus.call(
    'org.freedesktop.DBus',
    '/org/freedesktop/DBus',
    'org.freedesktop.DBus.GetConnectionUnixProcessID',
    's',
    BUS_NAME,
  );
  const pid = owner.data[0] as number;
  expect(isAlive(pid)).toBe(true);
  await bus.stop();
  await waitFor(() => !isAlive(pid), 'the end of the slave');
});

test('a slave that can not start fails the test with what it said', async () => {
  const bus = await startBus();
  const said = /the slave ended \(\d+\) before it owned its name:\n(.*\n)*.*no-such-option/;
  await expect(startSlave(bus, ['--no-such-option'])).rejects.toThrow(said);
});
