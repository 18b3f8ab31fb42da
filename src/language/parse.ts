import { MAX_STAGES, MAX_TEXT_UNITS } from '../limits';
import { checkGiven } from './argument-error';
import type { CommandDeclaration, Given, Vocabulary } from './declaration';
import { shown } from './excerpt';
import { type Redirection, readStages, type StageSyntax } from './grammar';
import { end, holdsCondition, type Word } from './lexer';
import { didYouMean, nearest } from './near';
import { planArgument, readOperands } from './operands';
import { ParseError, type ParseErrorCode } from './parse-error';
import type { Plan, StagePlan } from './plan';
import { prefixHint, readPrefixed } from './prefix';
import { builtinOf, comparesIn, PROGRAM_COMMAND } from './resolve';
import { accepted, checkTypes, fileSource, type Source, whenGiven } from './types';

/**
 * Parses and type-checks a pipeline. Runs nothing, and takes time linear in the length of the text.
 * @throws ParseError, and nothing else whatever the text
 */
export function parse(text: string, vocabulary: Vocabulary): Plan {
  checkText(text);
  const syntax = readPrefixed(text) ?? readStages(text, comparesIn(vocabulary));
  checkNumber(text, syntax);
  const stages: StagePlan[] = [];
  let source: Source | undefined;
  for (const [index, stage] of syntax.entries()) {
    const planned = planStage(text, stage, source, index === syntax.length - 1, vocabulary);
    stages.push(planned);
    source = { type: planned.outputType, name: shown(stage.name.text) };
  }
  return { text, stages, ...derive(stages) };
}

function checkText(text: string): void {
  if (text.length > MAX_TEXT_UNITS) {
    throw new ParseError('TextTooLong', `the text is longer than ${MAX_TEXT_UNITS} UTF-16 units`, {
      text,
      span: { start: MAX_TEXT_UNITS, length: 0 },
      hint: 'put large data into a file or feed it as input',
    });
  }
  const nul = text.indexOf('\0');
  if (nul >= 0) {
    const hint = 'leave it out: no argument of a program can hold one';
    throw new ParseError('NulCharacter', 'the text holds a NUL character', {
      text,
      span: { start: nul, length: 1 },
      hint,
    });
  }
}

function checkNumber(text: string, stages: readonly StageSyntax[]): void {
  const surplus = stages[MAX_STAGES];
  if (surplus === undefined) return;
  throw new ParseError('TooManyCommands', `a pipeline has at most ${MAX_STAGES} commands, not ${stages.length}`, {
    text,
    span: surplus.span,
  });
}

function planStage(
  text: string,
  syntax: StageSyntax,
  piped: Source | undefined,
  isLast: boolean,
  vocabulary: Vocabulary,
): StagePlan {
  const { command, operands } = resolve(text, syntax, vocabulary);
  const { name, input, output, span } = syntax;
  const { options, args, optionSpans } = readOperands({ text, command, name, operands });
  const given = { options, args: args.map((argument) => argument.text) };
  if (command.comparisons && output) rejectAppending(text, name, operands, output);
  if (input) checkInputRedirection(text, command, given, name, input, piped);
  if (output) checkOutputRedirection(text, command, name, output, isLast);
  const types = checkTypes(text, command, given, name, input ? fileSource(input.target) : piped, vocabulary);
  checkGiven({ text, command, span: name.span, given, args, optionSpans }, types.inputType);
  return {
    command,
    options,
    args,
    ...(input && { input: { file: planArgument(text, input.target, 'path') } }),
    ...(output && {
      output: { file: planArgument(text, output.target, 'path'), append: output.operator.operator === '>>' },
    }),
    inputType: types.inputType,
    outputType: output ? null : types.outputType,
    undoable: isUndoable(command, options),
    span,
  };
}

/** Whether a command with these options can be undone: `rm` can, `rm -u` can't. */
export function isUndoable({ undoable }: CommandDeclaration, options: StagePlan['options'] = new Map()): boolean {
  return typeof undoable === 'function' ? undoable(options) : undoable === true;
}

