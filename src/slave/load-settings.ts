/** Where settings come from: the defaults, the system's file, the user's file, the command line; the last one counts. */
import { readFileSync, type Stats, statSync } from 'node:fs';
import path from 'node:path';
import { describe, didYouMean, homeOf, nearest } from '../engine';
import { HotwireError } from '../errors';
import { parseJson } from '../json';
import { MAX_SETTINGS_FILE_BYTES } from '../limits';
import { SETTING_NAMES, SETTINGS, type SettingName } from '../settings';
import { formatSetting, settingValue } from './setting-value';

const SYSTEM_FILE = '/etc/hotwire/slave.json';

export interface LoadedSettings {
  readonly values: Readonly<Record<SettingName, number>>;
  /** Where each came from, in words. */
  readonly sources: Readonly<Record<SettingName, string>>;
  /** What a person should know, though it is no error. */
  readonly warnings: readonly string[];
}

/** What the settings are read from; a test has files of its own. */
export interface SettingsSources {
  readonly environment: NodeJS.ProcessEnv;
  /** `NAME=VALUE`, from the command line. */
  readonly limits: readonly string[];
  readonly systemFile?: string;
  /** Of this process: the file of any other user is not for it. */
  readonly uid?: number;
}

/** @throws InvalidArgs naming the file or option, the setting, and what is wrong with it */
export function loadSettings(sources: SettingsSources): LoadedSettings {
  const { environment, limits, systemFile = SYSTEM_FILE, uid = process.geteuid?.() ?? 0 } = sources;
  const values = new Map<SettingName, { value: number; source: string }>();
  const warnings: string[] = [];
  for (const name of SETTING_NAMES) values.set(name, { value: SETTINGS[name].default, source: 'default' });
  const set = (key: string, given: unknown, source: string) => {
    try {
      const name = knownName(key);
      values.set(name, { value: settingValue(name, given), source });
    } catch (error) {
      throw invalid(source, (error as Error).message);
    }
  };
  const own = userFile(environment);
  for (const file of own === systemFile ? [systemFile] : [systemFile, own]) {
    const found = find(file);
    if (found === undefined) continue;
    if (file === own && (found === 'hidden' || found.uid !== uid)) {
      warnings.push(`${file} is ignored: it is not a file of the uid ${uid}, as which this slave runs`);
      continue;
    }
    for (const [key, given] of Object.entries(readSettings(file, found))) set(key, given, file);
  }
  for (const limit of limits) {
    const [, key, text] = /^([^=]+)=(.*)$/s.exec(limit) ?? [];
    if (key === undefined) throw invalid('--limit', `'${limit}' is not NAME=VALUE, as in --limit maxLineBytes=16M`);
    set(key, text, '--limit');
  }
  const entries = [...values];
  const record = <T>(of: (entry: { value: number; source: string }) => T) =>
    Object.fromEntries(entries.map(([name, entry]) => [name, of(entry)])) as Record<SettingName, T>;
  return { values: record(({ value }) => value), sources: record(({ source }) => source), warnings };
}

/** All settings as a table for people: name, value, unit, source. */
export function showSettings({ values, sources }: LoadedSettings): string {
  const rows = SETTING_NAMES.map((name) => [
    name,
    formatSetting(name, values[name]),
    SETTINGS[name].unit,
    sources[name],
  ]);
  const table = [['NAME', 'VALUE', 'UNIT', 'FROM'], ...rows];
  const width = (column: number) => Math.max(...table.map((row) => row[column]?.length ?? 0));
  const widths = [width(0), width(1), width(2)];
  return table.map((row) => `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}\n`).join('');
}

/** The file of the user whose environment that is. */
function userFile(environment: NodeJS.ProcessEnv): string {
  const { XDG_CONFIG_HOME: given = '' } = environment;
  // A relative path is to be ignored, says the base directory specification.
  const folder = path.isAbsolute(given) ? given : path.join(homeOf(environment), '.config');
  return path.join(folder, 'hotwire', 'slave.json');
}

function knownName(key: string): SettingName {
  if (Object.hasOwn(SETTINGS, key)) return key as SettingName;
  const hint = didYouMean(nearest(key, SETTING_NAMES)) ?? "'hotwire-slave --limits' lists them";
  throw new HotwireError('InvalidArgs', `there is no setting '${key}': ${hint}`);
}

/** What there is; undefined is nothing, `hidden` what we may not look at. */
function find(file: string): Stats | 'hidden' | undefined {
  try {
    return statSync(file);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code === 'EACCES') return 'hidden';
    throw unreadable(file, error);
  }
}

/** The settings in a file, unchecked. */
function readSettings(file: string, found: Stats | 'hidden'): object {
  let text: string;
  try {
    if (found !== 'hidden' && !found.isFile()) throw new Error('it is not a file'); // a named pipe would hold us up
    if (found !== 'hidden' && found.size > MAX_SETTINGS_FILE_BYTES) {
      throw new Error(`it is over ${MAX_SETTINGS_FILE_BYTES} bytes`);
    }
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
  const settings = parse(file, text);
  if (typeof settings === 'object' && settings !== null && !Array.isArray(settings)) return settings;
  throw invalid(file, 'must hold one JSON object, as in {"maxLineBytes": "16M"}');
}

function parse(file: string, text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw invalid(file, (error as Error).message);
    throw invalid(`${file}: line ${lineOf(text, error)}`, `this is no JSON: ${error.message.replace(/\s+/g, ' ')}`);
  }
}

/**
 * The line, from 1, in which a text stops being JSON. V8 tells the position of some errors only; of the others, the line
 * is the last of the shortest run of lines that fails by more than being too short.
 */
function lineOf(text: string, error: SyntaxError): number {
  const position = /at position (\d+)/.exec(error.message)?.[1];
  if (position !== undefined) return text.slice(0, Number(position)).split('\n').length;
  const lines = text.split('\n');
  let low = 1;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBroken(`${lines.slice(0, middle).join('\n')}\n`)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function isBroken(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    return /is not valid JSON$/.test((error as Error).message);
  }
}

function unreadable(file: string, error: unknown): HotwireError {
  return invalid(file, `can't be read: ${describe(error as NodeJS.ErrnoException)}`);
}

function invalid(where: string, reason: string): HotwireError {
  return new HotwireError('InvalidArgs', `${where}: ${reason}`);
}
