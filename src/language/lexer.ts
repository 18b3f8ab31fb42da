/**
 * Text → words and operators, as a POSIX shell splits them, without expanding anything. It never fails: a quote that is
 * not closed is marked on the last word, so completion can use the tokens of a text that is still being typed.
 */

/** A place in a text, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly length: number;
}

/** A part of a word. Only unquoted parts may be expanded (globs, `~`); a backslash quotes one character. */
export interface Piece {
  readonly text: string;
  readonly quoted: boolean;
}

export interface Word {
  readonly type: 'word';
  /** Its pieces in a row: the word without quotes and backslashes. */
  readonly text: string;
  /** At least one; neighbours differ in `quoted`. */
  readonly pieces: readonly Piece[];
  readonly span: Span;
  /** The quote, or the backslash at the end of the text, that lacks its other half. Only on the last word. */
  readonly open?: { readonly quote: "'" | '"' | '\\'; readonly at: number };
  /** The first place where a POSIX shell would put a variable's value or a command's output (`$HOME`, `$(…)`, `` ` ``). */
  readonly expansion?: Span;
}

export interface Operator {
  readonly type: 'operator';
  readonly operator: '|' | '<' | '>' | '>>';
  readonly span: Span;
}

export type Token = Word | Operator;

const BLANKS_OR_COMMENT = /[ \t\n\r]+|\\\r?\n|#[^\n]*/y;
/** What splits words, and what goes on in one: as everywhere, and where `<` and `>` are compared with. */
const ANYWHERE = { operator: /\||<|>>?/y, wordEnd: /[ \t\n\r|<>]/y, plain: /[^ \t\n\r|<>'"\\]+/y };
const COMPARING = { operator: /\||>>/y, wordEnd: /[ \t\n\r|]|>>/y, plain: /(?:[^ \t\n\r|>'"\\]+|>(?!>))+/y };
const CONTINUATION = /\\\r?\n/y;
const IN_DOUBLE_QUOTES = /[^"\\]+/y;
/** What a backslash quotes inside double quotes; before anything else it stands for itself. */
const ESCAPED_IN_DOUBLE_QUOTES = /\\["\\$`]/y;
const EXPANSION = /\$(?:\w+|[{(@*#?$!])|`/;

/** Whether the words after the name of a command are comparisons, in which `<` and `>` are no redirections. */
export type Compares = (name: Word) => boolean;

/** Splits a text; comments and blanks are dropped. Linear in its length. */
export function tokenize(text: string, compares: Compares = () => false): Token[] {
  const tokens: Token[] = [];
  const stage = new StageSigns(compares);
  for (let at = skipBlanks(text, 0); at < text.length; ) {
    const token = stage.read(text, at);
    tokens.push(token);
    at = skipBlanks(text, end(token.span));
  }
  return tokens;
}

/** What compares in a condition, as `where` has it. Blanks alone, and the words that join conditions, are in the names of properties, too. */
const COMPARISON = /[<>=~]|(?:^|[\s()])(?:(?:eq|ne|lt|le|gt|ge)(?=[\s'"]|$)|in\s*\()/;

/** Whether the first word after the name of a command that compares is the whole condition: quoted, with a comparison in it. */
export function holdsCondition(word: Word): boolean {
  return word.pieces.every(({ quoted }) => quoted) && COMPARISON.test(word.text);
}

/** Which signs split words at a place: where a command compares, up to the next bar, `<` and `>` do not. */
class StageSigns {
  readonly #compares: Compares;
  #expects: 'name' | 'first' | 'more' = 'name';
  #signs = ANYWHERE;
  #awaitsTarget = false;

  constructor(compares: Compares) {
    this.#compares = compares;
  }

  read(text: string, at: number): Token {
    // a first word in quotes may be the whole condition: then a sign after it is none of it
    const quoted = this.#expects === 'first' ? new WordReader(text, at, ANYWHERE).read() : undefined;
    if (quoted && holdsCondition(quoted)) this.#signs = ANYWHERE;
    const token = readOperator(text, at, this.#signs.operator) ?? new WordReader(text, at, this.#signs).read();
    this.#pass(token);
    return token;
  }

  #pass(token: Token): void {
    if (token.type === 'word') {
      if (!this.#awaitsTarget) this.#passWord(token);
      this.#awaitsTarget = false;
      return;
    }
    this.#awaitsTarget = token.operator !== '|';
    if (this.#awaitsTarget) return;
    this.#expects = 'name';
    this.#signs = ANYWHERE;
  }

  #passWord(word: Word): void {
    const comparing = this.#expects === 'name' && this.#compares(word);
    if (comparing) this.#signs = COMPARING;
    this.#expects = comparing ? 'first' : 'more';
  }
}

/** The position after blanks, comments and continued line ends. `at` must be between words: there `#` starts a comment. */
export function skipBlanks(text: string, at: number): number {
  let next = at;
  for (let run = matchAt(BLANKS_OR_COMMENT, text, at); run !== ''; run = matchAt(BLANKS_OR_COMMENT, text, next)) {
    next += run.length;
  }
  return next;
}

/** The position after a span. */
export function end(span: Span): number {
  return span.start + span.length;
}

/** What a sticky expression matches at a place; empty when nothing. */
function matchAt(sticky: RegExp, text: string, at: number): string {
  sticky.lastIndex = at;
  return sticky.exec(text)?.[0] ?? '';
}

function readOperator(text: string, at: number, sign: RegExp): Operator | undefined {
  const operator = matchAt(sign, text, at);
  if (operator === '') return undefined;
  return {
    type: 'operator',
    operator: operator as Operator['operator'],
    span: { start: at, length: operator.length },
  };
}

class WordReader {
  readonly #text: string;
  readonly #start: number;
  readonly #signs: typeof ANYWHERE;
  #at: number;
  #pieces: { text: string; quoted: boolean }[] = [];
  #open: Word['open'];
  #expansion: Span | undefined;

  constructor(text: string, start: number, signs: typeof ANYWHERE) {
    this.#text = text;
    this.#start = start;
    this.#signs = signs;
    this.#at = start;
  }

  read(): Word {
    while (this.#at < this.#text.length) {
      if (matchAt(this.#signs.wordEnd, this.#text, this.#at) !== '') break;
      const char = this.#text.charAt(this.#at);
      if (char === "'") this.#readSingleQuotes();
      else if (char === '"') this.#readDoubleQuotes();
      else if (char === '\\') this.#readBackslash();
      else this.#readExpandable(this.#signs.plain, false);
    }
    return {
      type: 'word',
      text: this.#pieces.map((piece) => piece.text).join(''),
      pieces: this.#pieces,
      span: { start: this.#start, length: this.#at - this.#start },
      ...(this.#open && { open: this.#open }),
      ...(this.#expansion && { expansion: this.#expansion }),
    };
  }

  #add(text: string, quoted: boolean): void {
    const last = this.#pieces.at(-1);
    if (last?.quoted === quoted) last.text += text;
    else this.#pieces.push({ text, quoted });
  }

  /** Ends the text inside a quote that began at `at`. */
  #leaveOpen(quote: "'" | '"' | '\\', at: number): void {
    this.#open = { quote, at };
    this.#at = this.#text.length;
  }

  #readSingleQuotes(): void {
    const from = this.#at + 1;
    const close = this.#text.indexOf("'", from);
    this.#add(this.#text.slice(from, close < 0 ? undefined : close), true);
    if (close < 0) this.#leaveOpen("'", this.#at);
    else this.#at = close + 1;
  }

  #readDoubleQuotes(): void {
    const from = this.#at;
    this.#add('', true);
    this.#at += 1;
    while (this.#at < this.#text.length) {
      const char = this.#text.charAt(this.#at);
      if (char === '"') {
        this.#at += 1;
        return;
      }
      if (char === '\\') this.#readBackslashInDoubleQuotes();
      else this.#readExpandable(IN_DOUBLE_QUOTES, true);
    }
    this.#leaveOpen('"', from);
  }

  #readBackslashInDoubleQuotes(): void {
    if (this.#skipContinuation()) return;
    const escaped = matchAt(ESCAPED_IN_DOUBLE_QUOTES, this.#text, this.#at);
    this.#add(escaped.slice(1) || '\\', true);
    this.#at += escaped.length || 1;
  }

  #readBackslash(): void {
    if (this.#skipContinuation()) return;
    if (this.#at + 1 === this.#text.length) {
      this.#add('', true);
      this.#leaveOpen('\\', this.#at);
      return;
    }
    // A whole code point: half of a surrogate pair would be no character.
    const char = String.fromCodePoint(this.#text.codePointAt(this.#at + 1) ?? 0);
    this.#add(char, true);
    this.#at += 1 + char.length;
  }

  /** A backslash at the end of a line joins it with the next. */
  #skipContinuation(): boolean {
    const continuation = matchAt(CONTINUATION, this.#text, this.#at);
    this.#at += continuation.length;
    return continuation !== '';
  }

  #readExpandable(run: RegExp, quoted: boolean): void {
    const text = matchAt(run, this.#text, this.#at);
    if (!this.#expansion) {
      const found = EXPANSION.exec(text);
      if (found) this.#expansion = { start: this.#at + found.index, length: found[0].length };
    }
    this.#add(text, quoted);
    this.#at += text.length;
  }
}
