// Where a command writes: objects to standard output, words to standard error, and a progress line that shares the
// terminal with both.
import { OutputClosed, type Schedule, Sink, safeText, schedule, type Target } from '../render';
import { Progress } from './progress';
import type { Surroundings, Terminalish } from './surroundings';

/** Size of a terminal that does not tell. */
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

export type ColourChoice = 'auto' | 'always' | 'never';

export interface ScreenOptions {
  readonly color: ColourChoice;
  readonly progress: boolean;
  /** Called once when standard output can't be written any more, or nobody reads standard error any more. */
  readonly outputFailed: (failure: Error) => void;
  readonly schedule?: Schedule;
}

export class Screen {
  /** Standard output, for a renderer. */
  readonly target: Target;
  readonly #errors: Sink;
  readonly #stderrIsTerminal: boolean;
  readonly #progress: Progress | undefined;
  #errorsReady: Promise<void> | undefined;
  #held: Promise<void> | undefined;
  #release: (() => void) | undefined;

  constructor({ stdout, stderr, environment }: Surroundings, options: ScreenOptions) {
    const { color } = options;
    this.#stderrIsTerminal = stderr.isTTY === true;
    this.#progress =
      options.progress && this.#stderrIsTerminal && environment.TERM !== 'dumb'
        ? new Progress({
            write: (text) => stderr.write(text),
            columns: () => sizeOf(stderr, environment).columns,
            colour: wantsColour(color, stderr, environment),
            schedule: options.schedule ?? schedule,
          })
        : undefined;
    const before = (text: string) => this.#progress?.makeWay(text);
    // Any other failure of standard error costs the words alone: the objects matter more.
    const failed = (failure: Error) => {
      if (failure instanceof OutputClosed) options.outputFailed(failure);
    };
    this.#errors = new Sink(stderr, { name: 'standard error', before, failed });
    this.target = {
      sink: new Sink(stdout, {
        name: 'standard output',
        failed: options.outputFailed,
        ...(stdout.isTTY === true && { before }),
      }),
      terminal: stdout.isTTY === true ? sizeOf(stdout, environment) : undefined,
      colour: wantsColour(color, stdout, environment),
    };
  }

  /** What a command of the pipeline wrote to its standard error, as it came. */
  commandError(text: string): void {
    this.#errors.push(this.#stderrIsTerminal ? safeText(text, true) : text);
  }

  /** A line or more for the person: `hotwire: …`. */
  complain(message: string): void {
    const text = `hotwire: ${message}\n`;
    this.#errors.push(this.#stderrIsTerminal ? safeText(text) : text);
  }

  count(objects: number): void {
    this.#progress?.count(objects);
  }

  status(text: string, percent: number): void {
    this.#progress?.status(text, percent);
  }

  /** Something else has the terminal meanwhile, e.g. a program that asks there. */
  hold(held: boolean): void {
    this.#progress?.hold(held);
    this.#release?.();
    this.#held = held ? new Promise((release) => (this.#release = release)) : undefined;
  }

  /** Resolves once nothing else has the terminal. */
  async free(): Promise<void> {
    while (this.#held !== undefined) await this.#held;
  }

  /** Erases the progress line: nothing but what is written from now on will be seen. */
  close(): void {
    this.#progress?.stop();
  }

  /** Resolves once standard error has taken what was written to it. */
  errorsReady(): Promise<void> {
    // One wait for all who ask meanwhile: each part of a pipeline's standard error does.
    this.#errorsReady ??= this.#errors
      .ready()
      .catch(noOneToTell)
      .finally(() => {
        this.#errorsReady = undefined;
      });
    return this.#errorsReady;
  }

  /** Resolves once standard error has left this process. */
  flushErrors(): Promise<void> {
    return this.#errors.flush().catch(noOneToTell);
  }
}

/** Standard error itself is broken: there is nowhere left to say so, and the objects matter more. */
function noOneToTell(): void {}

function sizeOf(stream: Terminalish, environment: NodeJS.ProcessEnv): { columns: number; rows: number } {
  return {
    columns: stream.columns || Number(environment.COLUMNS) || DEFAULT_COLUMNS,
    rows: stream.rows || Number(environment.LINES) || DEFAULT_ROWS,
  };
}

function wantsColour(choice: ColourChoice, stream: Terminalish, environment: NodeJS.ProcessEnv): boolean {
  if (choice !== 'auto') return choice === 'always';
  return stream.isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb';
}
