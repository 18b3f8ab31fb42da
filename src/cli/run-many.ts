// `hotwire run` on many hosts: one merged output, each object with its host; what went wrong is told at the end.
import { orAborted } from '../abort';
import type { DetachedOptions, Metadata } from '../client/api';
import { foldNames } from '../client/fold-names';
import type { DomainGroup, GroupPipeline, HostFailure } from '../client/group-api';
import { HostErrors } from '../client/host-errors';
import { METADATA } from '../contract';
import { EXIT, HotwireError } from '../errors';
import { createRenderer, OutputClosed } from '../render';
import type { Errand } from './errand';
import { chooseInput, feed } from './feed';
import { sharedStatus, tellFailures } from './host-failures';
import type { InputMode } from './input';
import { Interrupted } from './interrupt';
import { exitStatus, type ProcessExit, processExit } from './outcome';
import type { RunCommandOptions } from './run';
import { showLines } from './show-objects';

export class ManyRun {
  readonly #text: string;
  readonly #options: RunCommandOptions;
  readonly #group: DomainGroup;
  readonly #errand: Errand;
  /** How the last command's process ended, by host. */
  readonly #exits = new Map<string, ProcessExit>();
  readonly #statuses = new Map<string, number>();
  readonly #asking = new Set<string>();
  #mode: InputMode | undefined;
  /** How many commands it has; 0 where that could not be told. */
  #commands = 0;

  constructor(text: string, options: RunCommandOptions, group: DomainGroup, errand: Errand) {
    this.#text = text;
    this.#options = options;
    this.#group = group;
    this.#errand = errand;
  }

