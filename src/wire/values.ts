// The outer world is met by these: each takes a value that a peer sent and gives it as what it has to be, or throws
// InvalidArgs naming the field. No body is cast anywhere else.
import { HotwireError } from '../errors';
import { Variant } from './dbus-next';

/** A dictionary `a{sv}` as it arrives. */
export type Dictionary = Record<string, Variant>;

export function text(value: unknown, field: string): string {
  if (typeof value === 'string') return value;
  throw wrong(field, 'a text', value);
}

export function boolean(value: unknown, field: string): boolean {
  if (typeof value === 'boolean') return value;
  throw wrong(field, 'a boolean', value);
}

/** Any number but NaN and the infinities. */
export function number(value: unknown, field: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw wrong(field, 'a number', value);
}

/** A whole number of any D-Bus type, as a number that is exact. */
export function wholeNumber(value: unknown, field: string): number {
  const converted = typeof value === 'bigint' ? Number(value) : value;
  if (typeof converted === 'number' && Number.isSafeInteger(converted)) return converted;
  throw wrong(field, 'a whole number below 2^53', value);
}

export function list(value: unknown, field: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw wrong(field, 'a list', value);
}

export function textList(value: unknown, field: string): string[] {
  return list(value, field).map((item, index) => text(item, `${field}[${index}]`));
}

export function dictionary(value: unknown, field: string): Dictionary {
  for (const [key, item] of entries(value, field)) {
    if (!(item instanceof Variant)) throw wrong(`${field}['${key}']`, 'a variant', item);
  }
  return value as Dictionary;
}

/** A dictionary `a{ss}`. */
export function textDictionary(value: unknown, field: string): Record<string, string> {
  for (const [key, item] of entries(value, field)) text(item, `${field}['${key}']`);
  return value as Record<string, string>;
}

function entries(value: unknown, field: string): [string, unknown][] {
  const plain = typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);
  if (plain && !(value instanceof Variant)) return Object.entries(value);
  throw wrong(field, 'a dictionary', value);
}

/** What an option of that signature becomes. */
interface OptionTypes {
  s: string;
  o: string;
  b: boolean;
  y: number;
  n: number;
  q: number;
  i: number;
  u: number;
  x: number;
  t: number;
  d: number;
  as: string[];
  'a{ss}': Record<string, string>;
}
type OptionTable = Readonly<Record<string, keyof OptionTypes>>;
export type Options<T extends OptionTable> = { -readonly [K in keyof T]?: OptionTypes[T[K]] };

const READERS: { [S in keyof OptionTypes]: (value: unknown, field: string) => OptionTypes[S] } = {
  ...{ s: text, o: text, b: boolean, d: number, as: textList, 'a{ss}': textDictionary },
  ...{ y: wholeNumber, n: wholeNumber, q: wholeNumber, i: wholeNumber, u: wholeNumber, x: wholeNumber, t: wholeNumber },
};

/**
 * The options in a dictionary `a{sv}`, by a table of their signatures.
 * @throws InvalidArgs naming an option that is not in the table or is of another type
 */
export function options<T extends OptionTable>(value: unknown, table: T): Options<T> {
  const read: Record<string, unknown> = {};
  for (const [name, variant] of Object.entries(dictionary(value, 'options'))) {
    const signature = Object.hasOwn(table, name) ? table[name] : undefined;
    if (signature === undefined) {
      const known = Object.keys(table).join(', ');
      throw new HotwireError('InvalidArgs', `there is no option '${name}'; there are: ${known}`);
    }
    if (variant.signature !== signature) {
      const message = `the option '${name}' must be of the D-Bus type '${signature}', not '${variant.signature}'`;
      throw new HotwireError('InvalidArgs', message);
    }
    read[name] = READERS[signature](variant.value, `the option '${name}'`);
  }
  return read as Options<T>;
}

function wrong(field: string, kind: string, value: unknown): HotwireError {
  return new HotwireError('InvalidArgs', `${field} must be ${kind}, not ${describe(value)}`);
}

function describe(value: unknown): string {
  if (typeof value === 'string') return `the text ${JSON.stringify(value.slice(0, 80))}`;
  if (value instanceof Variant) return `a variant of type '${value.signature}'`;
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'a dictionary' : String(value);
}