/** Whether a stage changes nothing that undo would not take back. */
export function leavesNothing({ command, undoable }: Pick<StagePlan, 'command' | 'undoable'>): boolean {
  return undoable || command.idempotent === true || command.contained === true;
}

/** After a condition that is not quoted `>` compares: nobody would guess that `>>` redirects there. */
function rejectAppending(text: string, name: Word, [first]: readonly Word[], { operator }: Redirection): void {
  const { span } = operator;
  if (operator.operator !== '>>' || span.start < end(name.span) || (first && holdsCondition(first))) return;
  throw new ParseError(
    'MisplacedRedirection',
    `>> can't follow a condition of ${shown(name.text)} that is not quoted`,
    {
      text,
      span,
      hint: `quote the condition (${name.text} '…' >> FILE), or append with: … | write -a FILE`,
    },
  );
}

/** A builtin, unless a part of the name is quoted; else a program, which is the first argument of `sys`. */
function resolve(
  text: string,
  { name, operands }: StageSyntax,
  vocabulary: Vocabulary,
): { command: CommandDeclaration; operands: readonly Word[] } {
  const builtin = builtinOf(name, vocabulary);
  if (builtin) return { command: builtin, operands };
  const program = vocabulary.command(PROGRAM_COMMAND);
  if (program && vocabulary.isProgram(name.text)) return { command: program, operands: [name, ...operands] };
  const hint = prefixHint(name.text) ?? assignmentHint(name.text) ?? didYouMean(nearest(name.text, vocabulary.names()));
  throw new ParseError('UnknownCommand', `there is no command or program ${shown(name.text)}`, {
    text,
    span: name.span,
    hint,
  });
}

function assignmentHint(word: string): string | undefined {
  return /^\w+=/.test(word) ? 'a variable is set by a command of its own: setenv NAME=VALUE' : undefined;
}

function checkInputRedirection(
  text: string,
  command: CommandDeclaration,
  given: Given,
  name: Word,
  { operator: { span } }: Redirection,
  piped: Source | undefined,
): void {
  const fail = (code: ParseErrorCode, reason: string, hint: string) =>
    new ParseError(code, reason, { text, span, hint });
  if (accepted(command, given) === null) {
    throw fail('NoInput', `${shown(name.text)} takes no input${whenGiven(command)}`, 'leave the redirection out');
  }
  if (piped) {
    const reason = `${shown(name.text)} already gets its input from ${piped.name}`;
    throw fail('MisplacedRedirection', reason, 'only the first command can read a file with <');
  }
}

function checkOutputRedirection(
  text: string,
  command: CommandDeclaration,
  name: Word,
  { operator: { operator, span } }: Redirection,
  isLast: boolean,
): void {
  const fail = (code: ParseErrorCode, reason: string, hint: string) =>
    new ParseError(code, reason, { text, span, hint });
  if (command.output === null) {
    throw fail('NoOutput', `${shown(name.text)} yields nothing to write`, 'leave the redirection out');
  }
  if (!isLast) {
    const reason = 'the next command would get nothing: the output goes to a file';
    throw fail('MisplacedRedirection', reason, `only the last command can write a file with ${operator}`);
  }
}

/** What holds for the whole, from what holds for its stages. */
function derive(stages: readonly StagePlan[]): Omit<Plan, 'text' | 'stages'> {
  const first = stages.at(0);
  const last = stages.at(-1);
  const fed = first?.input !== undefined;
  const writesFile = last?.output !== undefined;
  const outputType = last?.outputType ?? null;
  const allIdempotent = stages.every(({ command }) => command.idempotent);
  return {
    inputType: fed ? null : (first?.inputType ?? null),
    inputOptional: !fed && first?.inputType != null && first.command.input?.optional === true,
    outputType,
    singleValue: outputType !== null && last?.command.singleValue === true,
    idempotent: allIdempotent && !writesFile,
    undoable: !writesFile && stages.some(({ undoable }) => undoable) && stages.every(leavesNothing),
  };
}
