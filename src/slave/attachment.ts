import type { PipelineState } from '../contract';
import { HotwireError } from '../errors';
import { freeText } from '../wire';
import type { HostedPipeline } from './hosted-pipeline';
import type { SignalSender } from './sender';
import type { SignalQueue } from './signal-queue';
import type { SpooledSignals } from './spooled-signals';

/** A client that follows a detached pipeline: it gets the signals from its spool, at its own pace. */
export class Attachment {
  readonly #hosted: HostedPipeline<SpooledSignals>;
  readonly #queue: SignalQueue;
  readonly #sender: SignalSender;
  readonly #end = new AbortController();
  /**
   * Numbers of the paced signals that were sent and not acknowledged: all are in the spool still, which bounds them. An
   * answered Ping is no acknowledgement here: GDBus answers in a thread of its own, and what its program has not seen yet
   * would be lost with it.
   */
  #unacknowledged: number[] = [];
  #number: number;

  /** @param from number of the first signal that it wants */
  constructor(hosted: HostedPipeline<SpooledSignals>, from: number, queue: SignalQueue, sender: SignalSender) {
    this.#hosted = hosted;
    this.#number = from;
    this.#queue = queue;
    this.#sender = sender;
  }

  /** Whether it has got everything of a pipeline that has ended. */
  get atEnd(): boolean {
    return this.#hosted.finished && this.#number >= this.#hosted.signals.spool.appended;
  }

  /** Sends until the client leaves, attaches again, or the pipeline is released; never rejects. */
  async run(): Promise<void> {
    const { id, signals } = this.#hosted;
    try {
      for await (const { member, body, paced } of signals.spool.follow(this.#number, this.#end.signal)) {
        if (paced) this.#unacknowledged.push(this.#number);
        await this.#queue.put(() => this.#sender.encoded(id, member, body), paced);
        this.#number += 1;
      }
    } catch (thrown) {
      if (!this.#end.signal.aborted) this.lose(HotwireError.from(thrown));
    }
  }

  /** The client is done with so many paced signals more: it will not ask for them again. */
  acknowledge(signals: number): void {
    if (this.#queue.hasCredit) this.#queue.acknowledge(signals);
    const last = this.#unacknowledged.splice(0, signals).at(-1);
    if (last !== undefined) this.#hosted.signals.spool.acknowledge(last + 1);
  }

  close(): void {
    this.#end.abort();
    this.#queue.discard();
  }

  /** The same, and tells the client how the pipeline has ended, unless it knows. */
  finish(): void {
    const { state, error } = this.#hosted.pipeline;
    const knows = this.atEnd || this.#end.signal.aborted;
    this.close();
    if (!knows) this.#tell(state, error);
  }

  /** What is on the disk can't be read, or not be delivered. The pipeline goes on; this client is told that it lost it. */
  lose(error: HotwireError): void {
    if (this.#end.signal.aborted) return;
    this.close();
    this.#tell('exception', error);
  }

  #tell(state: PipelineState, error: HotwireError | undefined): void {
    const { id } = this.#hosted;
    if (error?.kind === 'Disconnected') return; // it has left: there is nobody to tell
    if (state === 'exception') this.#sender.signal('PipelineException', [id, freeText(`${error?.message}\n`)]);
    this.#sender.signal('PipelineStateChanged', [id, state]);
  }
}
