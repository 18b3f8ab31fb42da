import { HotwireError } from '../errors';
import { end, type Token, tokenize, type Word } from '../language/lexer';
import { isPrefixed } from '../language/prefix';
import { MAX_TEXT_UNITS } from '../limits';
import type { Alias, Aliases } from './aliases';

/**
 * A text with the aliases that stand first in its commands replaced; all else stays as it is. What an alias stands for
 * is expanded too, but for the aliases that led to it: `ls` may stand for `ls -l`.
 *
 * The defaults give a program the terminal. They count on a terminal alone, and only for a command that stands for
 * itself: with a bar or a redirection, `less` and `man` are programs like any other.
 * @throws LimitExceeded when the text grows too long
 */
export function expandAliases(text: string, aliases: Aliases, { onTerminal }: { onTerminal: boolean }): string {
  if (text.length > MAX_TEXT_UNITS || isPrefixed(text)) return text; // the parser says what is wrong with the former
  return expand(text, aliases, onTerminal, new Set());
}

function expand(text: string, aliases: Aliases, onTerminal: boolean, used: ReadonlySet<string>): string {
  const tokens = tokenize(text);
  const defaults = onTerminal && tokens.every(({ type }) => type === 'word');
  let expanded = '';
  let at = 0;
  for (const word of firstWords(tokens)) {
    const alias = aliasFor(word, aliases, used);
    if (alias === undefined || (alias.default && !defaults)) continue;
    const target = expand(alias.target, aliases, defaults, new Set([...used, word.text]));
    expanded += text.slice(at, word.span.start) + target;
    at = end(word.span);
    if (expanded.length <= MAX_TEXT_UNITS) continue;
    throw new HotwireError(
      'LimitExceeded',
      `with the alias ${word.text} the text is over ${MAX_TEXT_UNITS} UTF-16 units; hotwire alias ${word.text} shows it`,
    );
  }
  return expanded + text.slice(at);
}

/** A word of which a part is quoted means itself. */
function aliasFor({ text, pieces }: Word, aliases: Aliases, used: ReadonlySet<string>): Alias | undefined {
  return pieces.some(({ quoted }) => quoted) || used.has(text) ? undefined : aliases.get(text);
}

/** The word of each command that names it. */
function* firstWords(tokens: readonly Token[]): Generator<Word> {
  let named = false;
  let target = false;
  for (const token of tokens) {
    if (token.type === 'operator') {
      if (token.operator === '|') named = false;
      target = token.operator !== '|';
    } else if (target) {
      target = false;
    } else if (!named) {
      named = true;
      yield token;
    }
  }
}

/** What is typed of the name of a command at the end of a text; undefined where something else is typed. */
export function commandBeingTyped(text: string): string | undefined {
  if (isPrefixed(text)) return undefined;
  const tokens = tokenize(text);
  const last = tokens.at(-1);
  if (last?.type === 'word' && end(last.span) === text.length) {
    const isName = [...firstWords(tokens)].at(-1) === last;
    return isName && last.pieces.every(({ quoted }) => !quoted) ? last.text : undefined;
  }
  const inComment = text.slice(last ? end(last.span) : 0).includes('#');
  return !inComment && (last === undefined || (last.type === 'operator' && last.operator === '|')) ? '' : undefined;
}
