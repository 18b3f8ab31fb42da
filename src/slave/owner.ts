import { Context, type Pipeline } from '../engine';
import { HotwireError } from '../errors';
import { MAX_PIPELINES_PER_OWNER, MAX_RUNNING_PER_OWNER } from '../limits';
import type { ClientWindow } from './client-window';
import type { HostedPipeline } from './hosted-pipeline';
import { KeptBudget } from './kept-output';
import type { SignalSender } from './sender';

/** One client connection: its context, its pipelines, and how much may be on its way to it. */
export class Owner {
  /** Unique name on the bus; undefined for the only peer of a connection that has said no Hello. */
  readonly name: string | undefined;
  readonly context: Context;
  readonly window: ClientWindow;
  readonly sender: SignalSender;
  #closed = false;
  readonly #pipelines = new Map<number, HostedPipeline>();
  /** Evaluations under way: pipelines that nobody but their caller can name. */
  readonly evaluations = new Set<Pipeline>();
  readonly keptBudget = new KeptBudget();

  constructor(name: string | undefined, window: ClientWindow, sender: SignalSender, directory: string) {
    this.name = name;
    this.window = window;
    this.sender = sender;
    this.context = new Context({ cwd: directory });
  }

  get pipelines(): Iterable<HostedPipeline> {
    return this.#pipelines.values();
  }

  /** Whether it may start a pipeline. @throws LimitExceeded when too many of its pipelines run; Disconnected when it left */
  checkRoom(): void {
    if (this.#closed) throw new HotwireError('Disconnected', 'the client has left');
    let running = this.evaluations.size;
    for (const hosted of this.#pipelines.values()) if (!hosted.finished) running += 1;
    if (running < MAX_RUNNING_PER_OWNER) return;
    throw new HotwireError(
      'LimitExceeded',
      `${running} pipelines of yours are running: wait for one or cancel one (at most ${MAX_RUNNING_PER_OWNER})`,
    );
  }

  /** Adds a pipeline; the oldest finished ones make room for it. */
  add(hosted: HostedPipeline): void {
    this.#pipelines.set(hosted.id, hosted);
    let excess = this.#pipelines.size - MAX_PIPELINES_PER_OWNER;
    for (const [id, old] of this.#pipelines) {
      if (excess <= 0) return;
      if (!old.finished) continue;
      old.signals.discard();
      this.#pipelines.delete(id);
      excess -= 1;
    }
  }

  get(id: number): HostedPipeline | undefined {
    return this.#pipelines.get(id);
  }

  /** Cancels it if it runs, then forgets it. */
  async release(hosted: HostedPipeline): Promise<void> {
    await hosted.cancel();
    this.#pipelines.delete(hosted.id);
  }

  /** The client has left: everything of it ends. Resolves once its last process is gone. */
  async close(): Promise<void> {
    this.#closed = true;
    this.window.close();
    const running = [...this.#pipelines.values(), ...this.evaluations];
    this.#pipelines.clear();
    await Promise.all(running.map((pipeline) => pipeline.cancel()));
    await this.context.close();
  }

  /** Everything of it fails, and it is told. Resolves once its last process is gone. */
  async fail(error: HotwireError): Promise<void> {
    this.#closed = true;
    for (const evaluation of this.evaluations) evaluation.fail(error);
    await Promise.all([...this.#pipelines.values()].map((hosted) => hosted.fail(error)));
    await Promise.all([...this.evaluations].map((evaluation) => evaluation.cancel()));
    await this.context.close();
  }
}