  /** Shows what they yield until it has ended everywhere. @returns the exit status */
  async follow(): Promise<number> {
    const { halt, screen, surroundings } = this.#errand;
    const { input } = this.#options;
    const pipeline = this.#group.run(this.#text, {
      ...this.#runOptions(),
      input: (description) => {
        this.#commands = description.commands.length;
        this.#mode ??= chooseInput(input, surroundings.stdinIsTerminal, description);
        return this.#mode !== undefined;
      },
    });
    const errors = this.#listen(pipeline);
    const ended = new AbortController();
    const feeding = pipeline.started.then(() => this.#feed(pipeline, ended.signal));
    feeding.catch((failure: unknown) => halt.abort(failure));
    const reading = this.#read(pipeline, errors);
    try {
      await orAborted(reading, halt.signal);
    } catch (thrown) {
      errors.drop();
      await this.#cancel(pipeline, thrown);
      await reading.catch(() => thrown);
      throw thrown;
    } finally {
      ended.abort();
    }
    await pipeline.finished;
    await errors.told();
    screen.close();
    return this.#tell(pipeline.failures);
  }

  /** Starts it everywhere so that it outlives us, and says its ids. @returns the exit status */
  async detach(): Promise<number> {
    const { halt, screen } = this.#errand;
    const { input } = this.#options;
    if (input !== undefined && input !== 'none') {
      throw new HotwireError('InvalidArgs', '--detach on several hosts feeds no input: leave --input out');
    }
    const failures = await this.#group.each(
      async (domain, host) => {
        const id = await domain.runDetached(this.#text, this.#runOptions());
        await showLines(screen, [`${host} ${id}`]);
      },
      { signal: halt.signal },
    );
    halt.signal.throwIfAborted();
    return this.#tell(failures);
  }

  #runOptions(): Omit<DetachedOptions, 'input'> {
    const { timeout, env, cwd } = this.#options;
    return {
      ...(cwd !== undefined && { cwd }),
      ...(timeout !== undefined && { timeout }),
      ...(env !== undefined && { env: { ...env } }),
    };
  }

  async #read(pipeline: GroupPipeline, errors: HostErrors): Promise<void> {
    const { halt, screen } = this.#errand;
    const { format } = this.#options;
    const renderer = createRenderer({ ...screen.target, domains: this.#group.hosts, format, singleValue: false });
    try {
      for await (const batch of pipeline.batches()) {
        if (halt.signal.aborted) return;
        screen.count(batch.objects.length);
        await screen.free(); // where somebody is being asked for a password
        await renderer.write(batch);
        await orAborted(errors.told(), halt.signal);
      }
    } finally {
      if (!(halt.signal.reason instanceof OutputClosed)) await renderer.end();
    }
  }

  async #feed(pipeline: GroupPipeline, ended: AbortSignal): Promise<void> {
    const { screen, surroundings } = this.#errand;
    if (this.#mode === undefined || ended.aborted) return;
    if (surroundings.stdinIsTerminal) screen.close(); // what a person types and what the progress line draws would meet
    await feed(pipeline, surroundings.stdin, this.#mode, ended);
  }

  /** @returns their standard error, on its way to ours */
  #listen(pipeline: GroupPipeline): HostErrors {
    const { screen } = this.#errand;
    const errors = new HostErrors({
      write: (lines) => {
        screen.commandError(lines);
        return screen.errorsReady();
      },
      pause: (host, until) => pipeline.pause(host, until),
    });
    pipeline.on('progress', ({ done, failed, running }) => {
      screen.status(`hosts: ${done} done, ${failed} failed, ${running} running`, -1);
    });
    pipeline.on('metadata', (metadata) => this.#metadata(metadata, errors));
    pipeline.on('failed', ({ domain, error }) => {
      this.#statuses.set(domain, error.exit);
      errors.end(domain);
    });
    pipeline.on('ended', (domain, state) => {
      this.#statuses.set(domain, exitStatus(state, this.#exits.get(domain)));
      errors.end(domain);
    });
    return errors;
  }

  #metadata({ domain, command, key, value }: Metadata & { readonly domain: string }, errors: HostErrors): void {
    if (key === METADATA.stderr && typeof value === 'string') errors.add(domain, value);
    if (key === METADATA.link) this.#asking.add(domain);
    const isLast = this.#commands === 0 || command === this.#commands - 1;
    const exit = key === METADATA.exit && isLast ? processExit(value) : undefined;
    if (exit !== undefined) this.#exits.set(domain, exit);
  }

  /** Waits until it has ended everywhere, and says so to whoever asked for it. */
  async #cancel(pipeline: GroupPipeline, reason: unknown): Promise<void> {
    const { screen } = this.#errand;
    const { running, waiting } = pipeline.progress;
    const toEnd = running + waiting;
    if (reason instanceof Interrupted && toEnd > 0) screen.complain(`cancelling it on ${toEnd} hosts`);
    await pipeline.cancel();
    const cancelled = pipeline.failures.filter(({ error }) => error.kind === 'Cancelled');
    screen.close();
    if (reason instanceof Interrupted && cancelled.length > 0) {
      screen.complain(`cancelled on ${cancelled.length} hosts`);
    }
    const others = pipeline.failures.filter(({ error }) => error.kind !== 'Cancelled');
    tellFailures(screen, others, this.#group.hosts, this.#options.debug);
  }

  /** Lists what went wrong. @returns the exit status */
  #tell(failures: readonly HostFailure[]): number {
    const { screen } = this.#errand;
    for (const { domain, error } of failures) this.#statuses.set(domain, error.exit);
    tellFailures(screen, failures, this.#group.hosts, this.#options.debug);
    const failed = new Set(failures.map(({ domain }) => domain));
    const exits = new Map<number, string[]>();
    for (const domain of this.#group.hosts) {
      const status = this.#statuses.get(domain) ?? EXIT.ok;
      if (status !== EXIT.ok && !failed.has(domain)) exits.set(status, [...(exits.get(status) ?? []), domain]);
    }
    for (const [status, hosts] of exits) screen.complain(`${foldNames(hosts)}: exit status ${status}`);
    if (this.#asking.size > 0) {
      const hosts = foldNames(this.#group.hosts.filter((host) => this.#asking.has(host)));
      screen.complain(`${hosts}: asks for this terminal (edit, view, open, term): run it on one host alone`);
      for (const host of this.#asking) if (!this.#statuses.get(host)) this.#statuses.set(host, EXIT.failed);
    }
    return sharedStatus(this.#statuses.values());
  }
}
