// D-Bus signatures, checked in full before any byte is read by them: dbus-next's own parser accepts empty structs, dict
// entries anywhere and any depth, each of which can make a reader loop or run out of stack.
import { HotwireError } from '../errors';

/** One complete type. `children` are those of an array (one), a struct (one or more) or a dict entry (two). */
export interface Type {
  readonly code: string;
  readonly signature: string;
  readonly children: readonly Type[];
  /** Its bytes begin at a multiple of 2 to this power. */
  readonly alignment: number;
}

/** Longest signature, in bytes (the specification's). */
const MAX_SIGNATURE_BYTES = 255;
/** Deepest nesting of arrays, and deepest of structs (the specification's). */
const MAX_NESTING = 32;
/** Signatures that are kept parsed; peers choose them, so their number must not grow for ever. */
const CACHED_SIGNATURES = 500;

/** Alignment of each type, as a power of 2. Its keys are all codes there are. */
const ALIGNMENT: Readonly<Record<string, number>> = {
  ...{ y: 0, g: 0, v: 0, n: 1, q: 1, b: 2, i: 2, u: 2, h: 2, s: 2, o: 2, a: 2 },
  ...{ x: 3, t: 3, d: 3, '(': 3, '{': 3 },
};
const BASIC = 'ybnqiuxtdsogh';

const cache = new Map<string, readonly Type[]>();

/**
 * The complete types of a signature, in order.
 * @throws InvalidArgs naming the signature and what is wrong with it
 */
export function parseSignature(signature: string): readonly Type[] {
  const known = cache.get(signature);
  if (known) return known;
  const types = new SignatureParser(signature).parse();
  if (cache.size >= CACHED_SIGNATURES) cache.clear();
  cache.set(signature, types);
  return types;
}

/** The one type of a signature that must hold exactly one, as that of a variant. @throws InvalidArgs */
export function parseSingleType(signature: string): Type {
  const [type, ...more] = parseSignature(signature);
  if (!type || more.length > 0) throw new HotwireError('InvalidArgs', `'${signature}' is not one complete D-Bus type`);
  return type;
}

class SignatureParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Type[] {
    if (this.#text.length > MAX_SIGNATURE_BYTES) throw this.#error(`is longer than ${MAX_SIGNATURE_BYTES} bytes`);
    const types: Type[] = [];
    while (this.#at < this.#text.length) types.push(this.#type(0, 0));
    return types;
  }

  #type(arrays: number, structs: number): Type {
    const start = this.#at;
    const code = this.#text.charAt(this.#at++);
    if (code === '') throw this.#error('ends too early');
    if (code === '{') throw this.#error("has a dict entry outside of an array ('a{…}')");
    const alignment = Object.hasOwn(ALIGNMENT, code) ? ALIGNMENT[code] : undefined;
    if (alignment === undefined) throw this.#error(`has the unknown type '${code}'`);
    let children: Type[] = [];
    if (code === 'a') children = [this.#element(arrays + 1, structs)];
    if (code === '(') children = this.#members(arrays, structs + 1);
    return { code, alignment, children, signature: this.#text.slice(start, this.#at) };
  }

  #element(arrays: number, structs: number): Type {
    if (arrays > MAX_NESTING) throw this.#error(`nests arrays deeper than ${MAX_NESTING}`);
    if (this.#text[this.#at] !== '{') return this.#type(arrays, structs);
    const start = this.#at++;
    if (structs + 1 > MAX_NESTING) throw this.#error(`nests structs deeper than ${MAX_NESTING}`);
    const key = this.#type(arrays, structs + 1);
    if (!BASIC.includes(key.code)) throw this.#error('has a dict key that is no basic type');
    const value = this.#type(arrays, structs + 1);
    if (this.#text[this.#at++] !== '}') throw this.#error('has a dict entry of other than two types');
    return { code: '{', alignment: 3, children: [key, value], signature: this.#text.slice(start, this.#at) };
  }

  #members(arrays: number, structs: number): Type[] {
    if (structs > MAX_NESTING) throw this.#error(`nests structs deeper than ${MAX_NESTING}`);
    const members: Type[] = [];
    while (this.#text[this.#at] !== ')') members.push(this.#type(arrays, structs));
    this.#at++;
    if (members.length === 0) throw this.#error('has an empty struct');
    return members;
  }

  #error(what: string): HotwireError {
    return new HotwireError('InvalidArgs', `the D-Bus signature '${this.#text.slice(0, MAX_SIGNATURE_BYTES)}' ${what}`);
  }
}
