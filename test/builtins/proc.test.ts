import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import type { ProcessObject } from '../../src/builtins/lib/processes';
import { readProcess } from '../../src/builtins/lib/processes';
import { propertiesOf } from '../../src/classes';
import { temporaryFolder } from '../support/temp';
import { closeContexts, run, valuesOf } from './support';

afterAll(closeContexts);

const processes = async (text: string) => (await valuesOf(text)) as ProcessObject[];

test('says all about a process', async () => {
  const [own] = await processes(`proc | filter ^${process.pid}$ pid`);
  expect(own).toMatchObject({
    pid: process.pid,
    ppid: process.ppid,
    owner_id: process.geteuid?.(),
    cwd: process.cwd(),
  });
  expect(own?.cmd).toBe(own?.arguments.join(' '));
  expect(own?.threads).toBeGreaterThan(1);
  expect(own?.vsize).toBeGreaterThan(own?.rss ?? 0);
  expect(Math.abs((own?.rss ?? 0) - process.memoryUsage().rss)).toBeLessThan(64 << 20);
  expect(Math.abs(Date.now() / 1000 - process.uptime() - (own?.start_time ?? 0))).toBeLessThan(5);
  expect(Object.keys(own ?? {})).toEqual(propertiesOf('hotwire.sysdep.proc.Process').map(({ name }) => name));
});

test('yields own processes, and with -a all', async () => {
  const own = await processes('proc');
  const all = await processes('proc -a');
  expect(new Set(own.map((found) => found.owner_id))).toEqual(new Set([process.geteuid?.()]));
  expect(all.length).toBeGreaterThanOrEqual(own.length);
  expect(all.map((found) => found.pid)).toContain(1);
});

test('a name with brackets and blanks, and an empty argument', async () => {
  const program = path.join(temporaryFolder(), ') (x 1');
  symlinkSync(process.execPath, program);
  const args = ['-e', 'console.log(1); setTimeout(() => {}, 1e6)', ''];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    await once(child.stdout, 'data');
    const found = readProcess(child.pid ?? 0, 0, String);
    expect(found).toMatchObject({
      ppid: process.pid,
      arguments: [program, ...args],
      cmd: [program, ...args].join(' '),
    });
    expect(found?.threads).toBeGreaterThan(1);
  } finally {
    child.kill('SIGKILL');
  }
});

test('a process that has gone is left out', () => {
  expect(readProcess(2 ** 22 + 1, 0, String)).toBeUndefined();
});

test('a dead child has no command line and no memory', async () => {
  const child = spawn('sh', ['-c', 'sleep 0 & exec sleep 100'], { stdio: 'ignore' });
  await once(child, 'spawn');
  try {
    let zombie: ProcessObject | undefined;
    while (zombie === undefined) {
      zombie = (await processes('proc')).find((found) => found.ppid === child.pid && found.state === 'Z');
    }
    expect(zombie).toMatchObject({ cmd: '[sleep]', arguments: [], rss: 0, vsize: 0, tty: null, cwd: null });
  } finally {
    child.kill('SIGKILL');
  }
});

test('stops when its consumer does', async () => {
  const { state, values } = await run('proc -a | head 1');
  expect([state, values.length]).toEqual(['complete', 1]);
});
