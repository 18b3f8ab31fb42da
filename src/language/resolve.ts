/** What the first word of a command names. */

import type { CommandDeclaration, Vocabulary } from './declaration';
import type { Compares, Word } from './lexer';

/** The command that runs a program. */
export const PROGRAM_COMMAND = 'sys';

/** The builtin that a first word names; none where a part of it is quoted, which says that it is a program. */
export function builtinOf(name: Word, vocabulary: Pick<Vocabulary, 'command'>): CommandDeclaration | undefined {
  return name.pieces.some(({ quoted }) => quoted) ? undefined : vocabulary.command(name.text);
}

/** Which commands compare, for the lexer. */
export function comparesIn(vocabulary: Pick<Vocabulary, 'command'>): Compares {
  return (name) => builtinOf(name, vocabulary)?.comparisons === true;
}
