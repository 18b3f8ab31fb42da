// The settings of the slave: the table itself, and the page about it.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { configure, SETTING_NAMES, SETTINGS, settings } from '../src/settings';
import { loadSettings } from '../src/slave/load-settings';
import { formatSetting } from '../src/slave/setting-value';
import { temporaryFolder } from './support/temp';

const PAGE = readFileSync(path.join(__dirname, '..', 'docs', 'settings.md'), 'utf8');

/** The settings of a command line, with no file of this machine. */
function fromLimits(limits: string[]) {
  const folder = temporaryFolder();
  const systemFile = path.join(folder, 'slave.json');
  return loadSettings({ environment: { HOME: folder }, limits, systemFile }).values;
}

describe('the table', () => {
  test.each(SETTING_NAMES)('the default of %s is a value that it may have', (name) => {
    const { default: byDefault, min, max } = SETTINGS[name];
    expect(byDefault).toBeGreaterThanOrEqual(min);
    expect(byDefault).toBeLessThanOrEqual(max);
    expect(Number.isSafeInteger(byDefault)).toBe(true);
  });

  test('what is for all clients of a user is not less than what is for one', () => {
    expect(SETTINGS.maxPipelinesPerUser.default).toBeGreaterThanOrEqual(SETTINGS.maxPipelinesPerOwner.default);
    expect(SETTINGS.maxRunningPerUser.default).toBeGreaterThanOrEqual(SETTINGS.maxRunningPerOwner.default);
    expect(SETTINGS.keptOutputPerUserBytes.default).toBeGreaterThanOrEqual(SETTINGS.keptOutputBytes.default);
    expect(SETTINGS.spoolTotalBytes.default).toBeGreaterThanOrEqual(SETTINGS.spoolBytes.default);
  });
});

describe('docs/settings.md', () => {
  test('has a row for each setting, in the order of --limits, with its default and range', () => {
    const rows = PAGE.split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) => line.replace(/ +\|/g, ' |'));
    const expected = SETTING_NAMES.map((name) => {
      const { default: byDefault, min, max, means } = SETTINGS[name];
      const [value, from, to] = [byDefault, min, max].map((number) => formatSetting(name, number));
      return `| \`${name}\` | ${value} | ${from} | ${to} | ${means} |`;
    });
    expect(rows).toEqual(expected);
  });

  test('its file and its command line are valid and say the same', () => {
    const json = /```json\n(.*?)```/s.exec(PAGE)?.[1] ?? '';
    const given = JSON.parse(json) as Record<string, unknown>;
    const asLimits = Object.entries(given).map(([name, value]) => `${name}=${value}`);
    expect(Object.keys(given).length).toBeGreaterThan(1);
    const [, ...commandLine] = (/```sh\n(.*?)```/s.exec(PAGE)?.[1] ?? '').split('--limit ').map((word) => word.trim());
    expect(commandLine).toEqual(asLimits);
    expect(fromLimits(commandLine)).not.toEqual(fromLimits([]));
  });
});

test('the values are set once and then stay as they are', () => {
  expect(settings.maxLineBytes).toBe(SETTINGS.maxLineBytes.default);
  configure({ maxLineBytes: 4096 });
  expect(settings.maxLineBytes).toBe(4096);
  expect(settings.maxObjectBytes).toBe(SETTINGS.maxObjectBytes.default);
  expect(() => configure({ maxLineBytes: 1 })).toThrow(/already/);
  expect(() => Object.assign(settings, { maxLineBytes: 1 })).toThrow(TypeError);
});
