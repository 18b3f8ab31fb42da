// The examples of README.md do what it says.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Bus, startBus } from '../support/bus';
import { run } from '../support/process';
import { ResidentHome } from '../support/resident';
import { activationFolder, built, ROOT } from '../support/slave';
import { Sshd } from '../support/sshd';
import { temporaryFolder } from '../support/temp';
import { PATIENCE_MS } from '../support/wait';

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

describe('other hosts', () => {
  let folder: string;
  let there: NodeJS.ProcessEnv;

  beforeAll(async () => {
    const server = await Sshd.start();
    const environment = { DBUS_SESSION_BUS_ADDRESS: bus.address };
    for (const name of ['web1', 'web2', 'web3']) {
      await server.host(name, { environment: { ...environment, HOTWIRE_SSH: server.ssh } });
    }
    there = { ...env, ...server.environment, PATH: env.PATH, DBUS_SESSION_BUS_ADDRESS: bus.address };
    folder = temporaryFolder();
    mkdirSync(path.join(folder, 'site'));
    writeFileSync(path.join(folder, 'site', 'index.html'), '<p>hello');
  }, 2 * PATIENCE_MS);

  const examples = blocks('Other hosts').flatMap((block) => block.split('\n'));

  test.each(examples)('%s', async (command) => {
    const { code, stdout, stderr } = await run('sh', ['-ec', command], { env: there, cwd: folder });
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('hotwire:') });
    if (!/ (put|get) /.test(command)) expect(stdout).not.toBe('');
  });

  test('files came where they should', () => {
    for (const host of ['web1', 'web2', 'web3']) {
      expect(readFileSync(path.join(folder, 'copies', host, 'index.html'), 'utf8')).toBe('<p>hello');
    }
  });
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
