import { EventEmitter } from 'node:events';
import type { PipelineState } from '../contract';
import { HotwireError } from '../errors';
import { toJson } from '../json';
import { CLIENT_CREDIT_SIGNALS, NO_SIGNAL } from '../limits';
import type { IncomingMessage } from '../wire';
import type { Batch, Description, PipelineEvents, RemotePipeline } from './api';
import { argumentsOf, decodeBatch } from './pipeline-signals';
import { CreditQueue } from './queue';
import type { CallOptions, SlaveProxy } from './slave-proxy';

/**
 * A failure at the far end: `message` is its first line, `detail` all that came. Its kind is PipelineFailed, or that of a
 * domain that was lost.
 */
export class PipelineError extends HotwireError {
  readonly detail: string;

  constructor(traceback: string) {
    const [first = '', second = '', ...rest] = traceback.split('\n');
    const { kind } = HotwireError.fromBus(second, '');
    if (kind.startsWith('Domain.')) super(kind, [first, ...rest].join('\n').trimEnd());
    else super('PipelineFailed', first);
    this.detail = traceback;
  }
}

/** What a pipeline asks of its domain. */
export interface Keeper {
  /** No signal of it is wanted any more. */
  forget(): void;
  /** Told what a listener threw: that is no failure of the pipeline. */
  defect(error: unknown): void;
}

const TERMINAL: readonly PipelineState[] = ['complete', 'cancelled', 'exception'];

/** The client's side of a pipeline: signals in, objects and events out. */
export class ProxiedPipeline extends EventEmitter<PipelineEvents> implements RemotePipeline {
  readonly id: number;
  readonly text: string;
  readonly finished: Promise<PipelineState>;
  exception: (HotwireError & { readonly detail?: string }) | undefined;
  outputType = '';
  #state: PipelineState = 'waiting';
  readonly #proxy: SlaveProxy;
  readonly #output: CreditQueue<IncomingMessage>;
  readonly #keeper: Keeper;
  /** Number of the first signal that comes, of a detached pipeline; undefined for one that is ours alone. */
  readonly #from: number | undefined;
  #resolveFinished!: (state: PipelineState) => void;
  #reading = false;

  constructor(proxy: SlaveProxy, id: number, text: string, keeper: Keeper, from?: number) {
    super();
    this.id = id;
    this.text = text;
    this.#from = from;
    this.#proxy = proxy;
    this.#keeper = keeper;
    const giveBack = (count: number) => this.#proxy.notify('AcknowledgeObjects', [this.id, count]);
    this.#output = new CreditQueue(CLIENT_CREDIT_SIGNALS, giveBack, from !== undefined);
    this.finished = new Promise((resolve) => {
      this.#resolveFinished = resolve;
    });
  }

  get state(): PipelineState {
    return this.#state;
  }

