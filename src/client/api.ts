import type { Dictionary, PipelineState } from '../contract';
import type { HotwireError } from '../errors';

/** Some objects of one class, as they arrived. */
export interface Batch {
  readonly className: string;
  readonly objects: readonly unknown[];
}

/** A piece of side information of one command of a pipeline. */
export interface Metadata {
  /** Index of the command in the pipeline, from 0. */
  readonly command: number;
  /** `hotwire.status`, `hotwire.stderr`, `hotwire.exit`, `hotwire.link`, or one that is not known here. */
  readonly key: string;
  readonly value: unknown;
}

/** Objects for a pipeline, as they come. */
export type ObjectSource = Iterable<unknown> | AsyncIterable<unknown>;

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
  /**
   * What is fed to it: read as fast as the pipeline takes it, and ended when that takes no more. Should it throw, the
   * pipeline is cancelled, and whoever reads its output gets what was thrown. `true`: see `RemotePipeline.put`.
   */
  input?: boolean | ObjectSource;
  /** Seconds, after which the pipeline ends in `exception` (TimedOut). */
  timeout?: number;
  /** Cancels the pipeline when aborted. */
  signal?: AbortSignal;
}

/** As `RunOptions`; its input is put by whoever attaches to it. */
export interface DetachedOptions extends Omit<RunOptions, 'signal' | 'input'> {
  input?: boolean;
}

/** As `RunOptions`, but nothing can be put, and nothing tells the far end to stop early: `timeout` bounds it. */
export interface EvaluateOptions extends Omit<RunOptions, 'input' | 'signal'> {
  /** Most bytes of JSON text that it may answer; more is LimitExceeded. */
  maxBytes?: number;
}

/** What a pipeline is, without running it. */
export interface Description {
  /** Class that it takes; empty when it takes none. */
  readonly inputType: string;
  readonly inputOptional: boolean;
  /** Class that it yields; empty when it yields nothing. */
  readonly outputType: string;
  readonly singleValue: boolean;
  readonly idempotent: boolean;
  readonly undoable: boolean;
  readonly commands: readonly string[];
}

/** A pipeline as its slave tells of it. */
export interface PipelineInfo {
  readonly id: number;
  readonly text: string;
  readonly state: PipelineState;
  /** Unique name of the client that it belongs to; empty for a detached one, which belongs to its user. */
  readonly owner: string;
  readonly detached: boolean;
  /** Seconds since the epoch; `completed` is 0 while it runs. */
  readonly started: number;
  readonly completed: number;
  readonly outputType: string;
  readonly singleValue: boolean;
  readonly idempotent: boolean;
  readonly undoable: boolean;
  /** How much it has yielded. */
  readonly objects: number;
  /** Signals of it so far: the number of the next. */
  readonly signals: number;
  /** How the program of its last command ended, if that was one. */
  readonly exit: { readonly code: number | null; readonly signal: string | null } | undefined;
  /** Why it waits (its spool is full, the disk is), in words; empty if it does not. */
  readonly waiting: string;
  /** Why it failed: the name of the error on the bus, and its message. */
  readonly error: { readonly name: string; readonly message: string } | undefined;
}

/** A domain that a slave has open for its clients. */
export interface DomainInfo {
  readonly address: string;
  /** Its object. */
  readonly path: string;
  readonly state: string;
  /** Seconds since the epoch. */
  readonly opened: number;
  /** How many pipelines of this client run there. */
  readonly pipelines: number;
  /** How many clients have it open. */
  readonly clients: number;
}

export interface PipelineEvents {
  state: [state: PipelineState];
  metadata: [metadata: Metadata];
}

/** What may stand at a place of a text. */
export interface Completion {
  /** The replaced text begins here, and ends at the cursor; in UTF-16 units. */
  readonly start: number;
  /** Best first. A directory ends in `/`. */
  readonly candidates: readonly { readonly replacement: string; readonly description: string }[];
}

