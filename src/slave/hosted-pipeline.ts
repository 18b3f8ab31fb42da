import type { PipelineState, SignalArguments, SignalName } from '../contract';
import { type Batch, type Context, isFinished, type Pipeline, type PipelineSink } from '../engine';
import type { HotwireError } from '../errors';
import { freeText } from '../wire';
import { encodeBatch } from './batches';
import { KeptOutput } from './kept-output';
import type { Owner } from './owner';
import type { SignalSender } from './sender';
import type { SignalQueue } from './signal-queue';

/** A pipeline of one owner: turns what the engine reports into signals, and keeps its output for `current`. */
export class HostedPipeline implements PipelineSink {
  readonly id: number;
  readonly pipeline: Pipeline;
  readonly signals: SignalQueue;
  /** Objects sent or about to be sent. */
  objectCount = 0;
  readonly #sender: SignalSender;
  readonly #context: Context;
  readonly #kept: KeptOutput;
  /** Ended from outside: nothing more is put, so that its last state need not wait behind it. */
  #aborted = false;
  #run: Promise<unknown> | undefined;

  constructor(id: number, pipeline: Pipeline, owner: Owner, signals: SignalQueue) {
    this.id = id;
    this.pipeline = pipeline;
    this.signals = signals;
    this.#context = owner.context;
    this.#sender = owner.sender;
    this.#kept = new KeptOutput(owner.keptBudget);
  }

  get finished(): boolean {
    return isFinished(this.pipeline.state);
  }

  /** Runs it to its end; never rejects. */
  run(): void {
    this.#run = this.pipeline.run(this);
  }

  /** Cancels it; its owner gets the state as soon as its last process is gone. */
  async cancel(): Promise<void> {
    await this.pipeline.cancel();
    this.signals.discard();
  }

  /** Ends it as failed, for a reason from outside; resolves once its last process is gone. */
  async fail(error: HotwireError): Promise<void> {
    this.pipeline.fail(error);
    await this.#run;
  }

  async undo(): Promise<void> {
    await this.pipeline.undo();
    this.state(this.pipeline.state);
  }

  state(state: PipelineState): void {
    if (isFinished(state)) {
      const kept = this.#kept.take();
      if (state === 'complete' && this.objectCount > 0) this.#context.setCurrent(kept);
    }
    void this.#put('PipelineStateChanged', [this.id, state], false);
  }

  async objects(batch: Batch): Promise<void> {
    const single = this.pipeline.plan.singleValue && batch.objects.length === 1 && this.objectCount === 0;
    for (const part of encodeBatch(batch)) {
      if (this.#aborted) return;
      this.objectCount += part.texts.length;
      this.#kept.add(part);
      const send = single
        ? () => this.#sender.signal('PipelineResult', [this.id, part.className, part.texts[0] as string])
        : () => this.#sender.objects(this.id, part);
      await this.signals.put(send, true);
    }
  }

  metadata(command: number, key: string, value: unknown): Promise<void> {
    return this.#put('PipelineMetadata', [this.id, command, key, JSON.stringify(value) ?? 'null'], true);
  }

  exception(_error: HotwireError, traceback: string): void {
    void this.#put('PipelineException', [this.id, freeText(traceback)], false);
  }

  aborted(): void {
    this.#aborted = true;
    this.signals.discard();
  }

  #put<S extends SignalName>(name: S, values: SignalArguments<S>, paced: boolean): Promise<void> {
    const sent = this.signals.put(() => this.#sender.signal(name, values), paced);
    sent.catch(() => undefined); // discarded, or the connection is gone: whoever needs to know awaits it
    return sent;
  }
}
