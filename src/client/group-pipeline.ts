import { EventEmitter, setMaxListeners } from 'node:events';
import type { PipelineState } from '../contract';
import { tagged } from '../domain-tag';
import { HotwireError } from '../errors';
import type { Domain, RemotePipeline } from './api';
import { notDescribed } from './describe';
import { fanOut } from './fan-out';
import { feedFrom, takesNoMore } from './feed';
import type { GroupEvents, GroupPipeline, GroupProgress, GroupRunOptions, HostFailure, TaggedBatch } from './group-api';
import type { Host } from './hosts';
import { Merge } from './merge';

/** What a pipeline on many domains asks of its group. */
export interface Members {
  readonly hosts: readonly Host[];
  readonly fanout: number;
  open(host: Host, signal: AbortSignal): Promise<Domain>;
  /** Nothing more is to be done there. Never rejects. */
  leave(host: Host): Promise<void>;
}

const CANCELLED = new HotwireError('Cancelled', 'cancelled');

/** One pipeline on each of many domains. */
export class FannedPipeline extends EventEmitter<GroupEvents> implements GroupPipeline {
  readonly text: string;
  readonly failures: HostFailure[] = [];
  readonly started: Promise<void>;
  readonly finished: Promise<GroupProgress>;
  readonly #members: Members;
  readonly #options: GroupRunOptions;
  readonly #merge = new Merge<TaggedBatch>();
  readonly #stop = new AbortController();
  readonly #running = new Map<string, RemotePipeline>();
  /** Those that take input. */
  readonly #fed = new Set<RemotePipeline>();
  #setStarted!: () => void;
  #inputFailure: HotwireError | undefined;
  #begun = 0;
  #done = 0;
  #reading = false;