/** The Pipeline API on a pipeline that runs in another domain. */
export interface RemotePipeline extends AsyncIterable<unknown>, AsyncDisposable {
  readonly id: number;
  readonly text: string;
  readonly state: PipelineState;
  /** Why it failed, once `state` is `exception`: kind PipelineFailed; `message` is the first line, `detail` all of it. */
  readonly exception: (HotwireError & { readonly detail?: string }) | undefined;
  /** Class of the newest batch; empty before the first. `describe` tells what is declared. */
  readonly outputType: string;
  /**
   * Signals of it that were consumed, from the first: objects when the next are asked for, all else as it comes. For a
   * detached pipeline this is where to attach again.
   */
  readonly signals: number;
  /** Its types and what can be done with it. */
  describe(): Promise<Description>;
  /** Resolves with the terminal state; never rejects for a failed pipeline. Needs the output to be read or `drain`ed. */
  readonly finished: Promise<PipelineState>;
  /**
   * The output, batch by batch; throws `exception` at the end of a failed pipeline. Leaving early cancels, but for a
   * detached pipeline, which goes on. One reader.
   */
  batches(): AsyncIterable<Batch>;
  /** Reads and drops the rest of the output. */
  drain(): Promise<PipelineState>;
  /** Feeds objects; resolves once the far end can take more. */
  put(objects: readonly unknown[]): Promise<void>;
  /** Ends the input. */
  closeInput(): Promise<void>;
  /**
   * Asks the far end for no more until that has settled, e.g. until what came as metadata has been written somewhere slow.
   * What is on its way, a window of signals at most, still comes.
   */
  pause(until: Promise<unknown>): void;
  /** Cancels it at the far end; resolves once its last process is gone. */
  cancel(): Promise<void>;
  undo(): Promise<void>;
  /** Cancels if running, then forgets it and its output at the far end. */
  release(): Promise<void>;
  on<E extends keyof PipelineEvents>(event: E, listener: (...args: PipelineEvents[E]) => void): this;
  off<E extends keyof PipelineEvents>(event: E, listener: (...args: PipelineEvents[E]) => void): this;
}

export interface DomainEvents {
  context: [changes: Dictionary];
  close: [error: HotwireError | undefined];
}

/** Somewhere that pipelines run. */
export interface Domain extends AsyncDisposable {
  readonly address: string;
  readonly version: string;
  run(text: string, options?: RunOptions): Promise<RemotePipeline>;
  /** Starts one that outlives this connection, and belongs to its user. @returns its id, for `attach` and the others below */
  runDetached(text: string, options?: DetachedOptions): Promise<number>;
  /**
   * Follows a detached pipeline: its signals from number `from` on, old ones and new ones.
   * @throws NoSuchPipeline, AccessDenied, InvalidState when it is not detached, LimitExceeded when those are gone
   */
  attach(pipeline: number, from?: number): Promise<RemotePipeline>;
  /** The pipelines of this client, and the detached ones of its user. */
  pipelines(): Promise<PipelineInfo[]>;
  pipeline(id: number): Promise<PipelineInfo>;
  /** Feeds a detached pipeline, attached to or not: see `RemotePipeline.put`. */
  putObjects(id: number, objects: readonly unknown[]): Promise<void>;
  closeInput(id: number): Promise<void>;
  cancelPipeline(id: number): Promise<void>;
  undoPipeline(id: number): Promise<void>;
  releasePipeline(id: number): Promise<void>;
  /** The domains that the slave here keeps open for this user. */
  domains(): Promise<DomainInfo[]>;
  /** Ends what this client has in one of those; it closes unless another client has it open. @throws UnknownObject */
  closeDomain(path: string): Promise<void>;
  /** Runs to the end and returns everything. @throws PipelineFailed, Parse, LimitExceeded */
  evaluate(text: string, options?: EvaluateOptions): Promise<Batch[]>;
  describe(text: string): Promise<Description>;
  /** What may stand at `cursor` (in UTF-16 units; the end by default) of a text that is still being typed. */
  complete(text: string, cursor?: number): Promise<Completion>;
  /** As the contract's GetContext: user, uid, host, home, cwd, pid, version. */
  context(): Promise<Record<string, unknown>>;
  changeDirectory(directory: string): Promise<string>;
  setEnvironment(changes: Record<string, string>): Promise<void>;
  close(): Promise<void>;
  on<E extends keyof DomainEvents>(event: E, listener: (...args: DomainEvents[E]) => void): this;
}

export interface ConnectOptions {
  /** Address of the bus, instead of the session bus of the environment. */
  bus?: string;
  /** Never use a bus: start a slave of our own. */
  embedded?: boolean;
  environment?: NodeJS.ProcessEnv;
  /** Milliseconds that connecting to the slave of this machine may take. */
  timeoutMs?: number;
  /** Gives up when aborted. */
  signal?: AbortSignal;
}
