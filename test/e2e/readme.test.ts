// The examples of README.md do what it says.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Bus, startBus } from '../support/bus';
import { run } from '../support/process';
import { ResidentHome } from '../support/resident';
import { activationFolder, built, ROOT } from '../support/slave';
import { temporaryFolder } from '../support/temp';

const README = readFileSync(path.join(ROOT, 'README.md'), 'utf8');

let bus: Bus;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  await built();
  const home = new ResidentHome();
  bus = await startBus({ services: await activationFolder(), env: home.environment });
  const PATH = `${path.join(ROOT, 'bin')}:${process.env.PATH}`;
  env = { ...home.environment, DBUS_SESSION_BUS_ADDRESS: bus.address, PATH };
});

/** Indented blocks of a section, without the indent. */
function blocks(heading: string): string[] {
  const section = README.split(/^## /m).find((text) => text.startsWith(heading)) ?? '';
  return section.split(/^(?! {4}|$)/m).flatMap((text) => {
    const lines = text.split('\n').filter((line) => line.startsWith('    '));
    return lines.length > 0 ? [lines.map((line) => line.slice(4)).join('\n')] : [];
  });
}

const commands = [...blocks('A tour'), ...blocks('From a shell')].filter((block) => !block.startsWith('$'));

test('there are examples', () => expect(commands.length).toBeGreaterThanOrEqual(5));

test.each(commands)('%s', async (command) => {
  const { code, stdout, stderr } = await run('sh', ['-ec', command], { env, cwd: ROOT });
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('hotwire:') });
  expect(stdout).not.toBe('');
});

test('a mistake is pointed out as it shows', async () => {
  const [command = '', ...shown] = (blocks('A tour').find((block) => block.startsWith('$')) ?? '').split('\n');
  const { code, stderr } = await run('sh', ['-c', command.replace('$ ', '')], { env, cwd: ROOT });
  expect(code).toBe(2);
  expect(stderr.trimEnd()).toBe(shown.join('\n').trimEnd());
});

test('the Python client prints what it says', async () => {
  const program = /```python\n(.*?)```/s.exec(README)?.[1] ?? '';
  const file = path.join(temporaryFolder(), 'client.py');
  writeFileSync(file, program);
  const { code, stdout, stderr } = await run('/usr/bin/python3', [file], { env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.trim().split('\n')).toEqual(
    Array(3).fill(expect.stringMatching(/^hotwire\.sysdep\.proc\.Process \d+$/)),
  );
});
