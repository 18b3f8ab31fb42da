// Messages to bytes. A bus closes the connection of whoever sends something invalid, and with it the name and every
// client, so all that it checks is checked here first. Bodies go through dbus-next's marshaller, arrays of texts through
// our own (texts.ts).
import { HotwireError } from '../errors';
import { MAX_ARRAY_BYTES, MAX_MESSAGE_BYTES } from '../limits';
import { marshall, Variant } from './dbus-next';
import { encodeHeader } from './header';
import type { OutgoingMessage } from './message';
import { isObjectPath } from './names';
import { parseSignature, parseSingleType, type Type } from './signature';
import { encodeTextArray } from './texts';

/** Deepest nesting of containers (the specification's). */
const MAX_DEPTH = 64;

/**
 * The bytes of a message, little endian.
 * @throws InvalidArgs for what a bus would not accept; LimitExceeded for what is too large
 */
export function encodeMessage(message: OutgoingMessage, serial: number): Buffer {
  const body = encodeBody(message.signature ?? '', message.body ?? []);
  const header = encodeHeader(message, serial, body.length);
  checkMessageSize(header.length + body.length, MAX_MESSAGE_BYTES);
  return body.length === 0 ? header : Buffer.concat([header, body]);
}

/** @throws LimitExceeded when a message of `size` bytes is over `limit` */
export function checkMessageSize(size: number, limit: number): void {
  if (size <= limit) return;
  throw new HotwireError(
    'LimitExceeded',
    `a message of ${size} bytes is over the limit of ${limit}: send less at a time`,
  );
}

/** The bytes of a body. @throws InvalidArgs naming the argument, LimitExceeded */
export function encodeBody(signature: string, body: readonly unknown[]): Buffer {
  const types = parseSignature(signature);
  if (types.length !== body.length) {
    throw new HotwireError(
      'InvalidArgs',
      `the signature '${signature}' takes ${types.length} values, not ${body.length}`,
    );
  }
  const writer = new BodyWriter();
  for (const [index, type] of types.entries()) writer.argument(type, body[index], `argument ${index + 1}`);
  return writer.finish();
}

class BodyWriter {
  readonly #parts: Buffer[] = [];
  #size = 0;

  argument(type: Type, value: unknown, place: string): void {
    const start = this.#size;
    if (type.signature === 'as') this.#textArray(value, place);
    else if (type.signature === 'a(sas)') this.#batches(type, value, place);
    else this.#add(marshall(type.signature, [toMarshal(type, value, place, 0)], this.#size));
    if (type.code !== 's' && this.#size - start > MAX_ARRAY_BYTES) {
      throw new HotwireError('LimitExceeded', `${place} takes over ${MAX_ARRAY_BYTES} bytes, the limit of D-Bus`);
    }
  }

  finish(): Buffer {
    return this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts);
  }

  /** The result of `Evaluate`, which may hold a hundred thousand texts. */
  #batches(type: Type, value: unknown, place: string): void {
    const batches = list(value, place);
    const length = Buffer.alloc(4);
    this.#align(2);
    this.#add(length);
    this.#align(3);
    const start = this.#size;
    for (const [index, batch] of batches.entries()) {
      const [name, texts, ...more] = list(batch, `${place}[${index}]`);
      if (more.length > 0) throw wrong(type.signature, batch, `${place}[${index}]`);
      this.#align(3);
      this.#add(marshall('s', [text(name, 's', `${place}[${index}]`)], this.#size));
      this.#textArray(texts, `${place}[${index}]`);
    }
    length.writeUInt32LE(this.#size - start);
  }

  #textArray(value: unknown, place: string): void {
    this.#align(2);
    const texts = list(value, place);
    for (const each of texts) text(each, 's', place);
    this.#add(encodeTextArray(Buffer.alloc(0), texts as string[]));
  }

  #align(power: number): void {
    const unit = 1 << power;
    const padding = (unit - (this.#size % unit)) % unit;
    if (padding > 0) this.#add(Buffer.alloc(padding));
  }

  #add(part: Buffer): void {
    this.#parts.push(part);
    this.#size += part.length;
  }
}

