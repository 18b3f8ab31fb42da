// The commands of docs/bridge.md do what they say, over a real ssh.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { bridgeEnvironment } from '../support/bridge';
import { startBus } from '../support/bus';
import { run } from '../support/process';
import { built, ROOT } from '../support/slave';
import { Sshd } from '../support/sshd';

test('the commands of the beginning, one after the other', async () => {
  await built();
  const bus = await startBus();
  const sshd = await Sshd.start();
  await sshd.host('web1', { environment: { DBUS_SESSION_BUS_ADDRESS: bus.address } });
  const page = readFileSync(path.join(ROOT, 'docs', 'bridge.md'), 'utf8');
  const [block = ''] = /(^ {4}.*\n)+/m.exec(page) ?? [];
  const PATH = `${path.join(ROOT, 'bin')}:${process.env.PATH}`;
  const env = bridgeEnvironment({ ...sshd.environment, PATH });
  const { code, stdout, stderr } = await run('sh', ['-ec', block], { env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^NAME +PID PROCESS/);
  expect(stdout).toMatch(/^\('[0-9a-f]{32}',\)$/m);
  expect(stdout).toMatch(/dbus\.String\('org\.freedesktop\.DBus'\)/);
}, 60_000);
