// Checked decoding around dbus-next's DBusBuffer, which reads past the end, loops and throws at will when it is given
// hostile bytes. Here every length is judged first; whatever is wrong is InvalidArgs, and costs no more than the message.
import { isUtf8 } from 'node:buffer';
import { HotwireError } from '../errors';
import { MAX_ARRAY_BYTES } from '../limits';
import { DBusBuffer, endianness, Variant } from './dbus-next';
import { isObjectPath } from './names';
import { parseSignature, parseSingleType, type Type } from './signature';

/** Deepest nesting of containers, variants among them (the specification's). */
const MAX_DEPTH = 64;
/**
 * Most containers and dictionary entries in one message. A few bytes on the wire become a hundred in memory (`aay`, `av`),
 * so a message within the size limit could still exhaust the heap.
 */
const MAX_VALUES = 4_000_000;

/**
 * The arguments in a body.
 * @throws InvalidArgs when the signature is invalid or the bytes are not exactly what it says
 * @throws LimitExceeded when it holds too many containers
 */
export function decodeBody(bytes: Buffer, bigEndian: boolean, signature: string): unknown[] {
  const reader = new BodyReader(bytes, bigEndian);
  const values = parseSignature(signature).map((type) => reader.read(type));
  const rest = bytes.length - reader.position;
  if (rest !== 0)
    throw malformed(`${Math.abs(rest)} bytes ${rest > 0 ? 'follow' : 'lack at the end of'} its arguments`);
  return values;
}

/** The header fields of a message, each as [code, Variant]. @throws InvalidArgs */
export function decodeFields(bytes: Buffer, bigEndian: boolean): [number, Variant][] {
  const reader = new BodyReader(bytes, bigEndian);
  const type = parseSingleType('(yv)');
  const fields: [number, Variant][] = [];
  while (reader.position < bytes.length) fields.push(reader.read(type) as [number, Variant]);
  return fields;
}

function malformed(why: string): HotwireError {
  return new HotwireError('InvalidArgs', `the body of the message cannot be read: ${why}`);
}

/** Bytes of the types that always have the same number. */
const FIXED_SIZES: Readonly<Record<string, number>> = { y: 1, b: 4, n: 2, q: 2, i: 4, u: 4, x: 8, t: 8, d: 8 };

class BodyReader {
  readonly #source: DBusBuffer;
  readonly #bytes: Buffer;
  readonly #bigEndian: boolean;
  #values = 0;
  #depth = 0;

  constructor(bytes: Buffer, bigEndian: boolean) {
    this.#source = new DBusBuffer(bytes, 0, bigEndian ? endianness.be : endianness.le);
    this.#bytes = bytes;
    this.#bigEndian = bigEndian;
  }

  get position(): number {
    return this.#source.pos;
  }

  read(type: Type): unknown {
    const source = this.#source;
    source.align(type.alignment);
    this.#require(FIXED_SIZES[type.code] ?? 0);
    switch (type.code) {
      case 's':
        return this.#text(this.#length());
      case 'o':
        return this.#path();
      case 'g':
        return this.#signature();
      case 'y':
        return source.readInt8();
      case 'b':
        return this.#boolean();
      case 'n':
        return source.readSInt16();
      case 'q':
        return source.readInt16();
      case 'i':
        return source.readSInt32();
      case 'u':
        return source.readInt32();
      case 'd':
        return source.readDouble();
      case 'x':
      case 't':
        return this.#long(type.code);
      case 'h':
        throw malformed('it refers to a file descriptor, and none are passed here');
      default:
        return this.#container(type);
    }
  }

  #container(type: Type): unknown {
    if (++this.#depth > MAX_DEPTH) throw malformed(`it nests values deeper than ${MAX_DEPTH}`);
    this.#admit();
    const value = this.#contents(type);
    this.#depth--;
    return value;
  }

  #contents(type: Type): unknown {
    if (type.code === 'a') return this.#array(type.children[0] as Type);
    if (type.code === 'v') {
      const inner = parseSingleType(this.#signature());
      return new Variant(inner.signature, this.read(inner));
    }
    return type.children.map((child) => this.read(child));
  }

  #array(element: Type): unknown {
    const length = this.#length();
    if (length > MAX_ARRAY_BYTES)
      throw malformed(`an array of ${length} bytes is over the limit of ${MAX_ARRAY_BYTES}`);
    this.#source.align(element.alignment);
    this.#require(length);
    const start = this.#source.pos;
    const end = start + length;
    if (element.code === 'y') {
      this.#source.pos = end;
      return Buffer.from(this.#bytes.subarray(start, end));
    }
    const value = element.code === '{' ? this.#dictionary(element, end) : this.#list(element, end);
    if (this.#source.pos !== end) throw malformed('an element crosses the end of its array');
    return value;
  }

  #list(element: Type, end: number): unknown[] {
    const list: unknown[] = [];
    while (this.#source.pos < end) list.push(this.read(element));
    return list;
  }

  /** Without prototype, so that a key such as `__proto__` is a key like any other. */
  #dictionary(entry: Type, end: number): Record<string, unknown> {
    const [keyType, valueType] = entry.children as [Type, Type];
    const dictionary: Record<string, unknown> = Object.create(null);
    while (this.#source.pos < end) {
      this.#source.align(3);
      const key = String(this.read(keyType));
      dictionary[key] = this.read(valueType);
      this.#admit();
    }
    return dictionary;
  }

  #boolean(): boolean {
    const value = this.#source.readInt32();
    if (value > 1) throw malformed(`a boolean is ${value}, neither 0 nor 1`);
    return value === 1;
  }

  /** dbus-next takes the halves of a big-endian number in the wrong order, so it is read here. */
  #long(code: 'x' | 't'): bigint {
    const at = this.#source.pos;
    this.#source.pos += 8;
    if (code === 'x') return this.#bigEndian ? this.#bytes.readBigInt64BE(at) : this.#bytes.readBigInt64LE(at);
    return this.#bigEndian ? this.#bytes.readBigUInt64BE(at) : this.#bytes.readBigUInt64LE(at);
  }

  #length(): number {
    this.#source.align(2);
    this.#require(4);
    return this.#source.readInt32();
  }

  #path(): string {
    const path = this.#text(this.#length());
    if (!isObjectPath(path)) throw malformed(`'${path}' is not an object path`);
    return path;
  }

  #signature(): string {
    this.#require(1);
    const signature = this.#text(this.#source.readInt8());
    parseSignature(signature);
    return signature;
  }

  /** A text whose length has been read: `length` bytes of UTF-8, then a NUL. */
  #text(length: number): string {
    this.#require(length + 1);
    const start = this.#source.pos;
    if (this.#bytes[start + length] !== 0) throw malformed('a text does not end with a NUL');
    const text = this.#source.readString(length);
    if (text.includes('\0')) throw malformed('a text holds a NUL');
    // Bad bytes decode to U+FFFD; only where that shows up is the slower check needed.
    if (text.includes('\ufffd') && !isUtf8(this.#bytes.subarray(start, start + length))) {
      throw malformed('a text is not valid UTF-8');
    }
    return text;
  }

  #admit(): void {
    if (++this.#values <= MAX_VALUES) return;
    throw new HotwireError('LimitExceeded', `a message holds over ${MAX_VALUES} containers and entries`);
  }

  #require(count: number): void {
    if (this.#source.pos + count > this.#bytes.length) throw malformed('it ends before its last argument does');
  }
}
