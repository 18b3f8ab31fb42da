/**
 * What a user of a POSIX shell would write and silently get something else for: these are errors that say what to write
 * instead. The characters themselves are ordinary: quoted, or inside a word, they mean nothing but themselves.
 */

import type { ArgumentKind } from './declaration';
import { shown } from './excerpt';
import { end, type Operator, type Span, type Token, type Word } from './lexer';
import { ParseError } from './parse-error';

const USE_SHELL = 'hand the line to a shell instead: sh …';
/** Kinds of arguments in which `$`, `;`, `&` and `` ` `` are part of their own syntax. */
const OWN_SYNTAX: ReadonlySet<ArgumentKind> = new Set(['regexp', 'expression', 'property']);

/** `a && b`, `a ; b`, `a &` @throws ParseError */
export function rejectShellSeparator(text: string, word: Word): void {
  if (unquoted(word) && /^(?:&&?|;;?)$/.test(word.text)) throw separatorError(text, word.text, word.span);
}

/** `2> file`, `>&1`, `<<END`, `<(…)`, `>|` @throws ParseError */
export function rejectShellRedirection(
  text: string,
  operator: Operator,
  before: Word | undefined,
  target: Token | undefined,
): void {
  const fail = (sign: string, span: Span, hint: string) =>
    new ParseError('ShellSyntax', `${sign} means nothing here`, { text, span, hint });
  if (before && unquoted(before) && /^\d+$/.test(before.text) && end(before.span) === operator.span.start) {
    const span = { start: before.span.start, length: end(operator.span) - before.span.start };
    throw fail(before.text + operator.operator, span, `put a blank before ${operator.operator}, or ${USE_SHELL}`);
  }
  if (target === undefined || target.span.start !== end(operator.span)) return;
  const sign =
    target.type === 'word' ? /^[&(]/.exec(target.pieces[0]?.quoted ? '' : target.text)?.[0] : target.operator;
  if (sign === undefined) return;
  const span = { start: operator.span.start, length: operator.span.length + sign.length };
  throw fail(operator.operator + sign, span, USE_SHELL);
}

/** Variables, substitutions, and `;` or `&` that stick to a word, where the kind of argument has no such syntax. @throws ParseError */
export function rejectShellSyntax(text: string, word: Word, kind: ArgumentKind): void {
  if (OWN_SYNTAX.has(kind)) return;
  const last = word.pieces.at(-1);
  const separator = last?.quoted === false ? /&&|[;&]$/.exec(last.text) : null;
  if (separator) throw separatorError(text, separator[0], word.span);
  if (word.expansion) {
    const { start, length } = word.expansion;
    const expansion = text.slice(start, start + length);
    throw new ParseError('ShellSyntax', `${shown(expansion)} would not be expanded here`, {
      text,
      span: word.expansion,
      hint: `put the word in single quotes to mean the text itself, or ${USE_SHELL}`,
    });
  }
}

function separatorError(text: string, sign: string, span: Span): ParseError {
  const hint = `quote it ('${sign}') to mean the text itself, or ${USE_SHELL}`;
  return new ParseError('ShellSyntax', `${sign} does not separate commands here`, { text, span, hint });
}

function unquoted(word: Word): boolean {
  return word.pieces.every((piece) => !piece.quoted);
}
