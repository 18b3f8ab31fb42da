/** Values of settings as people write them: `8M`, `7d`, `256`. */
import { HotwireError } from '../errors';
import { DAY_S, GIB, KIB, MIB } from '../limits';
import { SETTINGS, type SettingName, type SettingUnit } from '../settings';

const HOUR_S = 60 * 60;
/** Suffix → what it multiplies by, the largest first. */
const SUFFIXES: Readonly<Record<SettingUnit, Readonly<Record<string, number>>>> = {
  count: {},
  bytes: { G: GIB, M: MIB, K: KIB },
  seconds: { d: DAY_S, h: HOUR_S, m: 60, s: 1 },
};
const EXPECTED: Readonly<Record<SettingUnit, string>> = {
  count: 'a whole number',
  bytes: 'a whole number of bytes, or one with K, M or G',
  seconds: 'a whole number of seconds, or one with s, m, h or d',
};
const SHOWN_UNITS = 40;

/**
 * The value of a setting.
 * @param given a number, or a text with or without a suffix
 * @throws InvalidArgs naming the setting, what it takes and its range
 */
export function settingValue(name: SettingName, given: unknown): number {
  const { unit, min, max } = SETTINGS[name];
  const value = typeof given === 'string' ? fromText(given, unit) : given;
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    throw new HotwireError('InvalidArgs', `${name} must be ${EXPECTED[unit]}, not ${shown(given)}`);
  }
  if (value >= min && value <= max) return value;
  const range = `from ${formatSetting(name, min)} to ${formatSetting(name, max)}`;
  throw new HotwireError('InvalidArgs', `${name} must be ${range}, not ${shown(given)}`);
}

/** A value as it may be written in a file or on the command line, with the largest suffix that loses nothing. */
export function formatSetting(name: SettingName, value: number): string {
  const fits = Object.entries(SUFFIXES[SETTINGS[name].unit]).find(([, factor]) => value % factor === 0);
  return value === 0 || fits === undefined ? String(value) : `${value / fits[1]}${fits[0]}`;
}

function fromText(text: string, unit: SettingUnit): number {
  const [, digits, suffix = ''] = /^(\d+)([A-Za-z]?)$/.exec(text) ?? [];
  const factor = suffix === '' ? 1 : SUFFIXES[unit][suffix];
  return digits === undefined || factor === undefined ? Number.NaN : Number(digits) * factor;
}

function shown(given: unknown): string {
  const text = typeof given === 'string' ? `'${given}'` : (JSON.stringify(given) ?? String(given));
  return text.length > SHOWN_UNITS ? `${text.slice(0, SHOWN_UNITS)}…` : text;
}
