// Text as a terminal shows it: how wide it is, how to cut it, and what of it must not reach the terminal as it is. The
// name of a process or a file may hold escape sequences that a terminal would obey.

const ESC = '\u001b';
const PRINTABLE_ASCII = /^[ -~]*$/;
const ANY_CONTROL = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;
/** Control characters, line separators, and the characters that turn the order of what follows them. */
const UNSAFE_IN_CELL = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
/** What a line may hold (colour sequences, tabs, line ends) as a group, or any other character that is not safe. */
const CONTROL_IN_LINE = new RegExp(
  `(${ESC}\\[[0-9;:]*m|[\\t\\n]|\\r(?=\\n|$))|[\\p{Cc}\\u202a-\\u202e\\u2066-\\u2069]`,
  'gu',
);
const CONTROL_IN_JSON = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Width in terminal columns: wide characters count two, combining ones none. */
export function widthOf(text: string): number {
  return PRINTABLE_ASCII.test(text) ? text.length : unicodeWidth(text);
}

/** `text` cut to at most `width` columns, ending with `…` where something was cut. */
export function cut(text: string, width: number): string {
  if (PRINTABLE_ASCII.test(text)) return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
  if (unicodeWidth(text) <= width) return text;
  return `${kept(graphemesOf(text), width - 1).join('')}…`;
}

/** A path cut at its front, where it tells least: `…/folder/name`, or the end of a name that is too long itself. */
export function cutPath(path: string, width: number): string {
  if (widthOf(path) <= width) return path;
  const tail = kept(graphemesOf(path).reverse(), width - 1)
    .reverse()
    .join('');
  const slash = tail.indexOf('/');
  return `…${slash >= 0 && slash < tail.length - 1 ? tail.slice(slash) : tail}`;
}

/**
 * Lines of at most `width` columns, broken where there are blanks; a wider word is left whole, on a line of its own.
 * @param firstWidth of the first line, if it has less room
 */
export function wrap(text: string, width: number, firstWidth = width): string[] {
  const lines: string[] = [];
  let line: string | undefined;
  for (const [word] of text.matchAll(/\s*\S+/g)) {
    if (line === undefined) line = word;
    else if (widthOf(line) + widthOf(word) <= (lines.length === 0 ? firstWidth : width)) line += word;
    else {
      lines.push(line);
      line = word.trimStart();
    }
  }
  return line === undefined ? [] : [...lines, line];
}

/** `text` with blanks up to `width` columns, after it or before it. */
export function pad(text: string, width: number, side: 'left' | 'right'): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)));
  return side === 'left' ? text + blanks : blanks + text;
}

/** For a cell on a terminal: every control character as a visible symbol (`␛`, `␊`), the others by their number. */
export function visible(text: string): string {
  return PRINTABLE_ASCII.test(text) ? text : text.replace(UNSAFE_IN_CELL, symbol);
}

/**
 * For text on a terminal: colours, tabs and line ends pass, other control characters are shown as symbols. Colours end
 * with the text.
 * @param alsoReturns let a carriage return pass too: the progress that a program draws on its standard error
 */
export function safeText(text: string, alsoReturns = false): string {
  if (!ANY_CONTROL.test(text)) return text;
  let coloured = false;
  const safe = text.replace(CONTROL_IN_LINE, (found: string, allowed: string | undefined) => {
    if (allowed === undefined) return alsoReturns && found === '\r' ? found : symbol(found);
    coloured ||= allowed.startsWith(ESC);
    return allowed;
  });
  return coloured ? resetColour(safe) : safe;
}

/** For JSON on a terminal: what JSON itself leaves as it is and a terminal may obey, escaped. The value is the same. */
export function safeJson(json: string): string {
  return json.replace(CONTROL_IN_JSON, (found) => `\\u${hex(found, 4)}`);
}

/** What the eye should find first: a header. Without colours the text as it is. */
export function bold(text: string, colour: boolean): string {
  return colour ? `${ESC}[1m${text}${ESC}[22m` : text;
}

/** What matters less than its neighbours. Without colours the text as it is. */
export function dim(text: string, colour: boolean): string {
  return colour ? `${ESC}[2m${text}${ESC}[22m` : text;
}

function graphemesOf(text: string): string[] {
  return PRINTABLE_ASCII.test(text)
    ? [...text]
    : Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
}

/** The first of these that fit into so many columns. */
function kept(graphemes: readonly string[], width: number): string[] {
  let used = 0;
  const tooMany = graphemes.findIndex((grapheme) => {
    used += widthOf(grapheme);
    return used > width;
  });
  return tooMany < 0 ? [...graphemes] : graphemes.slice(0, tooMany);
}

function resetColour(text: string): string {
  const reset = `${ESC}[0m`;
  return text.endsWith('\n') ? `${text.slice(0, -1)}${reset}\n` : text + reset;
}

function symbol(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return '␡';
  return code < 0x100 ? `\\x${hex(character, 2)}` : `\\u${hex(character, 4)}`;
}

function hex(character: string, digits: number): string {
  return character.charCodeAt(0).toString(16).padStart(digits, '0');
}

let measure: ((text: string) => number) | undefined;

/** string-width costs some 20 ms to load and warm up, which a table of ASCII need not pay. */
function unicodeWidth(text: string): number {
  measure ??= (require('string-width') as typeof import('string-width')).default;
  return measure(text);
}
