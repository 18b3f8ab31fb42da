// `hotwire run`: a pipeline in another domain, its objects on standard output, standard input fed to it.
import { orAborted } from '../abort';
import type { Description, DetachedOptions, Domain, RemotePipeline } from '../client/api';
import { notDescribed } from '../client/describe';
import { EXIT, HotwireError } from '../errors';
import type { Format } from '../render';
import { type Errand, type ErrandOptions, onErrand } from './errand';
import { chooseInput, feed, type InputChoice } from './feed';
import { Follower } from './follow';
import type { InputMode } from './input';
import { Interrupted } from './interrupt';
import { ManyRun } from './run-many';
import { showLines } from './show-objects';
import type { Surroundings } from './surroundings';
import { workingDirectory } from './working-directory';

export interface RunCommandOptions extends ErrandOptions {
  readonly format?: Format;
  readonly input?: InputChoice;
  /** Seconds. */
  readonly timeout?: number;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Start it, say its id, and leave it. */
  readonly detach?: boolean;
  /** A word of the pipeline that looks like an option of this command: the likely mistake if it does not parse. */
  readonly misplaced?: string;
}

/** Runs the pipeline to its end; whatever happens is told on standard error. @returns the exit status */
export function run(text: string, options: RunCommandOptions, surroundings: Surroundings): Promise<number> {
  return onErrand(
    surroundings,
    options,
    (domain, errand) => {
      const run = new Run(text, options, domain, errand);
      return options.detach ? run.detach() : run.follow();
    },
    (thrown) => {
      if (options.misplaced === undefined || !(thrown instanceof HotwireError && thrown.kind === 'Parse')) return;
      return `options of hotwire come before the pipeline: ${options.misplaced} was taken as a part of it`;
    },
    (group, errand) => {
      const run = new ManyRun(text, options, group, errand);
      return options.detach ? run.detach() : run.follow();
    },
  );
}

/** How often it is asked whether a detached pipeline that is fed has ended, in milliseconds. */
const ENDED_POLL_MS = 500;
const HAS_ENDED = new HotwireError('InvalidState', 'the pipeline has ended');

/** One pipeline from its start to its end. */
class Run {
  readonly #text: string;
  readonly #options: RunCommandOptions;
  readonly #domain: Domain;
  readonly #errand: Errand;

  constructor(text: string, options: RunCommandOptions, domain: Domain, errand: Errand) {
    this.#text = text;
    this.#options = options;
    this.#domain = domain;
    this.#errand = errand;
  }

  async follow(): Promise<number> {
    const { halt, links } = this.#errand;
    const { signal } = halt;
    const description = await this.#describe();
    const mode = this.#inputMode(description);
    const options = { ...this.#runOptions(mode), signal };
    const pipeline = await orAborted(this.#domain.run(this.#text, options), signal);
    const { format } = this.#options;
    const follower = new Follower({ ...this.#errand, format, leave: (left) => this.#cancel(left) });
    const status = await follower.follow(pipeline, description, mode);
    // A bus that was named may lead anywhere; the one of the environment is this user's own.
    const trusted = this.#options.bus === undefined && this.#domain.address === '';
    const place = { trusted, stdinIsFree: mode === undefined };
    if (pipeline.state === 'complete') await orAborted(links.settle(this.#domain, place), signal);
    return status;
  }

  /** Starts it so that it outlives us, feeds it all of the input, and says its id. */
  async detach(): Promise<number> {
    const { halt, screen, surroundings } = this.#errand;
    const { signal } = halt;
    const mode = this.#inputMode(await this.#describe());
    const id = await orAborted(this.#domain.runDetached(this.#text, this.#runOptions(mode)), signal);
    await showLines(screen, [String(id)]);
    if (mode === undefined) return EXIT.ok;
    const ended = new AbortController();
    const timer = setInterval(() => void this.#abortOnceEnded(id, ended), ENDED_POLL_MS);
    const pipeline = {
      put: (objects: readonly unknown[]) => this.#domain.putObjects(id, objects),
      closeInput: () => this.#domain.closeInput(id),
    };
    try {
      await orAborted(feed(pipeline, surroundings.stdin, mode, ended.signal), AbortSignal.any([signal, ended.signal]));
    } catch (thrown) {
      if (thrown instanceof Interrupted) screen.complain(`pipeline ${id} will fail: its input was cut short`);
      if (thrown !== HAS_ENDED) throw thrown;
    } finally {
      clearInterval(timer);
      ended.abort(HAS_ENDED);
    }
    return EXIT.ok;
  }

  /** Nothing tells whoever only feeds it, and standard input may stay open for ever. */
  async #abortOnceEnded(id: number, ended: AbortController): Promise<void> {
    const pipeline = await this.#domain.pipeline(id).catch(() => undefined);
    if (pipeline === undefined || pipeline.completed > 0) ended.abort(HAS_ENDED);
  }

  #describe(): Promise<Description> {
    return orAborted(this.#domain.describe(this.#text).catch(notDescribed), this.#errand.halt.signal);
  }

  #inputMode(description: Description): InputMode | undefined {
    return chooseInput(this.#options.input, this.#errand.surroundings.stdinIsTerminal, description);
  }

  /** Waits until it has ended at the far end. Should that fail, it is told, beside the reason for the cancel. */
  async #cancel(pipeline: RemotePipeline): Promise<void> {
    let failure: unknown;
    try {
      await pipeline.cancel();
      // It was given up: its domain, which has the signal too, found that nothing answers there.
      if (pipeline.exception?.kind === 'Domain.TimedOut') failure = pipeline.exception;
    } catch (error) {
      failure = error;
    }
    if (failure === undefined) return;
    this.#errand.screen.complain(`can't cancel the pipeline: ${HotwireError.from(failure).message}`);
  }

  #runOptions(mode: InputMode | undefined): DetachedOptions {
    const { timeout, env, cwd } = this.#options;
    // Our own directory means nothing elsewhere.
    const start = this.#domain.address === '' ? workingDirectory(this.#errand.surroundings, cwd) : cwd;
    return {
      ...(start !== undefined && { cwd: start }),
      input: mode !== undefined,
      ...(timeout !== undefined && { timeout }),
      ...(env !== undefined && { env }),
    };
  }
}
