// Settings from files and the command line: which one counts, and what is wrong with one that makes no sense.
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MAX_SETTINGS_FILE_BYTES } from '../../src/limits';
import { SETTING_NAMES, SETTINGS } from '../../src/settings';
import { loadSettings, type SettingsSources, showSettings } from '../../src/slave/load-settings';
import { run } from '../support/process';
import { temporaryFolder } from '../support/temp';

const MIB = 1024 * 1024;

interface Files {
  system?: string;
  user?: string;
}

/** A machine with these files. */
function machine({ system, user }: Files) {
  const home = temporaryFolder();
  const systemFile = path.join(home, 'etc', 'slave.json');
  const userFile = path.join(home, '.config', 'hotwire', 'slave.json');
  for (const [file, text] of [
    [systemFile, system],
    [userFile, user],
  ] as const) {
    mkdirSync(path.dirname(file), { recursive: true });
    if (text !== undefined) writeFileSync(file, text);
  }
  const load = (more: Partial<SettingsSources> = {}) =>
    loadSettings({ environment: { HOME: home }, limits: [], systemFile, ...more });
  return { home, systemFile, userFile, load };
}

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toMatchObject({ kind: 'InvalidArgs', exit: 2 });
    return (error as Error).message;
  }
  throw new Error('it was accepted');
}

describe('which value counts', () => {
  test('the defaults, where nobody says anything', () => {
    const { values, sources, warnings } = machine({}).load();
    expect(values).toEqual(Object.fromEntries(SETTING_NAMES.map((name) => [name, SETTINGS[name].default])));
    expect(new Set(Object.values(sources))).toEqual(new Set(['default']));
    expect(warnings).toEqual([]);
  });

  test('the system, then the user, then the command line', () => {
    const { load, systemFile, userFile } = machine({
      system: '{"maxLineBytes": 4096, "maxObjectBytes": 4096, "detachedKeptS": 60}',
      user: '{"maxObjectBytes": "1M", "detachedKeptS": "2h"}',
    });
    const { values, sources } = load({ limits: ['detachedKeptS=1d', 'detachedKeptS=3d', 'maxRunningPerUser=7'] });
    expect(values).toMatchObject({ maxLineBytes: 4096, maxObjectBytes: MIB, detachedKeptS: 3 * 86_400 });
    expect(sources).toMatchObject({
      maxLineBytes: systemFile,
      maxObjectBytes: userFile,
      detachedKeptS: '--limit',
      maxRunningPerUser: '--limit',
      spoolBytes: 'default',
    });
  });

  test.each([
    ['an absolute XDG_CONFIG_HOME', (home: string) => path.join(home, 'config'), 4096],
    ['a relative one is ignored', () => 'config', SETTINGS.maxLineBytes.default],
    ['an empty one too', () => '', SETTINGS.maxLineBytes.default],
  ])('%s', (_, folderOf, expected) => {
    const { home, load } = machine({});
    mkdirSync(path.join(home, 'config', 'hotwire'), { recursive: true });
    writeFileSync(path.join(home, 'config', 'hotwire', 'slave.json'), '{"maxLineBytes": "4K"}');
    expect(load({ environment: { HOME: home, XDG_CONFIG_HOME: folderOf(home) } }).values.maxLineBytes).toBe(expected);
  });

  test("another user's file is ignored, and that is said", () => {
    const { load, userFile } = machine({ user: 'no JSON', system: '{"maxLineBytes": 4096}' });
    const { values, warnings } = load({ uid: (process.getuid?.() ?? 0) + 1 });
    expect(values.maxLineBytes).toBe(4096);
    expect(warnings).toEqual([expect.stringContaining(userFile)]);
  });

  test.each([
    ['maxLineBytes', '64K', 64 * 1024],
    ['maxLineBytes', '1M', MIB],
    ['spoolBytes', '2G', 2048 * MIB],
    ['maxLineBytes', '2048', 2048],
    ['detachedKeptS', '90s', 90],
    ['detachedKeptS', '5m', 300],
    ['detachedKeptS', '36h', 129_600],
    ['detachedKeptS', '0', 0],
    ['maxPipelinesPerOwner', '007', 7],
  ] as const)('%s=%s is %d', (name, text, expected) => {
    expect(machine({}).load({ limits: [`${name}=${text}`] }).values[name]).toBe(expected);
    expect(machine({ user: JSON.stringify({ [name]: text }) }).load().values[name]).toBe(expected);
  });
});

