import type { PipelineState, SignalArguments, SignalName } from '../contract';
import { type Batch, type Context, isFinished, type Pipeline, type PipelineSink } from '../engine';
import type { HotwireError } from '../errors';
import { encodeBatch } from './batches';
import { KeptOutput } from './kept-output';
import type { Outbox } from './outbox';
import type { SignalSender } from './sender';

/** A pipeline of one owner: turns what the engine reports into signals, and keeps its output for `current`. */
export class HostedPipeline implements PipelineSink {
  readonly id: number;
  readonly pipeline: Pipeline;
  readonly outbox: Outbox;
  /** Objects sent or about to be sent. */
  objectCount = 0;
  readonly #sender: SignalSender;
  readonly #context: Context;
  readonly #kept = new KeptOutput();

  constructor(id: number, pipeline: Pipeline, context: Context, outbox: Outbox, sender: SignalSender) {
    this.id = id;
    this.pipeline = pipeline;
    this.outbox = outbox;
    this.#context = context;
    this.#sender = sender;
  }

  get finished(): boolean {
    return isFinished(this.pipeline.state);
  }

  /** Runs it to its end; never rejects. */
  async run(): Promise<void> {
    await this.pipeline.run(this);
  }

  /** Cancels it; its owner gets the state as soon as its last process is gone. */
  async cancel(): Promise<void> {
    if (!this.finished) this.outbox.discard();
    await this.pipeline.cancel();
  }

  /** Ends it as failed, because its output can't reach its owner. */
  fail(error: HotwireError): void {
    if (this.finished) return;
    this.outbox.discard();
    this.pipeline.fail(error);
  }

  async undo(): Promise<void> {
    await this.pipeline.undo();
    this.state(this.pipeline.state);
  }

  state(state: PipelineState): void {
    if (state === 'complete' && this.objectCount > 0) this.#context.setCurrent(this.#kept.batches);
    void this.#put('PipelineStateChanged', [this.id, state], false);
  }

  async objects(batch: Batch): Promise<void> {
    const single = this.pipeline.plan.singleValue && batch.objects.length === 1 && this.objectCount === 0;
    for (const part of encodeBatch(batch)) {
      this.objectCount += part.texts.length;
      this.#kept.add(part);
      const send = single
        ? () => this.#sender.signal('PipelineResult', [this.id, part.className, part.texts[0] as string])
        : () => this.#sender.objects(this.id, part);
      await this.outbox.put(send, true);
    }
  }

  metadata(command: number, key: string, value: unknown): Promise<void> {
    return this.#put('PipelineMetadata', [this.id, command, key, JSON.stringify(value) ?? 'null'], true);
  }

  exception(_error: HotwireError, traceback: string): void {
    void this.#put('PipelineException', [this.id, traceback], false);
  }

  #put<S extends SignalName>(name: S, values: SignalArguments<S>, paced: boolean): Promise<void> {
    const sent = this.outbox.put(() => this.#sender.signal(name, values), paced);
    sent.catch(() => undefined); // discarded, or the connection is gone: whoever needs to know awaits it
    return sent;
  }
}
