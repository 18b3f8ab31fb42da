/** The words after a command's name → options and arguments, as GNU's getopt_long has it, checked for their number. */

import type { ArgumentDeclaration, ArgumentKind, CommandDeclaration, OptionDeclaration } from './declaration';
import { shown } from './excerpt';
import type { Span, Word } from './lexer';
import { didYouMean, nearest } from './near';
import { ParseError, type ParseErrorCode } from './parse-error';
import type { PlannedArgument, StagePlan } from './plan';
import { isPlain } from './quote';
import { rejectShellSyntax } from './shell-syntax';

/** The command of a stage and what was written after it. */
export interface Invocation {
  readonly text: string;
  readonly command: CommandDeclaration;
  /** Its name as it was written. */
  readonly name: Word;
  readonly operands: readonly Word[];
}

/** Sorts the words of a stage into options and arguments. @throws ParseError */
export function readOperands(
  invocation: Invocation,
): Pick<StagePlan, 'options' | 'args'> & { optionSpans: ReadonlyMap<string, Span> } {
  const { command, operands } = invocation;
  const { options, optionSpans, words } = command.passthrough
    ? { options: new Map<string, string | true>(), optionSpans: new Map<string, Span>(), words: operands }
    : new OptionReader(invocation).read();
  checkNumber(invocation, words);
  return {
    options,
    optionSpans,
    args: words.map((word, index) => planArgument(invocation.text, word, kindAt(command, index))),
  };
}

/** A word as an argument of a kind. @throws ParseError for what only a shell would understand */
export function planArgument(text: string, word: Word, kind: ArgumentKind): PlannedArgument {
  rejectShellSyntax(text, word, kind);
  // Quotes that protect nothing leave no trace, so that 'a' and a are the same argument.
  const pieces = isPlain(word.text) ? [{ text: word.text, quoted: false }] : word.pieces;
  return { text: word.text, kind, pieces, span: word.span };
}

class OptionReader {
  readonly #invocation: Invocation;
  readonly #declared: readonly OptionDeclaration[];
  readonly #rest: Iterator<Word> & Iterable<Word>;
  readonly #options = new Map<string, string | true>();
  readonly #spans = new Map<string, Span>();

  constructor(invocation: Invocation) {
    this.#invocation = invocation;
    this.#declared = invocation.command.options ?? [];
    this.#rest = invocation.operands.values();
  }

  read(): { options: Map<string, string | true>; optionSpans: Map<string, Span>; words: Word[] } {
    const words: Word[] = [];
    let ended = false;
    for (const word of this.#rest) {
      if (ended || word.text === '-' || !word.text.startsWith('-')) words.push(word);
      else if (word.text === '--') ended = true;
      else this.#readOption(word);
    }
    return { options: this.#options, optionSpans: this.#spans, words };
  }

  #set(name: string, value: string | true, { span }: Word): void {
    this.#options.set(name, value);
    this.#spans.set(name, span);
  }

  #readOption(word: Word): void {
    rejectShellSyntax(this.#invocation.text, word, 'string');
    const numeric = /^-\d+$/.test(word.text) && this.#declared.find((option) => option.numeric);
    if (numeric) this.#set(numeric.name, word.text.slice(1), word);
    else if (word.text.startsWith('--')) this.#readLong(word);
    else this.#readShorts(word);
  }

  #readLong(word: Word): void {
    const [name = '', ...values] = word.text.slice(2).split('=');
    const option = this.#declared.find((declared) => declared.name === name);
    if (!option) throw this.#unknown(`--${name}`, word);
    if (values.length === 0) this.#setNext(option, word);
    else if (option.value !== undefined) this.#set(name, values.join('='), word);
    else {
      throw this.#error('UnexpectedOptionValue', `--${name} takes no value`, word, `write --${name} alone`);
    }
  }

  #readShorts(word: Word): void {
    for (let letters = word.text.slice(1); letters !== ''; ) {
      const letter = String.fromCodePoint(letters.codePointAt(0) ?? 0);
      letters = letters.slice(letter.length);
      const option = this.#declared.find((declared) => declared.short === letter);
      if (!option) throw this.#unknown(`-${letter}`, word);
      if (option.value === undefined) this.#set(option.name, true, word);
      else if (letters === '') this.#setNext(option, word);
      else {
        this.#set(option.name, letters, word);
        return;
      }
    }
  }

  /** A switch, or an option whose value is the word after it. */
  #setNext(option: OptionDeclaration, word: Word): void {
    if (option.value === undefined) {
      this.#set(option.name, true, word);
      return;
    }
    const next = this.#rest.next();
    if (next.done) {
      const value = option.value?.toUpperCase();
      const hint = `write it after the option: --${option.name}=${value}`;
      throw this.#error('MissingOptionValue', `--${option.name} needs ${value}`, word, hint);
    }
    rejectShellSyntax(this.#invocation.text, next.value, 'string');
    this.#set(option.name, next.value.text, next.value);
  }

  #unknown(option: string, word: Word): ParseError {
    const command = this.#invocation.command.name;
    const names = this.#declared.map((declared) => `--${declared.name}`);
    const near = option.startsWith('--')
      ? new Set([...names.filter((name) => option !== '--' && name.startsWith(option)), ...nearest(option, names)])
      : [];
    const all = this.#declared.map(({ name, short }) => (short ? `-${short} --${name}` : `--${name}`));
    const hint = didYouMean([...near]) ?? `${command} takes ${all.length > 0 ? all.join(', ') : 'no options'}`;
    const typed =
      option === word.text || option.startsWith('--') ? shown(option) : `${shown(option)} (in ${shown(word.text)})`;
    const dashes = 'write -- before an argument that begins with a dash';
    return this.#error('UnknownOption', `${command} has no option ${typed}`, word, `${hint}; ${dashes}`);
  }

  #error(code: ParseErrorCode, reason: string, { span }: Word, hint: string): ParseError {
    return new ParseError(code, reason, { text: this.#invocation.text, span, hint });
  }
}

function kindAt({ arguments: declared = [] }: CommandDeclaration, index: number): ArgumentKind {
  return (declared[index] ?? declared.at(-1))?.kind ?? 'string';
}

function checkNumber({ text, command, name }: Invocation, words: readonly Word[]): void {
  const declared = command.arguments ?? [];
  const missing = declared.slice(words.length).filter((argument) => !argument.optional);
  const hint = `usage: ${usage(command)}`;
  if (missing.length > 0) {
    const names = missing.map((argument) => argument.name.toUpperCase()).join(' and ');
    throw new ParseError('MissingArgument', `${command.name} needs ${names}`, { text, span: name.span, hint });
  }
  const extra = words[declared.length];
  if (extra && !declared.at(-1)?.repeated) {
    const most = declared.length === 0 ? 'no arguments' : `at most ${count(declared.length)}`;
    const reason = `${command.name} takes ${most}, but ${words.length} ${words.length === 1 ? 'is' : 'are'} given`;
    throw new ParseError('TooManyArguments', reason, { text, span: extra.span, hint });
  }
}

function count(howMany: number): string {
  return howMany === 1 ? '1 argument' : `${howMany} arguments`;
}

/** One line, as in a manual: `filter [OPTION…] REGEXP [PROPERTY]`. */
function usage({ name, options, arguments: declared = [] }: CommandDeclaration): string {
  return [name, ...(options?.length ? ['[OPTION…]'] : []), ...declared.map(usageOf)].join(' ');
}

function usageOf({ name, optional, repeated }: ArgumentDeclaration): string {
  const shownName = name.toUpperCase() + (repeated ? '…' : '');
  return optional ? `[${shownName}]` : shownName;
}
