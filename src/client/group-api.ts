import type { PipelineState } from '../contract';
import type { HotwireError } from '../errors';
import type {
  Batch,
  ConnectOptions,
  Description,
  Domain,
  Metadata,
  ObjectSource,
  RemotePipeline,
  RunOptions,
} from './api';
import type { Host } from './hosts';

export interface GroupOptions extends ConnectOptions {
  /** How many domains are spoken to at once; FANOUT by default. */
  fanout?: number;
  /**
   * Called where a domain can't be opened before somebody has logged in (PromptNeeded, LoginRefused, HostKey), for one
   * after the other. True: it is tried again.
   */
  login?: (host: Host, error: HotwireError) => Promise<boolean>;
  /** False: a domain is left as soon as nothing is to be done in it. */
  keep?: boolean;
}

/** A batch, and where it is from. */
export interface TaggedBatch extends Batch {
  /** As it was named, e.g. `web1`. */
  readonly domain: string;
}

/** A host with which something went wrong. */
export interface HostFailure {
  readonly domain: string;
  readonly error: HotwireError;
}

/** How many hosts are how far; together they are `total`. */
export interface GroupProgress {
  readonly total: number;
  /** Not begun. */
  readonly waiting: number;
  readonly running: number;
  readonly done: number;
  readonly failed: number;
}

export interface GroupEvents {
  progress: [progress: GroupProgress];
  metadata: [metadata: Metadata & { readonly domain: string }];
  /** Something went wrong at a host; the others go on. */
  failed: [failure: HostFailure];
  /** It runs there; how it ends is told by `ended` or `failed`. */
  started: [domain: string, pipeline: RemotePipeline];
  ended: [domain: string, state: PipelineState];
}

export interface GroupRunOptions extends Omit<RunOptions, 'input'> {
  /** As of any pipeline; a function is asked on each host, which tells what the pipeline is there. */
  input?: boolean | ObjectSource | ((description: Description) => boolean);
  /** Adds `@domain` to each object; a value that is none becomes `{"@domain": …, "value": …}`. */
  tagged?: boolean;
}

/** A pipeline on many domains: as a RemotePipeline, but that a host which fails does not stop the others. */
export interface GroupPipeline extends AsyncIterable<unknown>, AsyncDisposable {
  readonly text: string;
  readonly progress: GroupProgress;
  /** What went wrong so far, host by host. */
  readonly failures: readonly HostFailure[];
  /** Resolves once it runs, or can't, wherever it is fed; without input that is when it has ended. */
  readonly started: Promise<void>;
  /** Resolves once it has ended everywhere; never rejects. Needs the output to be read or `drain`ed. */
  readonly finished: Promise<GroupProgress>;
  /**
   * The output of all as it comes, batch by batch: who reads slowly pauses all. A host's failure is in `failures` and not
   * thrown. Leaving early cancels everywhere. One reader.
   */
  batches(): AsyncIterable<TaggedBatch>;
  /** Reads and drops the output. */
  drain(): Promise<GroupProgress>;
  /** Feeds objects to all alike; resolves once the slowest can take more. @throws InvalidState when none takes any more */
  put(objects: readonly unknown[]): Promise<void>;
  closeInput(): Promise<void>;
  /** Asks one host for no more until that has settled: see `RemotePipeline.pause`. */
  pause(domain: string, until: Promise<unknown>): void;
  /** Cancels it everywhere; resolves once it has ended. */
  cancel(): Promise<void>;
  on<E extends keyof GroupEvents>(event: E, listener: (...args: GroupEvents[E]) => void): this;
  off<E extends keyof GroupEvents>(event: E, listener: (...args: GroupEvents[E]) => void): this;
}

/** Many domains. Each is opened when it is first needed. */
export interface DomainGroup extends AsyncDisposable {
  /** As they were named, each once. */
  readonly hosts: readonly string[];
  /** Starts a pipeline on all, `fanout` at a time; with `input` on all at once, as they are fed alike. */
  run(text: string, options?: GroupRunOptions): GroupPipeline;
  /** Does something in each, `fanout` at a time. @returns where it went wrong, in the order of `hosts` */
  each(
    work: (domain: Domain, host: string) => Promise<void>,
    options?: { signal?: AbortSignal },
  ): Promise<HostFailure[]>;
  close(): Promise<void>;
}
