// The settings of a slave as a person gives them.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { SETTING_NAMES } from '../../src/settings';
import { startBus } from '../support/bus';
import { environment, run } from '../support/process';
import { RawClient } from '../support/raw-client';
import { built, HOTWIRE_SLAVE, startSlave } from '../support/slave';
import { temporaryFolder } from '../support/temp';

/** The environment of a user who has this file of settings. */
function userWith(text: string) {
  const folder = temporaryFolder();
  const file = path.join(folder, 'hotwire', 'slave.json');
  mkdirSync(path.dirname(file));
  writeFileSync(file, text);
  return { file, env: environment({ XDG_CONFIG_HOME: folder }) };
}

beforeAll(built);

test('--limits prints each with its value, unit and source, and needs no place to serve', async () => {
  const { file, env } = userWith('{"maxObjectBytes": "1M"}');
  const { code, stdout, stderr } = await run(HOTWIRE_SLAVE, ['--limits', '--limit', 'detachedKeptS=2d'], { env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const rows = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ +/));
  expect(rows.map(([name]) => name)).toEqual(['NAME', ...SETTING_NAMES]);
  expect(rows).toContainEqual(['maxObjectBytes', '1M', 'bytes', file]);
  expect(rows).toContainEqual(['detachedKeptS', '2d', 'seconds', '--limit']);
});

test.each([
  ['a limit that is none', ['--limit', 'maxLineByte=1'], '{}', /--limit: .*did you mean maxLineBytes\?/],
  ['a bad value', ['--limit', 'maxLineBytes=1h'], '{}', /--limit: maxLineBytes must be/],
  ['a bad value in a file', [], '{"maxLineBytes": 1}', /slave\.json: maxLineBytes must be from 1K/],
  ['a damaged file', [], '{\n"maxLineBytes" 4096\n}', /slave\.json: line 2: /],
])('%s ends it with status 2', async (_, args, text, words) => {
  const { code, stdout, stderr } = await run(HOTWIRE_SLAVE, ['--stdio', ...args], userWith(text));
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(words);
  expect(stderr.trimEnd()).not.toContain('\n');
});

test('they are in force: lines, objects, expressions and running pipelines', async () => {
  const bus = await startBus();
  const { env } = userWith('{"maxLineBytes": "1K", "maxObjectBytes": "2K"}');
  await startSlave(bus, ['--limit', 'maxRunningPerOwner=1'], { env });
  const client = await RawClient.connect(bus);
  const refused = (text: string) => ({ kind: 'LimitExceeded', message: expect.stringContaining(text) });
  await expect(client.call('Evaluate', 'sys printf %2000s x', {})).rejects.toMatchObject(refused('maxLineBytes'));
  const long = `js-eval '"abc".repeat(700)'`;
  await expect(client.call('Evaluate', long, {})).rejects.toMatchObject(refused('2048 bytes'));
  await client.run('sys sleep 100');
  await expect(client.run('sys true')).rejects.toMatchObject(refused('maxRunningPerOwner'));
  await bus.stop();
});
