import { METADATA, type PipelineState, type SignalArguments, type SignalName } from '../contract';
import { type Batch, type Context, isFinished, type Pipeline, type PipelineSink } from '../engine';
import type { HotwireError } from '../errors';
import { freeText } from '../wire';
import { encodeBatch } from './batches';
import type { KeptOutput } from './kept-output';
import type { PipelineSignals } from './signals';

/** A pipeline and its signals: turns what the engine reports into them. */
export class HostedPipeline<S extends PipelineSignals = PipelineSignals> implements PipelineSink {
  readonly id: number;
  readonly pipeline: Pipeline;
  readonly signals: S;
  /** Objects sent or about to be sent. */
  objectCount = 0;
  /** How the program of its last command ended, as `hotwire.exit` tells. */
  exit: unknown;
  /** Its output for `current`, where there is one to use it. */
  readonly #kept: KeptOutput | undefined;
  readonly context: Context;
  /** Ended from outside: nothing more is put, so that its last state need not wait behind it. */
  #aborted = false;
  #run: Promise<unknown> | undefined;
  #undo: Promise<void> | undefined;

  constructor(id: number, pipeline: Pipeline, signals: S, context: Context, kept?: KeptOutput) {
    this.id = id;
    this.pipeline = pipeline;
    this.signals = signals;
    this.context = context;
    this.#kept = kept;
  }

  get finished(): boolean {
    return isFinished(this.pipeline.state);
  }

  /** Runs it to its end; never rejects. */
  run(): Promise<unknown> {
    this.#run = this.pipeline.run(this);
    return this.#run;
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

  undo(): Promise<void> {
    this.#undo = this.pipeline.undo().then(() => this.state(this.pipeline.state));
    return this.#undo;
  }

  /** Resolves once no undo is under way. */
  async settled(): Promise<void> {
    await this.#undo?.catch(() => undefined); // whoever asked for it is told
  }

  state(state: PipelineState): void {
    if (isFinished(state)) {
      const kept = this.#kept?.take();
      if (this.#kept && state === 'complete' && this.objectCount > 0) this.context.setCurrent(kept);
    }
    void this.#put('PipelineStateChanged', [this.id, state], false);
  }

  async objects(batch: Batch): Promise<void> {
    const single = this.pipeline.plan.singleValue && batch.objects.length === 1 && this.objectCount === 0;
    for (const part of encodeBatch(batch)) {
      if (this.#aborted) return;
      this.objectCount += part.texts.length;
      this.#kept?.add(part);
      if (!single) await this.signals.objects(this.id, part);
      else await this.signals.signal('PipelineResult', [this.id, part.className, part.texts[0] as string], true);
    }
  }

  metadata(command: number, key: string, value: unknown): Promise<void> {
    if (key === METADATA.exit && command === this.pipeline.plan.stages.length - 1) this.exit = value;
    return this.#put('PipelineMetadata', [this.id, command, key, JSON.stringify(value) ?? 'null'], true);
  }

  exception(_error: HotwireError, traceback: string): void {
    void this.#put('PipelineException', [this.id, freeText(traceback)], false);
  }

  aborted(): void {
    this.#aborted = true;
    this.signals.discard();
  }

  #put<N extends SignalName>(name: N, values: SignalArguments<N>, paced: boolean): Promise<void> {
    const sent = this.signals.signal(name, values, paced);
    sent.catch(() => undefined); // discarded, or the connection is gone: whoever needs to know awaits it
    return sent;
  }
}