describe('what makes no sense', () => {
  test.each([
    ['an unknown name', '{"maxLineByte": 4096}', /maxLineByte'.*did you mean maxLineBytes\?/],
    ['a name like no other', '{"colour": 1}', /'colour'.*--limits/],
    ["a prototype's name", '{"__proto__": 1}', /__proto__/],
    ['a method of objects', '{"toString": 1}', /toString/],
    ['a text that is no number', '{"maxLineBytes": "many"}', /maxLineBytes must be a whole number of bytes.*'many'/],
    ['a suffix of another kind', '{"maxLineBytes": "4h"}', /maxLineBytes must be .*K, M or G, not '4h'/],
    ['a suffix on a count', '{"maxRunningPerUser": "4K"}', /maxRunningPerUser must be a whole number, not '4K'/],
    ['a fraction', '{"maxLineBytes": 4096.5}', /maxLineBytes must be a whole number.*4096.5/],
    ['a negative number', '{"maxLineBytes": -1}', /maxLineBytes must be from 1K to 64M, not -1/],
    ['too much', '{"maxLineBytes": "1G"}', /maxLineBytes must be from 1K to 64M, not '1G'/],
    ['too little', '{"maxRunningPerUser": 0}', /maxRunningPerUser must be from 1 to 1000000, not 0/],
    ['null', '{"maxLineBytes": null}', /maxLineBytes must be .* not null/],
    ['a list', '{"maxLineBytes": [1]}', /maxLineBytes must be .* not \[1\]/],
    ['a huge number', '{"maxLineBytes": 99999999999999999999}', /maxLineBytes must be/],
    ['a number that overflows', '{"maxLineBytes": 1e400}', /1e400 is too large/],
    ['digits of other scripts', '{"maxLineBytes": "٤٠٩٦"}', /maxLineBytes must be/],
    ['no object', '[1]', /one JSON object/],
    ['null for all', 'null', /one JSON object/],
    ['an empty file', '', /line 1: this is no JSON/],
    ['a missing comma', '{\n"maxLineBytes": 4096\n"maxObjectBytes": 4096}', /line 3: this is no JSON/],
    ['a comma too many', '{\n"maxLineBytes": 4096,\n}', /line 3: this is no JSON/],
    ['a missing value', '{\n"maxLineBytes":\n\n}\n', /line 4: this is no JSON/],
    ['a broken word', '{\n\n"maxLineBytes": nul\n}', /line 3: this is no JSON/],
    ['a comment', '// mine\n{}', /line 1: this is no JSON/],
    ['a comment inside', '{\n  # mine\n}', /line 2: this is no JSON/],
    ['an open end', '{\n"maxLineBytes": 4096', /line 2: this is no JSON/],
    ['text after the end', '{}\n\nx', /line 3: this is no JSON/],
    ['garbage', '\u0000\u0001', /line 1: this is no JSON/],
    ['a file of no end', `{"maxLineBytes": 4096}${' '.repeat(MAX_SETTINGS_FILE_BYTES)}`, /can't be read: it is over/],
  ])('in a file: %s', (_, text, words) => {
    for (const which of ['system', 'user'] as const) {
      const { load, systemFile, userFile } = machine({ [which]: text });
      const message = messageOf(() => load());
      expect(message).toMatch(words);
      expect(message.startsWith(`${which === 'user' ? userFile : systemFile}: `)).toBe(true);
      expect(message).not.toContain('\n');
    }
  });

  test.each([
    ['maxLineBytes', /--limit: 'maxLineBytes' is not NAME=VALUE/],
    ['', /--limit: '' is not NAME=VALUE/],
    ['=1', /--limit: '=1' is not NAME=VALUE/],
    ['maxLineBytes=', /--limit: maxLineBytes must be/],
    ['maxLineBytes=4096=1', /--limit: maxLineBytes must be/],
    ['max-line-bytes=4096', /--limit: there is no setting 'max-line-bytes'/],
    ['maxLineBytes=0x1000', /--limit: maxLineBytes must be/],
    ['maxLineBytes= 4096', /--limit: maxLineBytes must be/],
  ])('on the command line: %j', (limit, words) => {
    expect(messageOf(() => machine({}).load({ limits: [limit] }))).toMatch(words);
  });

  test('a folder in the place of a file, and a link that leads nowhere', () => {
    const { load, userFile, home } = machine({});
    symlinkSync(path.join(home, 'nowhere'), userFile);
    expect(load().warnings).toEqual([]);
    const folder = machine({});
    mkdirSync(folder.systemFile);
    expect(messageOf(() => folder.load())).toContain(`${folder.systemFile}: can't be read: it is not a file`);
  });

  test('a named pipe does not hold it up', async () => {
    const { load, systemFile } = machine({});
    expect((await run('mkfifo', [systemFile])).code).toBe(0);
    expect(messageOf(() => load())).toContain("can't be read: it is not a file");
  });

  const asRoot = process.getuid?.() === 0;
  (asRoot ? test.skip : test)('a file that may not be read', () => {
    const { load, systemFile } = machine({ system: '{}' });
    chmodSync(systemFile, 0);
    expect(messageOf(() => load())).toContain(`${systemFile}: can't be read: permission denied`);
  });
});

test('what is shown can be given back as it is', () => {
  const { load } = machine({ user: '{"maxLineBytes": 5000}' });
  const loaded = load({ limits: ['detachedKeptS=90', 'spoolBytes=1536K'] });
  const [head, ...rows] = showSettings(loaded)
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ +/));
  expect(head).toEqual(['NAME', 'VALUE', 'UNIT', 'FROM']);
  expect(rows.map(([name]) => name)).toEqual(SETTING_NAMES);
  expect(rows.find(([name]) => name === 'spoolBytes')).toEqual(['spoolBytes', '1536K', 'bytes', '--limit']);
  const again = machine({}).load({ limits: rows.map(([name, value]) => `${name}=${value}`) });
  expect(again.values).toEqual(loaded.values);
});
