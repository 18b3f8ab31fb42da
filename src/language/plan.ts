import type { ArgumentKind, CommandDeclaration } from './declaration';
import type { Piece, Span } from './lexer';

export interface PlannedArgument {
  /** The word without its quotes. */
  readonly text: string;
  /** As declared for its place. */
  readonly kind: ArgumentKind;
  /** Globs and `~` mean something only in unquoted pieces. A word in which nothing could is one unquoted piece. */
  readonly pieces: readonly Piece[];
  readonly span: Span;
}

export interface StagePlan {
  readonly command: CommandDeclaration;
  /** By long name; a switch is `true`. Of an option given twice, the last. */
  readonly options: ReadonlyMap<string, string | true>;
  readonly args: readonly PlannedArgument[];
  /** `< file`: its lines are the input. */
  readonly input?: { readonly file: PlannedArgument };
  /** `> file`, or `>> file` with `append`. */
  readonly output?: { readonly file: PlannedArgument; readonly append: boolean };
  /** Class that flows in, as far as it is known: from the stage before, a file, else as declared; null when it takes none. */
  readonly inputType: string | null;
  /** Class that it yields, `identity` replaced by what flows in; null when it yields nothing or into a file. */
  readonly outputType: string | null;
  /** What it changes can be taken back, with the options that it has. */
  readonly undoable: boolean;
  readonly span: Span;
}

/** A pipeline that parsed and whose types fit. */
export interface Plan {
  /** As it was given. */
  readonly text: string;
  /** At least one. */
  readonly stages: readonly StagePlan[];
  /** Class that may be fed to it; null when it takes none. */
  readonly inputType: string | null;
  /** False when it can't run unless it is fed. Also false when `inputType` is null. */
  readonly inputOptional: boolean;
  /** Class that it yields; null when nothing. */
  readonly outputType: string | null;
  /** Yields exactly one object. */
  readonly singleValue: boolean;
  /** Changes nothing. */
  readonly idempotent: boolean;
  /** Every change that it makes can be undone, and it makes some. */
  readonly undoable: boolean;
}
