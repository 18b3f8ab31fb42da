import type { CommandDeclaration } from '../language/declaration';
import type { Batch } from './batch';
import type { Context } from './context';
import type { Evaluator } from './evaluator';
import type { FilesInUse } from './files-in-use';
import type { Registry } from './registry';

/** Something that a pipeline waits for before it has ended, e.g. processes. */
export interface Running {
  /** Resolves once it has ended; does nothing when it already had. */
  stop(): Promise<void>;
}

/** What a running command is given. */
export interface Stage {
  /** The owner's context: its cwd and environment are live, so `cd` changes them here. */
  readonly context: Context;
  /** The directory that relative paths of this pipeline start from (the context's, or the option `cwd`). */
  readonly cwd: string;
  /** Environment for child processes (the context's, with the option `env` merged in). */
  readonly environment: Readonly<Record<string, string>>;
  /** Options given: a switch is `true`, one with a value its text. Keys are the long names. */
  readonly options: ReadonlyMap<string, string | true>;
  /**
   * Arguments, with `~` and globs expanded where they are declared as paths. A name that is not UTF-8 is as `argumentOf`
   * has it: `rawPath` is for the system, `shownArgument` for people.
   */
  readonly args: readonly string[];
  /** What flows in; ends at once when nothing does. */
  readonly input: AsyncIterable<Batch>;
  /** Whether something is connected to `input` (a stage before, a redirection, or fed objects). */
  readonly hasInput: boolean;
  /** Aborted when the pipeline is cancelled or another stage failed. */
  readonly signal: AbortSignal;
  /** All commands and, through them, their help. */
  readonly registry: Registry;
  /** Runs the user's JavaScript. */
  readonly evaluator: Evaluator;
  /** Side information under a `hotwire.…` key; resolves once it may go on (back-pressure). */
  metadata(key: string, value: unknown): Promise<void>;
  /** Progress: a text, and a percentage or -1 when unknown. Sent at most five times a second, the newest wins. */
  status(text: string, percent: number): void;
  /** The files that the pipeline has open: for `openFile` and `linesOfFile`. */
  readonly inUse: FilesInUse;
  /** Records how to take back what was just done. Steps run last-in first-out. */
  undo(step: () => Promise<void>): void;
  /** Tells of something that runs on its own: when the pipeline ends, it is stopped and its end awaited. */
  started(running: Running): void;
}

/** A command that is a process of the operating system: the engine joins neighbours by kernel pipes. */
export interface ProcessCommand {
  /** Program (looked up on the environment's PATH) and its arguments. */
  readonly file: string;
  readonly args: readonly string[];
}

export interface Example {
  /** The pipeline, as a person types it. */
  readonly text: string;
  /** What it shows, in a few words. */
  readonly shows: string;
  /** The objects it yields, exactly. Absent where they depend on the machine: then the class alone is checked. */
  readonly result?: readonly unknown[];
  /** Class of what it yields, where the declaration does not say (`any`). */
  readonly className?: string;
  /** Pipelines run before it in the same context, e.g. to have something `current`. */
  readonly after?: readonly string[];
  /** Files (name → text) that exist in the directory where it runs. */
  readonly files?: Readonly<Record<string, string>>;
}

interface BuiltinRecord extends CommandDeclaration {
  /** Paragraphs below the summary. */
  readonly help?: string;
  /** Run as tests and shown by `help`; at least one. */
  readonly examples: readonly Example[];
}

/** A command: its declaration, its help, its examples, and its function. */
export type Builtin = BuiltinRecord &
  (
    | { run(stage: Stage): AsyncIterable<Batch>; process?: never }
    | { process(stage: Pick<Stage, 'args'>): ProcessCommand; run?: never }
  );
