/** Language prefixes: `py print(1)` hands the rest of the text, as it is, to that language's interpreter. */

import { currentStage, literalWord, type StageSyntax } from './grammar';
import { end, skipBlanks } from './lexer';
import { ParseError } from './parse-error';

/** Prefix → the words before the rest of the text. */
const PREFIXES: ReadonlyMap<string, readonly [name: string, ...operands: string[]]> = new Map([
  ['sh', ['sys', 'sh', '-c']],
  ['py', ['sys', 'python3', '-c']],
  ['rb', ['sys', 'ruby', '-e']],
  ['pl', ['sys', 'perl', '-e']],
  ['js', ['js-eval', '--']],
]);

const WORD_BEFORE_BLANK = /[a-z]+(?=[ \t\n\r]|$)/y;
const BLANKS = /[ \t\n\r]*/y;

/**
 * The stages of a text that starts with a prefix, or with a bar and a prefix; undefined for any other text.
 * @throws ParseError for a prefix alone
 */
export function readPrefixed(text: string): StageSyntax[] | undefined {
  const found = findPrefix(text);
  if (!found) return undefined;

  const { prefix, words, first, hasBar, span } = found;
  BLANKS.lastIndex = end(span);
  BLANKS.exec(text);
  const script = text.slice(BLANKS.lastIndex);
  if (script === '') throw missingScript(text, prefix, span);

  const [name, ...operands] = words;
  const stage: StageSyntax = {
    name: literalWord(name, span),
    operands: [
      ...operands.map((word) => literalWord(word, span)),
      literalWord(script, { start: BLANKS.lastIndex, length: script.length }, true),
    ],
    span: { start: span.start, length: text.length - span.start },
  };
  return hasBar ? [currentStage({ start: first, length: 1 }), stage] : [stage];
}

/** Whether the end of the text is after a prefix and a blank: what stands there is the interpreter's. */
export function isPrefixed(text: string): boolean {
  const found = findPrefix(text);
  return found !== undefined && end(found.span) < text.length;
}

/** The prefixes, each with what it hands the rest of the text to. */
export function prefixes(): { prefix: string; runs: string }[] {
  return [...PREFIXES].map(([prefix, words]) => ({ prefix, runs: words.join(' ') }));
}

/** Whether a word at a place stands where a prefix counts: first, or after a bar that is first. */
export function startsText(text: string, at: number): boolean {
  const first = skipBlanks(text, 0);
  return at === first || (text[first] === '|' && at === skipBlanks(text, first + 1));
}

function findPrefix(text: string) {
  const first = skipBlanks(text, 0);
  const hasBar = text[first] === '|';
  WORD_BEFORE_BLANK.lastIndex = hasBar ? skipBlanks(text, first + 1) : first;
  const found = WORD_BEFORE_BLANK.exec(text);
  const words = PREFIXES.get(found?.[0] ?? '');
  if (!found || !words) return undefined;
  const [prefix] = found;
  return { prefix, words, first, hasBar, span: { start: found.index, length: prefix.length } };
}

/** What to write for a prefix that stands where it is none; undefined for other words. */
export function prefixHint(word: string): string | undefined {
  const words = PREFIXES.get(word);
  return words && `${word} is a prefix only where the text starts; here, write: ${words.join(' ')} '…'`;
}

function missingScript(text: string, prefix: string, span: StageSyntax['span']): ParseError {
  const [name, program] = PREFIXES.get(prefix) ?? [];
  const itself = name === 'sys' ? `; sys ${program} runs the program itself` : '';
  return new ParseError('MissingScript', `${prefix} needs the text that it is to run`, {
    text,
    span,
    hint: `write it on the same line: ${prefix} …${itself}`,
  });
}