/** Whole numbers: least and most. */
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  y: [0, 0xff],
  n: [-0x8000, 0x7fff],
  q: [0, 0xffff],
  i: [-0x80000000, 0x7fffffff],
  u: [0, 0xffffffff],
};
/** dbus-next refuses the lowest of `x`, -2^63. */
const LONG_RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  x: [-(2n ** 63n) + 1n, 2n ** 63n - 1n],
  t: [0n, 2n ** 64n - 1n],
};

/** A value, checked, in the form that dbus-next's marshaller takes. `place` names it in errors. */
function toMarshal(type: Type, value: unknown, place: string, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new HotwireError('InvalidArgs', `${place} nests values deeper than ${MAX_DEPTH}`);
  const { code } = type;
  if (code in RANGES) return wholeNumber(code, value, place);
  if (code in LONG_RANGES) return long(code, value, place);
  switch (code) {
    case 's':
    case 'o':
    case 'g':
      return text(value, code, place);
    case 'b':
      if (typeof value !== 'boolean') throw wrong(code, value, place);
      return value;
    case 'd':
      if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(code, value, place);
      return value;
    case 'v':
      return variant(value, place, depth);
    case 'a':
      return array(type, value, place, depth);
    case '(':
      return struct(type, value, place, depth);
    default:
      throw new HotwireError('InvalidArgs', `${place} has the type '${code}', which cannot be sent here`);
  }
}

function wholeNumber(code: string, value: unknown, place: string): number {
  const [least, most] = RANGES[code] as readonly [number, number];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw wrong(code, value, place);
  }
  return value;
}

function long(code: string, value: unknown, place: string): bigint {
  const [least, most] = LONG_RANGES[code] as readonly [bigint, bigint];
  const whole = typeof value === 'bigint' || Number.isSafeInteger(value);
  const number = whole ? BigInt(value as number | bigint) : undefined;
  if (number === undefined || number < least || number > most) throw wrong(code, value, place);
  return number;
}

function text(value: unknown, code: 's' | 'o' | 'g', place: string): string {
  if (typeof value !== 'string') throw wrong(code, value, place);
  if (value.includes('\0')) throw new HotwireError('InvalidArgs', `${place} holds a NUL, which no D-Bus text can`);
  if (code === 'o' && !isObjectPath(value)) throw wrong(code, value, place);
  if (code === 'g') parseSignature(value);
  return value;
}

function variant(value: unknown, place: string, depth: number): [string, unknown] {
  if (!(value instanceof Variant)) throw wrong('v', value, place);
  const type = parseSingleType(value.signature);
  return [type.signature, toMarshal(type, value.value, place, depth + 1)];
}

function array(type: Type, value: unknown, place: string, depth: number): unknown {
  const element = type.children[0] as Type;
  if (element.code === '{') return dictionary(element, value, place, depth);
  const items = element.code === 'y' && value instanceof Uint8Array ? [...value] : list(value, place);
  return items.map((item, index) => toMarshal(element, item, `${place}[${index}]`, depth + 1));
}

function dictionary(entry: Type, value: unknown, place: string, depth: number): [unknown, unknown][] {
  const [keyType, valueType] = entry.children as [Type, Type];
  if (keyType.code !== 's') {
    throw new HotwireError(
      'InvalidArgs',
      `${place}: only dictionaries with text keys can be sent, not ${entry.signature}`,
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(entry.signature, value, place);
  return Object.entries(value).map(([key, item]) => {
    const itemPlace = `${place}['${key}']`;
    return [text(key, 's', itemPlace), toMarshal(valueType, item, itemPlace, depth + 2)];
  });
}

function struct(type: Type, value: unknown, place: string, depth: number): unknown[] {
  const members = list(value, place);
  if (members.length !== type.children.length) throw wrong(type.signature, value, place);
  return type.children.map((child, index) => toMarshal(child, members[index], `${place}[${index}]`, depth + 1));
}

function list(value: unknown, place: string): readonly unknown[] {
  if (!Array.isArray(value)) throw wrong('a', value, place);
  return value;
}

function wrong(signature: string, value: unknown, place: string): HotwireError {
  const shown = typeof value === 'object' && value !== null ? (value.constructor?.name ?? 'object') : String(value);
  return new HotwireError(
    'InvalidArgs',
    `${place} must be of the D-Bus type '${signature}', not ${shown.slice(0, 100)}`,
  );
}
