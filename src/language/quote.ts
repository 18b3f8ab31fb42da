import type { Piece } from './lexer';

const PLAIN = /^[\w,./:@%+=-]+$/;

/** Whether a word means the same with and without quotes: no character of it is special to the language or to a glob. */
export function isPlain(text: string): boolean {
  return PLAIN.test(text);
}

/** A text as one word that means exactly this text: as it is if it can be, else in single quotes. */
export function quote(text: string): string {
  return isPlain(text) ? text : singleQuoted(text);
}

/** Pieces as a word that has them. All quotes stay: in `[a'-'z]` they keep a plain `-` from meaning a range. */
export function quotePieces(pieces: readonly Piece[]): string {
  return pieces.map((piece) => (piece.quoted ? singleQuoted(piece.text) : piece.text)).join('');
}

/** How a word is quoted: only where it must be, or all of it. */
export type QuoteStyle = "'" | '"' | undefined;

/** A text as one word that means exactly this text, in the style of what was typed of it. */
export function quoteAs(text: string, style: QuoteStyle): string {
  if (style === "'") return singleQuoted(text);
  return style === '"' ? `"${text.replace(/["\\$`]/g, '\\$&')}"` : quote(text);
}

function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
