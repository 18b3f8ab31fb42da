/** What a value of a condition means: sizes, durations and times by the unit of the property that it is compared with. */
import type { PropertyDeclaration, Unit } from '../../classes';

/** A value as it is compared. `text` is how it was written. */
export type Meaning =
  | { readonly type: 'null'; readonly text: string }
  | { readonly type: 'boolean'; readonly value: boolean; readonly text: string }
  | { readonly type: 'number'; readonly value: number; readonly text: string }
  | { readonly type: 'string'; readonly text: string };

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const SIZE = /^([+-]?\d+(?:\.\d+)?)(?:([kmgtpe])(i?b?)|b)?$/i;
const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+$/;
const DATE = /^\d{4}-\d\d-(\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;
const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** How values of a unit are written, for messages. */
const FORMS: Partial<Record<Unit, string>> = {
  bytes: 'a size, as in 500M, 2Gi or 1000',
  seconds: 'a duration, as in 90, 5m or 1h30m',
  'epoch-seconds': "a time, as in 2024-05-01, '2024-05-01 12:30', '2h ago', today or seconds since the epoch",
  percent: 'a percentage, as in 80 or 80%',
};

/**
 * What a word means beside a property.
 * @param declared undefined where the class does not declare the property: then the word itself says what it is
 * @returns what was expected instead, as a text, when it means nothing there
 */
export function meaningOf(
  word: { readonly text: string; readonly quoted: boolean },
  declared: PropertyDeclaration | undefined,
): Meaning | { readonly expected: string } {
  const { text, quoted } = word;
  if (text === 'null' && !quoted) return { type: 'null', text };
  const type = declared === undefined || declared.type === 'any' ? undefined : declared.type;
  if (type === 'number') {
    const value = readNumber(text, declared?.unit);
    const expected = (declared?.unit && FORMS[declared.unit]) ?? 'a number';
    return value === undefined ? { expected } : { type: 'number', value, text };
  }
  const isBoolean = text === 'true' || text === 'false';
  if (type === 'boolean') {
    return isBoolean ? { type, value: text === 'true', text } : { expected: 'true or false' };
  }
  if (quoted || type !== undefined) return { type: 'string', text };
  if (isBoolean) return { type: 'boolean', value: text === 'true', text };
  const value = guessNumber(text);
  return value === undefined ? { type: 'string', text } : { type: 'number', value, text };
}

/** A text that is nothing but a number, as CSV and programs have them. */
export function numericText(text: string): number | undefined {
  return NUMBER.test(text) ? Number(text) : undefined;
}

/** `500M`, `1h30m`, `2h ago`, `80%`: as a number of the unit. */
export function readNumber(text: string, unit: Unit | undefined): number | undefined {
  const plain = numericText(text);
  if (plain !== undefined) return plain;
  if (unit === 'bytes') return readSize(text);
  if (unit === 'seconds') return readDuration(text);
  if (unit === 'epoch-seconds') return readTime(text);
  if (unit === 'percent' && text.endsWith('%')) return numericText(text.slice(0, -1));
  return undefined;
}

/** Where no unit is declared: `5M` is a size and `5m` a duration. */
function guessNumber(text: string): number | undefined {
  const isSize = /[KMGTPE](?:i?B?)$/.test(text);
  return numericText(text) ?? (isSize ? readSize(text) : readDuration(text));
}

/** As GNU programs have it: K and KiB are 1024, KB is 1000. */
function readSize(text: string): number | undefined {
  const found = SIZE.exec(text);
  if (found === null) return undefined;
  const [, number, letter = '', ending = ''] = found;
  const power = letter === '' ? 0 : 'kmgtpe'.indexOf(letter.toLowerCase()) + 1;
  return Number(number) * (ending.toLowerCase() === 'b' ? 1000 : 1024) ** power;
}

function readDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  let seconds = 0;
  for (const [, number, unit = ''] of text.matchAll(/([\d.]+)([a-z]+)/g))
    seconds += Number(number) * (SECONDS[unit] ?? 0);
  return seconds;
}

/** Dates and times without an offset are those of this machine. */
function readTime(text: string): number | undefined {
  if (text === 'now') return Date.now() / 1000;
  if (text === 'today' || text === 'yesterday') {
    const day = new Date();
    day.setDate(day.getDate() - (text === 'today' ? 0 : 1));
    return day.setHours(0, 0, 0, 0) / 1000;
  }
  if (text.endsWith(' ago')) {
    const duration = readDuration(text.slice(0, -' ago'.length).trim());
    return duration === undefined ? undefined : Date.now() / 1000 - duration;
  }
  const found = DATE.exec(text);
  if (found === null) return undefined;
  const time = new Date(text.length === 10 ? `${text}T00:00` : text.replace(' ', 'T'));
  const isOther = found[2] === undefined && time.getDate() !== Number(found[1]); // the 31st of a shorter month
  return Number.isNaN(time.getTime()) || isOther ? undefined : time.getTime() / 1000;
}
