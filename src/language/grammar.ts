/** Tokens → stages: words and redirections between bars. Knows no commands. */

import { type Compares, end, type Operator, type Span, type Token, tokenize, type Word } from './lexer';
import { ParseError } from './parse-error';
import { rejectShellRedirection, rejectShellSeparator } from './shell-syntax';

export interface Redirection {
  readonly operator: Operator;
  readonly target: Word;
}

/** One command as it was written. */
export interface StageSyntax {
  /** The command's name. */
  readonly name: Word;
  readonly operands: readonly Word[];
  /** `<` */
  readonly input?: Redirection;
  /** `>` or `>>` */
  readonly output?: Redirection;
  readonly span: Span;
}

/** Splits a text into stages; a leading bar becomes the command `current`. @throws ParseError */
export function readStages(text: string, compares?: Compares): StageSyntax[] {
  const stages: StageSyntax[] = [];
  let stage = new StageReader(text);
  let lastBar: Span | undefined;
  const tokens = tokenize(text, compares).values();
  for (const token of tokens) {
    if (token.type === 'word') {
      rejectOpen(text, token);
      stage.addWord(token);
    } else if (token.operator !== '|') {
      stage.addRedirection(token, tokens.next().value);
    } else {
      if (lastBar === undefined && stage.empty) stages.push(currentStage(token.span));
      else stages.push(stage.finish(lastBar, token.span));
      lastBar = token.span;
      stage = new StageReader(text);
    }
  }
  stages.push(stage.finish(lastBar, undefined));
  return stages;
}

/** What a leading bar stands for. */
export function currentStage(bar: Span): StageSyntax {
  return { name: literalWord('current', bar), operands: [], span: bar };
}

/** A word that was not written like this: it stands for what is at `span`. */
export function literalWord(text: string, span: Span, quoted = false): Word {
  return { type: 'word', text, pieces: [{ text, quoted }], span };
}

class StageReader {
  readonly #text: string;
  readonly #words: Word[] = [];
  #input: Redirection | undefined;
  #output: Redirection | undefined;
  #start: number | undefined;
  #end = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get empty(): boolean {
    return this.#start === undefined;
  }

  addWord(word: Word): void {
    rejectShellSeparator(this.#text, word);
    this.#words.push(word);
    this.#extend(word.span);
  }

  addRedirection(operator: Operator, target: Token | undefined): void {
    const sign = operator.operator;
    if (target?.type === 'word') rejectOpen(this.#text, target);
    rejectShellRedirection(this.#text, operator, this.#words.at(-1), target);
    if (target?.type !== 'word') {
      const purpose = sign === '<' ? 'to read from' : 'to write to';
      throw new ParseError('MissingTarget', `${sign} needs a file ${purpose}`, {
        text: this.#text,
        span: operator.span,
        hint: `write the file's name after it, or quote it ('${sign}') to mean the sign itself`,
      });
    }
    if (sign === '<' ? this.#input : this.#output) {
      throw new ParseError('RepeatedRedirection', `the ${sign === '<' ? 'input' : 'output'} is redirected twice`, {
        text: this.#text,
        span: operator.span,
        hint: 'leave one of the redirections out',
      });
    }
    if (sign === '<') this.#input = { operator, target };
    else this.#output = { operator, target };
    this.#extend(operator.span);
    this.#extend(target.span);
  }

  /** The stage between two bars; undefined where the text begins or ends instead. */
  finish(before: Span | undefined, after: Span | undefined): StageSyntax {
    const [name, ...operands] = this.#words;
    if (name === undefined) throw this.#noCommand(before, after);
    const start = this.#start ?? 0;
    return {
      name,
      operands,
      ...(this.#input && { input: this.#input }),
      ...(this.#output && { output: this.#output }),
      span: { start, length: this.#end - start },
    };
  }

  #extend(span: Span): void {
    this.#start ??= span.start;
    this.#end = end(span);
  }

  #noCommand(before: Span | undefined, after: Span | undefined): ParseError {
    const text = this.#text;
    const redirection = this.#input ?? this.#output;
    if (redirection) {
      const { operator, span } = redirection.operator;
      const hint = `write a command before ${operator}`;
      return new ParseError('UnexpectedToken', `${operator} has no command`, { text, span, hint });
    }
    if (before && after) {
      const hint =
        after.start === end(before)
          ? '|| means nothing here; for "or else", hand the line to a shell: sh …'
          : 'write a command there, or leave one bar out';
      return new ParseError('UnexpectedToken', 'there is no command between two bars', { text, span: after, hint });
    }
    if (before) {
      const hint = 'write a command after it, or leave it out';
      return new ParseError('UnexpectedToken', 'there is no command after the last bar', { text, span: before, hint });
    }
    const hint = 'write a command; `help` lists them';
    return new ParseError('EmptyPipeline', 'there is no command', {
      text,
      span: { start: text.length, length: 0 },
      hint,
    });
  }
}

function rejectOpen(text: string, { open }: Word): void {
  if (open === undefined) return;
  const span = { start: open.at, length: 1 };
  if (open.quote === '\\') {
    const hint = "write \\\\ or '\\' to mean a backslash itself";
    throw new ParseError('TrailingBackslash', 'nothing follows the backslash', { text, span, hint });
  }
  const hint = `add a closing ${open.quote}, or write \\${open.quote} to mean the sign itself`;
  throw new ParseError('UnclosedQuote', `the quote ${open.quote} is not closed`, { text, span, hint });
}
