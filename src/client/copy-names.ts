/**
 * What the first name of all that a source lists may be. A source could else list `.ssh/authorized_keys` when it was
 * asked for `report.txt`, and the target, which only keeps everybody within itself, would write it.
 */
import { isUtf8 } from 'node:buffer';

/** Longest character of UTF-8, in bytes. */
const MAX_CHARACTER_BYTES = 4;
/** A byte that belongs to no character is this and its value, as in the arguments of a slave. */
const ESCAPE_BASE = 0xdc00;

type Test = (character: string) => boolean;
type Token = '*' | Test;

export class SourceNames {
  readonly #names = new Set<string>();
  readonly #patterns: ((name: string) => boolean)[] = [];
  /** How many names the source alone knows: those of `.`, `..` and `~`. */
  #unknown = 0;
  readonly #told = new Set<string>();

  /** @param patterns whether the sources are expanded where they are, as CopyOptions.patterns */
  constructor(sources: readonly string[], patterns: boolean) {
    for (const source of sources) {
      const names = source.split('/').filter((name) => name !== '' && name !== '.');
      const last = names.at(-1);
      const isHome = patterns && last === '~' && names.length === 1;
      if (last === undefined || last === '..' || isHome) this.#unknown += 1;
      else {
        this.#names.add(last); // also of a pattern: one that nothing matches stays as written
        if (patterns) this.#patterns.push(pattern(last));
      }
    }
  }

  /** @param first a name in bytes */
  admits(first: Buffer): boolean {
    const name = textOf(first);
    if (this.#names.has(name) || this.#told.has(name)) return true;
    if (this.#patterns.some((matches) => matches(name))) return true;
    // A name with a dot is not left to the source: such are what a home directory is attacked with.
    if (this.#told.size === this.#unknown || name.startsWith('.')) return false;
    this.#told.add(name);
    return true;
  }
}

/** Bytes that are no UTF-8 are one character each, as they are for the pattern where the names come from. */
function textOf(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString();
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    let length = 1;
    while (length <= MAX_CHARACTER_BYTES && !isUtf8(bytes.subarray(at, at + length))) length += 1;
    const isCharacter = length <= MAX_CHARACTER_BYTES && at + length <= bytes.length;
    text += isCharacter
      ? bytes.toString('utf8', at, at + length)
      : String.fromCharCode(ESCAPE_BASE + (bytes[at] as number));
    at += isCharacter ? length : 1;
  }
  return text;
}

/** `*`, `?` and `[…]` as the engine has them; a backslash in a source is one. In time by the product of both lengths. */
function pattern(text: string): (name: string) => boolean {
  const tokens = tokensOf(text);
  if (tokens === undefined) return () => false;
  return (name) => (text.startsWith('.') || !name.startsWith('.')) && matches(tokens, [...name]);
}

function matches(tokens: readonly Token[], characters: readonly string[]): boolean {
  let [token, at] = [0, 0];
  /** Where the newest star stands, and from where on the rest is tried. */
  let star: { token: number; at: number } | undefined;
  while (at < characters.length) {
    const next = tokens[token];
    if (next === '*') {
      star = { token, at };
      token += 1;
    } else if (next?.(characters[at] as string)) {
      token += 1;
      at += 1;
    } else if (star !== undefined) {
      star.at += 1;
      [token, at] = [star.token + 1, star.at];
    } else return false;
  }
  return tokens.slice(token).every((rest) => rest === '*');
}

/** A set that is closed, in which `]` may come first; else one character. */
const PART = /\[(?:[!^]|(?![!^]))(?:\[:[a-z]+:\]|(?!\[:[a-z]+:\]).)(?:\[:[a-z]+:\]|(?!\[:[a-z]+:\])[^\]])*\]|./suy;
const CHARACTER = /./suy;

/** Undefined for a pattern that matches nothing. */
function tokensOf(text: string): Token[] | undefined {
  const tokens: Token[] = [];
  let part = PART;
  for (let at = 0; at < text.length; ) {
    part.lastIndex = at;
    const [word] = part.exec(text) as RegExpExecArray; // any character is a part
    at += word.length;
    if (word === '[') part = CHARACTER; // once a bracket is not closed, none after it is
    if (word === '*') tokens.push('*');
    else if (word === '?') tokens.push(() => true);
    else if (word.length > 2) {
      const test = setTest(word);
      if (test === undefined) return undefined;
      tokens.push(test);
    } else tokens.push((character) => character === word);
  }
  return tokens;
}

/** What POSIX calls these, of ASCII, as ranges of a set. */
const CLASSES: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\0-\\x7f',
  blank: '\\t ',
  cntrl: '\\0-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/** A set of one character, which no text can make slow. Undefined for one that makes no sense, such as `[z-a]`. */
function setTest(set: string): Test | undefined {
  const isNegated = /^\[[!^]/.test(set);
  const inside = set.slice(isNegated ? 2 : 1, -1);
  const source = inside.replace(/\[:([a-z]+):\]|[\\^$.|?*+()[\]{}/]/g, (found, name?: string) =>
    name === undefined ? `\\${found}` : (CLASSES[name] ?? '[]'),
  );
  try {
    const expression = new RegExp(`^[${isNegated ? '^' : ''}${source}]$`, 'u');
    return (character) => expression.test(character);
  } catch {
    return undefined;
  }
}
