import { parseJson as parseExactly } from '../../json';
import { checkValue, type TextReader, textError } from './text-reader';

const BLANKS = /[ \t\r\n]*/y;
/** A number, true, false, null, or what is none of them: JSON.parse decides. */
const SCALAR = /[^ \t\r\n,[\]{}"]+/y;
const SIGNS = /["{}[\]]/g;
const IN_STRING = /["\\]/g;

/** A value on each line; blank lines are passed over. */
export class JsonLinesReader implements TextReader {
  *line(text: string, number: number): Generator<unknown> {
    if (text.trim() === '') return;
    checkValue('jsonl', number, text.length);
    yield parseJson('jsonl', text, number);
  }

  end(): readonly unknown[] {
    return [];
  }
}

/**
 * Values one after the other; of a list its members, each as soon as it has ended. It finds where a value ends, no more:
 * parseJson reads it.
 */
export class JsonReader implements TextReader {
  /** What may come: a value, or in a list its first member, a member, or a comma. */
  #expects: 'value' | 'first' | 'member' | 'comma' = 'value';
  /** The value that is being read, as far as it has come; it begins in line #start. */
  #parts: string[] = [];
  #units = 0;
  #start = 0;
  #depth = 0;
  #inString = false;

  *line(text: string, number: number): Generator<unknown> {
    for (let at = 0; ; ) {
      if (this.#depth === 0) {
        at = this.#begin(text, number, matchAt(BLANKS, text, at));
        if (at >= text.length) return;
      }
      const end = this.#endOf(text, at, number);
      this.#keep(text.slice(at, end));
      if (this.#depth > 0) {
        this.#keep('\n');
        return;
      }
      yield this.#value();
      at = end;
    }
  }

  end(): readonly unknown[] {
    if (this.#depth > 0) throw textError('json', this.#start, 'the value that begins here does not end');
    if (this.#expects !== 'value') throw textError('json', this.#start, 'the list does not end');
    return [];
  }

  /** Reads the signs of a list, up to where a value begins or the line ends. @returns that place */
  #begin(text: string, number: number, from: number): number {
    let at = from;
    for (; at < text.length; at = matchAt(BLANKS, text, at + 1)) {
      const char = text[at];
      if (char === '[' && this.#expects === 'value') this.#expects = 'first';
      else if (char === ']' && (this.#expects === 'first' || this.#expects === 'comma')) this.#expects = 'value';
      else if (char === ',' && this.#expects === 'comma') this.#expects = 'member';
      else break;
      this.#start = number;
    }
    if (at >= text.length) return at;
    const char = text[at] ?? '';
    if (this.#expects === 'comma' || /[\]},]/.test(char)) {
      const expected = this.#expects === 'comma' ? 'a comma or ]' : 'a value';
      throw textError('json', number, `${expected} is missing before ${text.slice(at, at + 20)}`);
    }
    this.#start = number;
    return at;
  }

  /** Where the value ends that begins or goes on at a place: at most the end of the line. */
  #endOf(text: string, at: number, number: number): number {
    const isScalar = this.#depth === 0 && !/["{[]/.test(text[at] ?? '');
    return isScalar ? matchAt(SCALAR, text, at) : this.#scan(text, at, number);
  }

  /** Passes over what belongs to the value that is being read. @returns where it ends, or the end of the line */
  #scan(text: string, from: number, number: number): number {
    let at = from;
    for (;;) {
      const sign = this.#inString ? IN_STRING : SIGNS;
      sign.lastIndex = at;
      const found = sign.exec(text);
      if (found === null) break;
      const char = found[0];
      at = found.index + (char === '\\' ? 2 : 1);
      if (char === '"') this.#inString = !this.#inString;
      else if (char === '{' || char === '[') this.#depth++;
      else if (char === '}' || char === ']') this.#depth--;
      if (this.#depth === 0 && !this.#inString) return at;
    }
    if (this.#inString) throw textError('json', number, 'a text does not end in the line in which it begins');
    return text.length;
  }

  #keep(part: string): void {
    this.#parts.push(part);
    this.#units += part.length;
    checkValue('json', this.#start, this.#units);
  }

  #value(): unknown {
    const text = this.#parts.join('');
    this.#parts = [];
    this.#units = 0;
    this.#expects = this.#expects === 'value' ? 'value' : 'comma';
    return parseJson('json', text, this.#start);
  }
}

/** @param line in which `text` begins */
function parseJson(format: string, text: string, line: number): unknown {
  try {
    return parseExactly(text);
  } catch (error) {
    const { message } = error as Error;
    const position = Number(/at position (\d+)/.exec(message)?.[1] ?? 0);
    const place = line + text.slice(0, position).split('\n').length - 1;
    throw textError(format, place, message);
  }
}

/** Where what a sticky expression matches at a place ends. */
function matchAt(sticky: RegExp, text: string, at: number): number {
  sticky.lastIndex = at;
  return at + (sticky.exec(text)?.[0].length ?? 0);
}