  get signals(): number {
    return (this.#from ?? 0) + this.#output.consumed;
  }

  describe(): Promise<Description> {
    return this.#proxy.describe(this.text);
  }

  async *batches(): AsyncGenerator<Batch> {
    if (this.#reading) throw new HotwireError('InvalidState', 'the output of a pipeline has one reader');
    this.#reading = true;
    try {
      for (let message = await this.#output.next(); message; message = await this.#output.next()) {
        const batch = this.#batch(message);
        this.outputType = batch.className;
        yield batch;
      }
      if (this.exception !== undefined) throw this.exception;
    } finally {
      if (!this.#isFinished) await this.#unread();
    }
  }

  /** Its reader has gone: it is cancelled, unless it is detached. */
  async #unread(): Promise<void> {
    if (this.#from === undefined) {
      await this.cancel();
      return;
    }
    this.#letGo();
    this.lose(new HotwireError('Cancelled', `pipeline ${this.id} is not followed any more`));
  }

  #letGo(): void {
    this.#proxy.notify('AttachPipeline', [this.id, NO_SIGNAL]);
  }

  #batch(message: IncomingMessage): Batch {
    try {
      return decodeBatch(message);
    } catch (cause) {
      throw this.#garbled(message, cause);
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown> {
    for await (const batch of this.batches()) yield* batch.objects;
  }

  async drain(): Promise<PipelineState> {
    if (this.#reading) throw new HotwireError('InvalidState', 'the output of a pipeline has one reader');
    this.#reading = true;
    while ((await this.#output.next()) !== undefined);
    return this.finished;
  }

  async put(objects: readonly unknown[]): Promise<void> {
    const texts = objects.map(toJson);
    await this.#proxy.call('PutObjects', [this.id, texts], { timeoutMs: Number.POSITIVE_INFINITY });
  }

  async closeInput(): Promise<void> {
    await this.#proxy.call('CloseInput', [this.id]);
  }

  async cancel(): Promise<void> {
    if (this.#isFinished) return;
    this.#output.clear();
    // Given up meanwhile, it is not waited for.
    await Promise.race([this.#proxy.call('CancelPipeline', [this.id]), this.finished]);
    await this.finished;
  }

  async undo(): Promise<void> {
    await this.#proxy.call('UndoPipeline', [this.id], { timeoutMs: Number.POSITIVE_INFINITY });
    this.#enter('undone');
  }

  async release(): Promise<void> {
    this.#output.clear();
    await this.#proxy.call('ReleasePipeline', [this.id]);
    await this.finished;
  }

  /** Its domain is left: it ends there, unless it is detached. */
  async leave(options: CallOptions): Promise<void> {
    this.#output.clear();
    if (this.#from === undefined) await this.#proxy.call('ReleasePipeline', [this.id], options);
    else this.#letGo();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  pause(until: Promise<unknown>): void {
    this.#output.pause(until);
  }

  /** A signal of this pipeline, in the order of arrival. Never throws. */
  receive(message: IncomingMessage): void {
    if (message.member === 'PipelineObjects' || message.member === 'PipelineResult') {
      this.#output.push(message);
      return;
    }
    let act: () => void;
    try {
      act = this.#decode(message);
    } catch (cause) {
      this.#garbled(message, cause);
      return;
    }
    act();
  }

  /** All of a signal is decoded before anything happens. */
  #decode(message: IncomingMessage): () => void {
    switch (message.member) {
      case 'PipelineMetadata': {
        const [, command, key, json] = argumentsOf(message, message.member);
        const value: unknown = JSON.parse(json);
        return () => {
          this.#output.pass(true);
          this.#tell(() => this.emit('metadata', { command, key, value }));
        };
      }
      case 'PipelineException': {
        const [, traceback] = argumentsOf(message, message.member);
        return () => {
          this.#output.pass(false);
          this.exception = new PipelineError(traceback);
        };
      }
      case 'PipelineStateChanged': {
        const [, state] = argumentsOf(message, message.member);
        return () => {
          this.#output.pass(false);
          this.#enter(state as PipelineState);
        };
      }
      default:
        return () => this.#output.pass(false); // of a later version
    }
  }

  /** A signal that can't be read: what else of it is lost can't be known, so it is given up, at the far end too. */
  #garbled(message: IncomingMessage, cause: unknown): HotwireError {
    const words = `a ${message.member} from the slave can't be read: ${HotwireError.from(cause).message}`;
    const error = new HotwireError('Failed', words, { cause });
    if (!this.#isFinished) this.#proxy.notify('CancelPipeline', [this.id]);
    this.lose(error);
    return error;
  }

  /** What is fed to it is at fault: it ends, and whoever reads its output is told that. */
  inputFailed(error: HotwireError): void {
    if (this.#isFinished) return;
    this.exception = error;
    this.cancel().catch((failure: unknown) => this.lose(HotwireError.from(failure)));
  }

  /** A detached one that had ended, and of which all had come, before it was attached to. */
  endedBefore(state: PipelineState, failure: string): void {
    if (this.#isFinished) return;
    if (failure !== '') this.exception = new PipelineError(failure);
    this.#enter(state);
  }

  /** The connection has ended before the pipeline. */
  lose(error: HotwireError): void {
    if (this.#isFinished) return;
    this.exception = error;
    this.#enter('exception');
  }

  get #isFinished(): boolean {
    return TERMINAL.includes(this.#state) || this.#state === 'undone';
  }

  #enter(state: PipelineState): void {
    const wasFinished = this.#isFinished;
    this.#state = state;
    // `undone` ends one that was attached to behind its last state.
    if (this.#isFinished && !wasFinished) {
      this.#keeper.forget();
      this.#output.end();
      this.#resolveFinished(state);
    }
    this.#tell(() => this.emit('state', state));
  }

  #tell(listeners: () => void): void {
    try {
      listeners();
    } catch (error) {
      this.#keeper.defect(error);
    }
  }
}