  constructor(text: string, members: Members, options: GroupRunOptions) {
    super();
    this.text = text;
    this.#members = members;
    this.#options = options;
    this.started = new Promise((resolve) => {
      this.#setStarted = resolve;
    });
    const { signal, input } = options;
    setMaxListeners(0, this.#stop.signal); // it serves all hosts
    const onAbort = () => this.#stop.abort(CANCELLED);
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
    this.finished = this.#work().then(() => {
      signal?.removeEventListener('abort', onAbort);
      this.#merge.end();
      return this.progress;
    });
    if (typeof input === 'object') {
      feedFrom(input, this).catch((thrown: unknown) => {
        this.#inputFailure = HotwireError.from(thrown);
        this.#stop.abort(CANCELLED);
      });
    }
  }

  get progress(): GroupProgress {
    const total = this.#members.hosts.length;
    const failed = this.failures.length;
    const running = this.#begun - this.#done - failed;
    return { total, waiting: total - this.#begun, running, done: this.#done, failed };
  }

  async *batches(): AsyncGenerator<TaggedBatch> {
    if (this.#reading) throw new HotwireError('InvalidState', 'the output of a pipeline has one reader');
    this.#reading = true;
    try {
      yield* this.#merge;
      if (this.#inputFailure !== undefined) throw this.#inputFailure;
    } finally {
      await this.cancel();
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown> {
    for await (const batch of this.batches()) yield* batch.objects;
  }

  async drain(): Promise<GroupProgress> {
    for await (const _ of this.batches());
    return this.progress;
  }

  async put(objects: readonly unknown[]): Promise<void> {
    await this.#feed((pipeline) => pipeline.put(objects));
    if (this.#fed.size === 0) throw new HotwireError('InvalidState', 'it takes no more input on any host');
  }

  async closeInput(): Promise<void> {
    await this.#feed((pipeline) => pipeline.closeInput());
  }

  pause(domain: string, until: Promise<unknown>): void {
    this.#running.get(domain)?.pause(until);
  }

  async cancel(): Promise<void> {
    this.#stop.abort(CANCELLED);
    this.#merge.end();
    await this.finished;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel();
  }

  /** Never rejects. */
  async #work(): Promise<void> {
    const { hosts, fanout } = this.#members;
    // Whoever is fed with the others has to run with them: then the fan-out bounds the connecting alone.
    const following: Promise<void>[] = [];
    await Promise.resolve(); // nothing happens before its caller can listen
    await fanOut(hosts, fanout, async (host) => {
      const running = this.#runOn(host);
      following.push(running.ended);
      if (!(await running.isFed)) await running.ended;
    });
    this.#setStarted();
    await Promise.all(following);
  }

  /** Neither rejects. */
  #runOn(host: Host): { isFed: Promise<boolean>; ended: Promise<void> } {
    this.#begun += 1;
    this.#tellProgress();
    const starting = this.#start(host);
    const ended = starting
      .then((pipeline) => this.#follow(host, pipeline))
      .then(
        (state) => {
          this.#done += 1;
          this.#tell('ended', host.name, state);
        },
        (thrown: unknown) => this.#failed(host, thrown),
      )
      .then(() => {
        this.#tellProgress();
        return this.#members.leave(host);
      });
    const isFed = starting.then(
      (pipeline) => this.#fed.has(pipeline),
      () => false,
    );
    return { isFed, ended };
  }

  async #start(host: Host): Promise<RemotePipeline> {
    const { signal } = this.#stop;
    signal.throwIfAborted();
    const domain = await this.#members.open(host, signal);
    const { tagged: _tagged, input: given, ...options } = this.#options;
    const input = typeof given === 'function' ? given(await domain.describe(this.text).catch(notDescribed)) : given;
    const pipeline = await domain.run(this.text, { ...options, signal, ...(input && { input: true }) });
    this.#running.set(host.name, pipeline);
    pipeline.on('metadata', (metadata) => this.#tell('metadata', { ...metadata, domain: host.name }));
    if (input) this.#fed.add(pipeline);
    this.#tell('started', host.name, pipeline);
    return pipeline;
  }

  async #follow(host: Host, pipeline: RemotePipeline): Promise<PipelineState> {
    try {
      for await (const { className, objects } of pipeline.batches()) {
        if (this.#options.tagged) {
          const isData = typeof objects[0] === 'object' && objects[0] !== null && !Array.isArray(objects[0]);
          const batch = { className: isData ? className : 'object', objects: tagged(objects, host.name) };
          await this.#merge.put({ ...batch, domain: host.name });
        } else await this.#merge.put({ className, objects, domain: host.name });
        // Nobody reads any more: what is left of it is not asked for.
        this.#stop.signal.throwIfAborted();
      }
      const state = await pipeline.finished;
      if (state === 'cancelled') throw CANCELLED;
      return state;
    } finally {
      this.#fed.delete(pipeline);
      this.#running.delete(host.name);
    }
  }

  #failed(host: Host, thrown: unknown): void {
    const failure = { domain: host.name, error: HotwireError.from(thrown) };
    this.failures.push(failure);
    this.#tell('failed', failure);
  }

  #tellProgress(): void {
    this.#tell('progress', this.progress);
  }

  /** What a listener throws is no failure of the pipeline: it is the process's, as of any event. */
  #tell<E extends keyof GroupEvents>(event: E, ...args: GroupEvents[E]): void {
    try {
      (this as EventEmitter).emit(event, ...args);
    } catch (error) {
      process.nextTick(() => {
        throw error;
      });
    }
  }

  /** Whoever takes no more is left out from then on. @throws what is wrong with the input itself */
  async #feed(give: (pipeline: RemotePipeline) => Promise<void>): Promise<void> {
    await this.started;
    await Promise.all(
      [...this.#fed].map((pipeline) =>
        give(pipeline).catch((thrown: unknown) => {
          this.#fed.delete(pipeline);
          if (!takesNoMore(thrown)) throw thrown;
        }),
      ),
    );
  }
}
