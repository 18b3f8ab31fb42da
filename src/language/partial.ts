/** What a text that is still being typed asks for at its end: the word there, and the commands before it. Never fails. */

import { ANY, type ArgumentKind, type CommandDeclaration, IDENTITY, type Vocabulary } from './declaration';
import { currentStage } from './grammar';
import { end, tokenize, type Word } from './lexer';
import { isPrefixed, startsText } from './prefix';
import { builtinOf, comparesIn, PROGRAM_COMMAND } from './resolve';
import { accepted, LINE } from './types';

/** One command as far as it is written; the word at the end of the text is none of its words. */
export interface PartialStage {
  readonly words: readonly Word[];
  /** `< file` */
  readonly reads: boolean;
  /** `> file` or `>> file` */
  readonly writes: boolean;
}

/** The end of a text. */
export interface Place {
  /** Where the word begins. */
  readonly start: number;
  /** The word that is being typed; undefined where a new one begins. */
  readonly word: Word | undefined;
  /** The name of a command, a word after it, or the file of a redirection. */
  readonly role: 'command' | 'operand' | 'target';
  /** A language prefix may stand there. */
  readonly startsText: boolean;
  /** At least one; the last is where the word stands. */
  readonly stages: readonly PartialStage[];
}

/** The end of `text`; undefined where no word of a pipeline is wanted: in a comment, or after a language prefix. */
export function locate(text: string, vocabulary: Pick<Vocabulary, 'command'>): Place | undefined {
  if (isPrefixed(text)) return undefined;
  const tokens = tokenize(text, comparesIn(vocabulary));
  const last = tokens.at(-1);
  const word = last?.type === 'word' && end(last.span) === text.length ? last : undefined;
  if (word) tokens.pop();
  else if (inComment(text, last ? end(last.span) : 0)) return undefined;

  const stages: { words: Word[]; reads: boolean; writes: boolean }[] = [];
  let stage = { words: [] as Word[], reads: false, writes: false };
  let awaitsTarget = false;
  for (const token of tokens) {
    if (token.type === 'word') {
      if (!awaitsTarget) stage.words.push(token);
      awaitsTarget = false;
      continue;
    }
    awaitsTarget = token.operator !== '|';
    if (token.operator === '<') stage.reads = true;
    else if (awaitsTarget) stage.writes = true;
    else {
      if (stages.length === 0 && stage.words.length === 0) stage.words.push(currentStage(token.span).name);
      stages.push(stage);
      stage = { words: [], reads: false, writes: false };
    }
  }
  const role = awaitsTarget ? 'target' : stage.words.length === 0 ? 'command' : 'operand';
  const start = word?.span.start ?? text.length;
  return { start, word, role, startsText: role === 'command' && startsText(text, start), stages: [...stages, stage] };
}

/** What follows the last token is blanks and comments: a comment goes to the end of its line. */
function inComment(text: string, from: number): boolean {
  return text.indexOf('#', Math.max(from, text.lastIndexOf('\n') + 1)) >= 0;
}

/** The command that a stage names, and the words after it: as parsing has it, but that any other word is a program. */
export function commandOf(
  { words: [name, ...operands] }: PartialStage,
  vocabulary: Pick<Vocabulary, 'command'>,
): { command: CommandDeclaration | undefined; operands: readonly Word[] } {
  if (name === undefined) return { command: undefined, operands };
  const builtin = builtinOf(name, vocabulary);
  if (builtin) return { command: builtin, operands };
  return { command: vocabulary.command(PROGRAM_COMMAND), operands: [name, ...operands] };
}

/** The class that flows into the last stage, as far as it is known, else `any`; null when nothing does. */
export function classInto(stages: readonly PartialStage[], vocabulary: Pick<Vocabulary, 'command'>): string | null {
  let flows: string | null | undefined;
  for (const [index, stage] of stages.entries()) {
    const { command } = commandOf(stage, vocabulary);
    const declared = command ? accepted(command) : ANY;
    if (stage.reads) flows = LINE;
    const into = flows === undefined || flows === ANY ? declared : flows;
    if (index === stages.length - 1) return into;
    const output = command ? command.output : ANY;
    flows = stage.writes ? null : output === IDENTITY ? (into ?? ANY) : output;
  }
  return null;
}

/** What the next word of a command may be, after the words that it has. */
export interface Slot {
  /** An option may stand here. */
  readonly options: boolean;
  /** What an argument means here; undefined when none is taken. */
  readonly kind: ArgumentKind | undefined;
  /** The only words that it may be. */
  readonly choices?: readonly string[];
  /** Name of the value that the option before it waits for: then it can be nothing else. */
  readonly value?: string;
}

/** The end of a word after which a value is compared with what stands before it. */
const COMPARISON = /[<>=~]$|^(?:eq|ne|lt|le|gt|ge|in)$/;

/** What may follow `operands`. Options that there are not count as switches. */
export function slotAfter(command: CommandDeclaration, operands: readonly Word[]): Slot {
  let ended = command.passthrough === true;
  let given = 0;
  let awaited: string | undefined;
  for (const { text } of operands) {
    if (awaited !== undefined) awaited = undefined;
    else if (ended || text === '-' || !text.startsWith('-')) given += 1;
    else if (text === '--') ended = true;
    else awaited = awaitedValue(command, text);
  }
  if (awaited !== undefined) return { options: false, kind: undefined, value: awaited };
  const declared = command.arguments ?? [];
  const last = declared.at(-1);
  const argument = declared[given] ?? (last?.repeated ? last : undefined);
  if (command.comparisons && COMPARISON.test(operands.at(-1)?.text ?? '')) return { options: false, kind: undefined };
  return { options: !ended, kind: argument?.kind, ...(argument?.choices && { choices: argument.choices }) };
}

/** Name of the value that the word after an option word is; undefined when it is none. */
function awaitedValue({ options = [] }: CommandDeclaration, text: string): string | undefined {
  if (text.startsWith('--')) return options.find(({ name }) => `--${name}` === text)?.value;
  if (/^-\d+$/.test(text) && options.some(({ numeric }) => numeric)) return undefined;
  const letters = [...text.slice(1)];
  const option = (letter: string | undefined) => options.find(({ short }) => short === letter);
  const valued = letters.findIndex((letter) => option(letter)?.value !== undefined);
  return valued >= 0 && valued === letters.length - 1 ? option(letters[valued])?.value : undefined;
}
