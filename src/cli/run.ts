// `hotwire run`: a pipeline in another domain, its objects on standard output, standard input fed to it.
import { orAborted } from '../abort';
import type { Description, Domain, Metadata, RemotePipeline, RunOptions } from '../client/api';
import { METADATA } from '../contract';
import { HotwireError } from '../errors';
import { createRenderer, type Format, OutputClosed, type Renderer } from '../render';
import { chooseInput, feed, type InputChoice } from './feed';
import type { InputMode } from './input';
import { Interrupted, onInterrupt } from './interrupt';
import { exitStatus, failureStatus, failureText, type ProcessExit, processExit } from './outcome';
import { type ColourChoice, Screen } from './screen';
import type { Surroundings } from './surroundings';
import { workingDirectory } from './working-directory';

export interface RunCommandOptions {
  readonly format?: Format;
  readonly color: ColourChoice;
  readonly input?: InputChoice;
  /** Seconds. */
  readonly timeout?: number;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Address of the bus. */
  readonly bus?: string;
  readonly embedded?: boolean;
  readonly debug?: boolean;
  readonly progress: boolean;
  /** A word of the pipeline that looks like an option of this command: the likely mistake if it does not parse. */
  readonly misplaced?: string;
}

/** Runs the pipeline to its end; whatever happens is told on standard error. @returns the exit status */
export async function run(text: string, options: RunCommandOptions, surroundings: Surroundings): Promise<number> {
  const halt = new AbortController();
  const screen = new Screen(surroundings, { ...options, outputFailed: (failure) => halt.abort(failure) });
  const stopListening = onInterrupt(
    surroundings.signals,
    (reason) => halt.abort(reason),
    (status) => {
      screen.close();
      surroundings.leave(status);
    },
  );
  try {
    return await new Run(text, options, surroundings, screen, halt).execute();
  } catch (thrown) {
    screen.close();
    const words = failureText(thrown, options.debug === true);
    if (words !== undefined) screen.complain(words);
    if (options.misplaced !== undefined && thrown instanceof HotwireError && thrown.kind === 'Parse') {
      screen.complain(`options of hotwire come before the pipeline: ${options.misplaced} was taken as a part of it`);
    }
    return failureStatus(thrown);
  } finally {
    screen.close();
    stopListening();
    await screen.flushErrors();
  }
}

/** One pipeline from connecting to its end. `halt` is aborted with the reason to stop early. */
class Run {
  /** How the last command's process ended, if it was one. */
  #lastExit: ProcessExit | undefined;
  readonly #text: string;
  readonly #options: RunCommandOptions;
  readonly #surroundings: Surroundings;
  readonly #screen: Screen;
  readonly #halt: AbortController;

  constructor(
    text: string,
    options: RunCommandOptions,
    surroundings: Surroundings,
    screen: Screen,
    halt: AbortController,
  ) {
    this.#text = text;
    this.#options = options;
    this.#surroundings = surroundings;
    this.#screen = screen;
    this.#halt = halt;
  }

  async execute(): Promise<number> {
    const { connect, environment, stdinIsTerminal } = this.#surroundings;
    const { bus, embedded = false, input } = this.#options;
    const { signal } = this.#halt;
    const domain = await orAborted(connect('', { environment, embedded, ...(bus !== undefined && { bus }) }), signal);
    try {
      const description = await orAborted(domain.describe(this.#text).catch(notDescribed), signal);
      const mode = chooseInput(input, stdinIsTerminal, description);
      const pipeline = await orAborted(domain.run(this.#text, this.#runOptions(mode)), signal);
      pipeline.on('metadata', (metadata) => this.#metadata(description, metadata));
      return await this.#follow(pipeline, description, mode);
    } finally {
      await this.#close(domain);
    }
  }

  /** Reads the output, and feeds the input beside it, until the pipeline ends or there is a reason to stop it. */
  async #follow(pipeline: RemotePipeline, description: Description, mode: InputMode | undefined): Promise<number> {
    const { signal } = this.#halt;
    const ended = new AbortController();
    // what a person types and what the progress line draws would meet
    if (mode && this.#surroundings.stdinIsTerminal) this.#screen.close();
    const feeding = mode && feed(pipeline, this.#surroundings.stdin, mode, ended.signal);
    feeding?.catch((failure) => this.#halt.abort(failure));
    const reading = this.#read(pipeline, description);
    try {
      await orAborted(reading, signal);
    } catch (thrown) {
      await this.#cancel(pipeline);
      // what had come before a broken input is still shown; a reader who left or a person who said stop wants no more
      if (!(thrown instanceof Interrupted || thrown instanceof OutputClosed)) await reading.catch(() => thrown);
      throw thrown;
    } finally {
      ended.abort();
    }
    return exitStatus(await pipeline.finished, this.#lastExit);
  }

  async #read(pipeline: RemotePipeline, description: Description): Promise<void> {
    const renderer = this.#renderer(description);
    try {
      for await (const batch of pipeline.batches()) {
        if (this.#halt.signal.aborted) return;
        this.#screen.count(batch.objects.length);
        await renderer.write(batch);
        await this.#screen.errorsReady();
      }
    } finally {
      await renderer.end();
    }
  }

  #renderer({ singleValue }: Description): Renderer {
    const { format } = this.#options;
    return createRenderer({ ...this.#screen.target, format, singleValue });
  }

  #metadata({ commands }: Description, { command, key, value }: Metadata): void {
    if (key === METADATA.stderr && typeof value === 'string') this.#screen.commandError(value);
    // Of a text that could not be described, the last command that tells is the best guess.
    const isLast = commands.length === 0 || command === commands.length - 1;
    if (key === METADATA.exit && isLast) this.#lastExit = processExit(value);
    if (key === METADATA.status && Array.isArray(value)) this.#screen.status(String(value[0]), Number(value[1]));
  }

  /** Waits until it has ended at the far end. Should that fail, it is told, beside the reason for the cancel. */
  async #cancel(pipeline: RemotePipeline): Promise<void> {
    try {
      await pipeline.cancel();
    } catch (error) {
      this.#screen.complain(`can't cancel the pipeline: ${HotwireError.from(error).message}`);
    }
  }

  async #close(domain: Domain): Promise<void> {
    try {
      await domain.close();
    } catch (error) {
      this.#screen.complain(`can't close the connection: ${HotwireError.from(error).message}`);
    }
  }

  #runOptions(mode: InputMode | undefined): RunOptions {
    const { timeout, env } = this.#options;
    return {
      cwd: workingDirectory(this.#surroundings, this.#options.cwd),
      input: mode !== undefined,
      signal: this.#halt.signal,
      ...(timeout !== undefined && { timeout }),
      ...(env !== undefined && { env }),
    };
  }
}

/**
 * A text that does not parse for DescribePipeline: running it tells why, or succeeds with the environment that its
 * options set. Nothing is then known of it.
 */
function notDescribed(thrown: unknown): Description {
  if (!(thrown instanceof HotwireError && thrown.kind === 'Parse')) throw thrown;
  return {
    inputType: '',
    inputOptional: true,
    outputType: '',
    singleValue: false,
    idempotent: false,
    undoable: false,
    commands: [],
  };
}
