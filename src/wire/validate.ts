// Whether a body is what its signature says, without making values of it: what a relay passes on to a bus has to be valid,
// as a bus cuts off whoever sends what is not. All that libdbus checks is checked.
import { isUtf8 } from 'node:buffer';
import { HotwireError } from '../errors';
import { MAX_ARRAY_BYTES } from '../limits';
import { isObjectPath } from './names';
import { parseSignature, parseSingleType, type Type } from './signature';

/** Deepest nesting of containers, variants among them (the specification's). */
const MAX_DEPTH = 64;
const FIXED_SIZES: Readonly<Record<string, number>> = { y: 1, n: 2, q: 2, i: 4, u: 4, x: 8, t: 8, d: 8 };
/** The bytes of a length below it are ASCII. */
const ASCII_END = 0x80;

/**
 * @param bytes the body
 * @throws InvalidArgs when a bus would not accept it
 */
export function validateBody(bytes: Buffer, bigEndian: boolean, signature: string): void {
  const validator = new BodyValidator(bytes, bigEndian);
  for (const type of parseSignature(signature)) validator.pass(type);
  if (validator.at !== bytes.length) throw invalid('its length is not that of its arguments');
}

class BodyValidator {
  at = 0;
  readonly #bytes: Buffer;
  readonly #bigEndian: boolean;
  #depth = 0;

  constructor(bytes: Buffer, bigEndian: boolean) {
    this.#bytes = bytes;
    this.#bigEndian = bigEndian;
  }

  pass(type: Type): void {
    this.#align(type.alignment);
    const size = FIXED_SIZES[type.code];
    if (size !== undefined) {
      this.#skip(size);
      return;
    }
    switch (type.code) {
      case 's':
        this.#checkUtf8(this.#text(this.#number()), this.at - 1);
        return;
      case 'o': {
        const start = this.#text(this.#number());
        if (!isObjectPath(this.#bytes.toString('latin1', start, this.at - 1))) throw invalid('a path is none');
        return;
      }
      case 'g':
        this.#signature();
        return;
      case 'b':
        if (this.#number() > 1) throw invalid('a boolean is neither 0 nor 1');
        return;
      case 'h':
        throw invalid('it refers to a file descriptor, and none are passed here');
      default:
        this.#container(type);
    }
  }

  #container(type: Type): void {
    if (++this.#depth > MAX_DEPTH) throw invalid(`it nests values deeper than ${MAX_DEPTH}`);
    if (type.code === 'a') this.#array(type.children[0] as Type);
    else if (type.code === 'v') this.pass(parseSingleType(this.#signature()));
    else for (const child of type.children) this.pass(child);
    this.#depth--;
  }

  #array(element: Type): void {
    const length = this.#number();
    if (length > MAX_ARRAY_BYTES) throw invalid('an array is over the limit');
    this.#align(element.alignment);
    const end = this.at + length;
    if (end > this.#bytes.length) throw invalid('an array ends behind it');
    const size = FIXED_SIZES[element.code];
    if (size !== undefined) this.at = length % size === 0 ? end : Number.POSITIVE_INFINITY;
    else if (element.code === 's') this.#texts(end);
    else while (this.at < end) this.pass(element);
    if (this.at !== end) throw invalid('an element crosses the end of its array');
  }

  /** The hot path. Where all lengths are short their bytes are ASCII, and one look at the whole tells of all texts. */
  #texts(end: number): void {
    const start = this.at;
    const lengths: number[] = [];
    let allShort = true;
    while (this.at < end) {
      this.#align(2);
      const length = this.#number();
      lengths.push(length);
      if (length >= ASCII_END) allShort = false;
      this.#text(length);
    }
    if (allShort && isUtf8(this.#bytes.subarray(start, this.at))) return;
    let at = start;
    for (const length of lengths) {
      at = aligned(at, 2) + 4;
      this.#checkUtf8(at, at + length);
      at += length + 1;
    }
  }

  /** @returns where the text begins; it has no NUL but at its end */
  #text(length: number): number {
    const start = this.at;
    this.#skip(length + 1);
    if (this.#bytes.indexOf(0, start) !== start + length) throw invalid('a text does not end with its only NUL');
    return start;
  }

  #signature(): string {
    this.#skip(1);
    const length = this.#bytes[this.at - 1] as number;
    const start = this.#text(length);
    const signature = this.#bytes.toString('latin1', start, start + length);
    parseSignature(signature);
    return signature;
  }

  #checkUtf8(start: number, end: number): void {
    if (!isUtf8(this.#bytes.subarray(start, end))) throw invalid('a text is not valid UTF-8');
  }

  #number(): number {
    const { at } = this;
    this.#skip(4);
    return this.#bigEndian ? this.#bytes.readUInt32BE(at) : this.#bytes.readUInt32LE(at);
  }

  #align(power: number): void {
    const next = aligned(this.at, power);
    if (next > this.#bytes.length) throw invalid('it ends too early');
    for (; this.at < next; this.at++) if (this.#bytes[this.at] !== 0) throw invalid('its padding is not zero');
  }

  #skip(bytes: number): void {
    this.at += bytes;
    if (this.at > this.#bytes.length) throw invalid('it ends too early');
  }
}

function aligned(at: number, power: number): number {
  const unit = 1 << power;
  return Math.ceil(at / unit) * unit;
}

function invalid(why: string): HotwireError {
  return new HotwireError('InvalidArgs', `the body of the message is malformed: ${why}`);
}
