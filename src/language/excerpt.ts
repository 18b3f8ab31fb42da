/** Draws a place in a text: its line and, under it, a caret line that keeps its place below wide characters too. */

import type { Span } from './lexer';

/** Units of a line shown on either side of a place; more is cut with `…`. */
const CONTEXT_UNITS = 100;
/** Units of a word shown inside a message; more is cut with `…`. */
const WORD_UNITS = 60;

const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** The line of `text` in which `span` starts and a line of carets under the part of it that `span` covers. */
export function excerpt(text: string, span: Span): string {
  // Only now: it costs some 20 ms to load, which a command whose text is right need not pay.
  const { default: stringWidth } = require('string-width') as typeof import('string-width');
  const lineStart = span.start === 0 ? 0 : text.lastIndexOf('\n', span.start - 1) + 1;
  const lineEnd = indexOrEnd(text, '\n', span.start);
  const from = Math.max(lineStart, span.start - CONTEXT_UNITS);
  const to = Math.min(lineEnd, span.start + CONTEXT_UNITS);
  const before = (from > lineStart ? '…' : '') + visible(text.slice(from, span.start));
  const marked = visible(text.slice(span.start, Math.min(to, span.start + span.length)));
  const line = visible(text.slice(span.start, to)) + (to < lineEnd ? '…' : '');
  const carets = '^'.repeat(Math.max(1, stringWidth(marked)));
  return `${before}${line}\n${' '.repeat(stringWidth(before))}${carets}`;
}

/** A word of the user inside a message: in quotes, on one line, and cut when long. */
export function shown(word: string): string {
  return `'${visible(word.slice(0, WORD_UNITS))}${word.length > WORD_UNITS ? '…' : ''}'`;
}

/** A text that moves no cursor: a tab becomes a blank; control and other unprintable characters a sign one column wide. */
function visible(text: string): string {
  return text.replace(UNPRINTABLE, (char) => {
    const code = char.charCodeAt(0);
    if (char === '\t') return ' ';
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return '\uFFFD';
  });
}

function indexOrEnd(text: string, part: string, from: number): number {
  const index = text.indexOf(part, from);
  return index < 0 ? text.length : index;
}
