// JSON from elsewhere without silent changes: JSON.parse alone rounds 9007199254740993 and makes 1e400 a null.
import { HotwireError } from './errors';

/** Digits of Number.MAX_SAFE_INTEGER: a shorter integer is exact. */
const SAFE_DIGITS = 16;
/** Of a number that overflows, unless its run of digits is as long. */
const LARGE_EXPONENT = /\d[eE]\+?\d{3}/;
/** A number of a valid JSON text, where no string is. */
const NUMBER = /-?\d[\d.eE+-]*/g;
const SHORTEST_LARGE = '1e309';
const SHOWN_UNITS = 40;

const ZERO = 48;
const NINE = 57;
const BACKSLASH = 92;

/**
 * A JSON text as a value. Integers beyond 2^53 are strings of their digits.
 * @throws SyntaxError for what is no JSON; InvalidArgs for a number that overflows, and for what is nested too deeply
 */
export function parseJson(text: string): unknown {
  const value = nested(() => JSON.parse(text) as unknown);
  if (!hasLongNumber(text) && !LARGE_EXPONENT.test(text)) return value;
  const exact = withExactIntegers(text);
  return exact === text ? value : nested(() => JSON.parse(exact) as unknown);
}

/**
 * A value as JSON text; what JSON has no value for is null.
 * @throws InvalidArgs for what is nested too deeply
 */
export function toJson(value: unknown): string {
  return nested(() => JSON.stringify(value)) ?? 'null';
}

function nested<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new HotwireError('InvalidArgs', 'the value is nested too deeply for JSON', { cause: error });
  }
}

/** Whether it has a run of SAFE_DIGITS digits. One of them stands at a multiple of that: only those are looked at. */
function hasLongNumber(text: string): boolean {
  for (let probe = SAFE_DIGITS - 1; probe < text.length; probe += SAFE_DIGITS) {
    if (!isDigit(text, probe)) continue;
    let start = probe;
    let end = probe + 1;
    while (isDigit(text, start - 1)) start -= 1;
    while (isDigit(text, end)) end += 1;
    if (end - start >= SAFE_DIGITS) return true;
  }
  return false;
}

function isDigit(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit >= ZERO && unit <= NINE;
}

/** A valid JSON text with the integers in quotes that a number can't hold. */
function withExactIntegers(text: string): string {
  const parts: string[] = [];
  let copied = 0;
  let start = 0;
  while (start < text.length) {
    const quote = text.indexOf('"', start);
    const end = quote < 0 ? text.length : quote;
    if (end - start >= SHORTEST_LARGE.length) {
      parts.push(text.slice(copied, start), text.slice(start, end).replace(NUMBER, exactly));
      copied = end;
    }
    start = quote < 0 ? end : endOfString(text, quote);
  }
  parts.push(text.slice(copied));
  return parts.join('');
}

/** Index after the string that begins at `quote`. */
function endOfString(text: string, quote: number): number {
  for (let end = text.indexOf('"', quote + 1); ; end = text.indexOf('"', end + 1)) {
    let before = end - 1;
    while (text.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((end - before) % 2 === 1) return end + 1;
  }
}

function exactly(token: string): string {
  const value = Number(token);
  if (token.search(/[.eE]/) < 0) return Number.isSafeInteger(value) ? token : `"${token}"`;
  if (Number.isFinite(value)) return token;
  const shown = token.length > SHOWN_UNITS ? `${token.slice(0, SHOWN_UNITS)}…` : token;
  throw new HotwireError('InvalidArgs', `the number ${shown} is too large: put it in quotes, as a string`);
}
