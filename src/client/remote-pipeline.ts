import { EventEmitter } from 'node:events';
import type { PipelineState } from '../contract';
import { HotwireError } from '../errors';
import { CLIENT_CREDIT_SIGNALS } from '../limits';
import { decodeObjects, type IncomingMessage } from '../wire';
import type { Batch, Description, PipelineEvents, RemotePipeline } from './api';
import { CreditQueue } from './queue';
import type { SlaveProxy } from './slave-proxy';

/** A failure at the far end: `message` is its first line, `detail` all that came. */
export class PipelineError extends HotwireError {
  readonly detail: string;

  constructor(traceback: string) {
    const end = traceback.indexOf('\n');
    super('PipelineFailed', end < 0 ? traceback : traceback.slice(0, end));
    this.detail = traceback;
  }
}

function decodeResult(message: IncomingMessage): Batch {
  const [, className, json] = message.body as [number, string, string];
  return { className, objects: [JSON.parse(json)] };
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
  readonly #forget: () => void;
  #resolveFinished!: (state: PipelineState) => void;
  #reading = false;

  /** @param forget called when the far end has forgotten the pipeline: no signal of it will come */
  constructor(proxy: SlaveProxy, id: number, text: string, forget: () => void) {
    super();
    this.id = id;
    this.text = text;
    this.#proxy = proxy;
    this.#forget = forget;
    this.#output = new CreditQueue(CLIENT_CREDIT_SIGNALS, (count) => {
      this.#proxy.notify('AcknowledgeObjects', [this.id, count]);
    });
    this.finished = new Promise((resolve) => {
      this.#resolveFinished = resolve;
    });
  }

  get state(): PipelineState {
    return this.#state;
  }

  describe(): Promise<Description> {
    return this.#proxy.describe(this.text);
  }

  async *batches(): AsyncGenerator<Batch> {
    if (this.#reading) throw new HotwireError('InvalidState', 'the output of a pipeline has one reader');
    this.#reading = true;
    try {
      for (let message = await this.#output.next(); message; message = await this.#output.next()) {
        const batch = message.member === 'PipelineResult' ? decodeResult(message) : decodeObjects(message);
        this.outputType = batch.className;
        yield batch;
      }
      if (this.exception !== undefined) throw this.exception;
    } finally {
      if (!this.#isFinished) await this.cancel();
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
    const texts = objects.map((object) => JSON.stringify(object) ?? 'null');
    await this.#proxy.call('PutObjects', [this.id, texts], { timeoutMs: Number.POSITIVE_INFINITY });
  }

  async closeInput(): Promise<void> {
    await this.#proxy.call('CloseInput', [this.id]);
  }

  async cancel(): Promise<void> {
    if (this.#isFinished) return;
    this.#output.clear();
    await this.#proxy.call('CancelPipeline', [this.id]);
    await this.finished;
  }

  async undo(): Promise<void> {
    await this.#proxy.call('UndoPipeline', [this.id], { timeoutMs: Number.POSITIVE_INFINITY });
  }

  async release(): Promise<void> {
    this.#output.clear();
    await this.#proxy.call('ReleasePipeline', [this.id]);
    await this.finished;
    this.#forget();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  /** A signal of this pipeline, in the order of arrival. */
  receive(message: IncomingMessage): void {
    switch (message.member) {
      case 'PipelineObjects':
      case 'PipelineResult':
        this.#output.push(message);
        break;
      case 'PipelineMetadata': {
        const [, command, key, value] = message.body as [number, number, string, string];
        this.#output.consumed();
        this.emit('metadata', { command, key, value: JSON.parse(value) });
        break;
      }
      case 'PipelineException':
        this.exception = new PipelineError(message.body[1] as string);
        break;
      case 'PipelineStateChanged':
        this.#enter(message.body[1] as PipelineState);
        break;
    }
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
    this.#state = state;
    if (TERMINAL.includes(state)) {
      this.#output.end();
      this.#resolveFinished(state);
    }
    this.emit('state', state);
  }
}
