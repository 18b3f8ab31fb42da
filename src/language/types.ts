/** The type rule: what flows into each stage must fit it. */

import { ANY, type CommandDeclaration, type Given, IDENTITY, type Vocabulary } from './declaration';
import { shown } from './excerpt';
import type { Word } from './lexer';
import { ParseError } from './parse-error';

/** Class of the lines of a file. */
export const LINE = 'string';

/** What flows into a stage. */
export interface Source {
  /** Null when the command yields nothing. */
  readonly type: string | null;
  /** The command or file, as messages name it. */
  readonly name: string;
}

/** The lines of a file as a source. */
export function fileSource(file: Word): Source {
  return { type: LINE, name: shown(file.text) };
}

/**
 * Classes that flow into a stage and out of it.
 * @param given what its input may depend on
 * @param source what feeds it; undefined for a first stage, which is taken to get what it declares
 * @throws ParseError when they don't fit; its place is `name`
 */
export function checkTypes(
  text: string,
  command: CommandDeclaration,
  given: Given,
  name: Word,
  source: Source | undefined,
  vocabulary: Vocabulary,
): { inputType: string | null; outputType: string | null } {
  const inputType = source ? flow(text, command, given, name, source, vocabulary) : accepted(command, given);
  const outputType = command.output === IDENTITY ? (inputType ?? ANY) : command.output;
  return { inputType, outputType };
}

/** Class that a command takes, `identity` being every class; without `given`, that it may take. */
export function accepted({ input }: CommandDeclaration, given?: Given): string | null {
  if (given && input?.unless?.(given)) return null;
  return input?.type === IDENTITY ? ANY : (input?.type ?? null);
}

function flow(
  text: string,
  command: CommandDeclaration,
  given: Given,
  name: Word,
  source: Source,
  vocabulary: Vocabulary,
): string {
  const into = shown(name.text);
  const { span } = name;
  if (source.type === null) {
    const hint = `start a pipeline of its own with ${into}, or leave it out`;
    throw new ParseError('NoOutput', `${source.name} yields nothing that ${into} could take`, { text, span, hint });
  }
  const input = accepted(command, given);
  if (input === null) {
    const reason = `${into} takes no input${whenGiven(command)}, but ${source.name} yields ${source.type}`;
    const hint = command.input
      ? `leave out ${source.name}, or what makes its input needless: see help ${command.name}`
      : `only the first command may be one like ${into}`;
    throw new ParseError('NoInput', reason, { text, span, hint });
  }
  if (input === ANY) return source.type;
  if (source.type === ANY) return input;
  if (vocabulary.isSubclass(source.type, input)) return source.type;
  const reason = `${source.name} yields ${source.type}, but ${into} takes ${input}`;
  throw new ParseError('TypeMismatch', reason, { text, span, hint: textHint(input, vocabulary) });
}

/** For a message: of one whose input depends on what is given. */
export function whenGiven({ input }: CommandDeclaration): string {
  return input ? ' as it is written here' : '';
}

/** Programs take text, and people pipe objects into them: the commonest mistake deserves its remedy. */
function textHint(input: string, vocabulary: Vocabulary): string | undefined {
  if (input !== LINE) return undefined;
  const makers = ['stringify', 'json'].filter((name) => vocabulary.command(name));
  return makers.length > 0 ? `turn the objects into text first: … | ${makers.join(' | … or … | ')} | …` : undefined;
}
