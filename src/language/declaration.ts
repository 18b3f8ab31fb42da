/**
 * What a command declares about itself, as far as the language needs it: enough to parse, expand and type-check a
 * pipeline without running it. The engine's Builtin record extends it.
 */

/** Matches every class as an input, and fits every input as an output. */
export const ANY = 'any';
/** As an output: whatever class flows in. */
export const IDENTITY = 'identity';

export interface OptionDeclaration {
  /** Long spelling without its dashes, e.g. `ignore-case`; the key under which a stage finds it. */
  readonly name: string;
  /** One letter, without its dash. */
  readonly short?: string;
  /** Name of the value it takes (`--output FILE`: `file`); absent for a switch. */
  readonly value?: string;
  /** May be given as `-N` (`head -3`): the value is the number. At most one option of a command; it must take a value. */
  readonly numeric?: boolean;
  readonly summary: string;
}

/**
 * What an argument means. `path` alone gets `~` and glob expansion; the others guide completion and help:
 * `regexp`, `expression` (JavaScript), `property` (of the class that flows in), `pid`, `class`, `builtin`, `directory`
 * (a path too), `program`, `variable` (`NAME=VALUE`), `variable-name`, `pipeline` (in quotes), `number`, `string`.
 */
export type ArgumentKind =
  | 'string'
  | 'number'
  | 'path'
  | 'directory'
  | 'regexp'
  | 'expression'
  | 'property'
  | 'pid'
  | 'class'
  | 'builtin'
  | 'program'
  | 'variable'
  | 'variable-name'
  | 'pipeline';

export interface ArgumentDeclaration {
  readonly name: string;
  readonly kind: ArgumentKind;
  /** May be left out. Only the last ones of a list. */
  readonly optional?: boolean;
  /** May be given several times. Only the last one of a list. */
  readonly repeated?: boolean;
  /** The only words that it may be, for completion. */
  readonly choices?: readonly string[];
}

/** What was written after the name of a command: arguments without their quotes, nothing expanded. */
export interface Given {
  /** By long name. */
  readonly options: ReadonlyMap<string, string | true>;
  readonly args: readonly string[];
}

export interface CommandDeclaration {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One line, for lists. */
  readonly summary: string;
  readonly options?: readonly OptionDeclaration[];
  readonly arguments?: readonly ArgumentDeclaration[];
  /** Class that it takes; null when it takes none. `optional`: may also stand first. */
  readonly input: {
    readonly type: string;
    readonly optional?: boolean;
    /** Where what is given is enough (`cat FILE`), it takes none: nobody then waits for the end of a standard input. */
    readonly unless?: (given: Given) => boolean;
  } | null;
  /** Class that it yields: a name, `any`, `identity`, or null when it yields nothing. */
  readonly output: string | null;
  /** Yields exactly one object. */
  readonly singleValue?: boolean;
  /** Changes nothing: may be run again, and under a read-only domain. */
  readonly idempotent?: boolean;
  /** What it changes can be taken back; a function where that depends on the options given. */
  readonly undoable?: boolean | ((options: ReadonlyMap<string, string | true>) => boolean);
  /**
   * Has no way to change anything, though what it runs is not ours: nothing of it need be undone, but it is not idempotent.
   */
  readonly contained?: boolean;
  /**
   * Its arguments are a condition: `<` and `>` belong to them up to the next bar, unless the first argument is the whole
   * condition in quotes (`where rss > 5`, but `where 'rss > 5' > file`). Redirections may also stand before its name.
   */
  readonly comparisons?: boolean;
  /**
   * Looks at what is given before anything runs, as far as that does not depend on the machine.
   * @param inputType the class that flows in, as far as it is known, else `any`; null when nothing does
   * @throws ArgumentError
   */
  readonly check?: (given: Given, inputType: string | null) => void;
  /** Options are not parsed: every word after the name is an argument (`sys ls -l`). */
  readonly passthrough?: boolean;
}

/** What the language asks of the world around it. */
export interface Vocabulary {
  /** The builtin of that name or alias. */
  command(name: string): CommandDeclaration | undefined;
  /** Whether the word is a program: on PATH, or a path to an executable file. */
  isProgram(word: string): boolean;
  /** Every name that can stand first, for near matches; asked only when a word is not found. */
  names(): Iterable<string>;
  /** Whether class `child` is `parent` or descends from it. */
  isSubclass(child: string, parent: string): boolean;
}
