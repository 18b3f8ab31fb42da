// Shows what a pipeline yields, and feeds it, until it ends or there is a reason to stop.
import { orAborted } from '../abort';
import type { Description, Metadata, RemotePipeline } from '../client/api';
import { METADATA } from '../contract';
import { createRenderer, type Format, OutputClosed, type Renderer } from '../render';
import { feed } from './feed';
import type { InputMode } from './input';
import { Interrupted } from './interrupt';
import type { Links } from './links';
import { exitStatus, type ProcessExit, processExit } from './outcome';
import type { Screen } from './screen';
import type { Surroundings } from './surroundings';

export interface FollowerOptions {
  readonly surroundings: Surroundings;
  readonly screen: Screen;
  /** Aborted with the reason to stop early. */
  readonly halt: AbortController;
  readonly links: Links;
  readonly format: Format | undefined;
  /** Leaves a pipeline that is not followed to its end: cancels it, or lets it go on. Never rejects. */
  readonly leave: (pipeline: RemotePipeline) => Promise<void>;
}

export class Follower {
  /** How the last command's process ended, if it was one. */
  #lastExit: ProcessExit | undefined;
  readonly #options: FollowerOptions;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  /**
   * Reads the output, and feeds the input beside it.
   * @param mode how standard input is fed; undefined when it is not
   * @returns the exit status
   * @throws why it failed, and the reason to stop early
   */
  async follow(pipeline: RemotePipeline, description: Description, mode?: InputMode): Promise<number> {
    const { surroundings, screen, halt, leave } = this.#options;
    pipeline.on('metadata', (metadata) => this.#metadata(pipeline, description, metadata));
    const ended = new AbortController();
    // what a person types and what the progress line draws would meet
    if (mode && surroundings.stdinIsTerminal) screen.close();
    let inputFailure: unknown;
    const feeding =
      mode &&
      feed(pipeline, surroundings.stdin, mode, ended.signal).catch((failure: unknown) => {
        inputFailure = failure;
        return pipeline.closeInput(); // what came before it is worth its results
      });
    feeding?.catch((failure) => halt.abort(inputFailure ?? failure));
    const reading = this.#read(pipeline, description);
    try {
      await orAborted(reading, halt.signal);
    } catch (thrown) {
      await leave(pipeline);
      // what had come before a broken input is still shown; a reader who left or a person who said stop wants no more
      if (!(thrown instanceof Interrupted || thrown instanceof OutputClosed)) await reading.catch(() => thrown);
      throw thrown;
    } finally {
      ended.abort();
    }
    if (inputFailure !== undefined) throw inputFailure;
    return exitStatus(await pipeline.finished, this.#lastExit);
  }

  async #read(pipeline: RemotePipeline, description: Description): Promise<void> {
    const { halt, screen } = this.#options;
    const renderer = this.#renderer(description);
    try {
      for await (const batch of pipeline.batches()) {
        if (halt.signal.aborted) return;
        screen.count(batch.objects.length);
        await renderer.write(batch);
        await screen.errorsReady();
      }
    } finally {
      await renderer.end();
    }
  }

  #renderer({ singleValue }: Description): Renderer {
    const { screen, format } = this.#options;
    return createRenderer({ ...screen.target, format, singleValue });
  }

  #metadata(pipeline: RemotePipeline, { commands }: Description, { command, key, value }: Metadata): void {
    const { screen, links } = this.#options;
    if (key === METADATA.stderr && typeof value === 'string') {
      screen.commandError(value);
      pipeline.pause(screen.errorsReady());
    }
    // Of a text that could not be described, the last command that tells is the best guess.
    const isLast = commands.length === 0 || command === commands.length - 1;
    if (key === METADATA.exit && isLast) this.#lastExit = processExit(value);
    if (key === METADATA.link) links.note(value);
    if (key === METADATA.status && Array.isArray(value)) screen.status(String(value[0]), Number(value[1]));
  }
}
