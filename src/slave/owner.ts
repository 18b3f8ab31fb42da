import { Context, type Pipeline } from '../engine';
import { HotwireError } from '../errors';
import { settings } from '../settings';
import { type Account, type AccountMember, oldestFinished, runningOf } from './account';
import type { ClientWindow } from './client-window';
import type { HostedPipeline } from './hosted-pipeline';
import { KeptBudget } from './kept-output';
import type { SignalSender } from './sender';
import type { SignalQueue } from './signal-queue';

/** A pipeline whose signals go to its owner alone, as they come. */
export type OwnedPipeline = HostedPipeline<SignalQueue>;

export interface OwnerOptions {
  /** Unique name on the bus; undefined for the only peer of a connection that has said no Hello. */
  readonly name: string | undefined;
  readonly account: Account;
  readonly window: ClientWindow;
  readonly sender: SignalSender;
  /** Where its context starts. */
  readonly directory: string;
}

/** One client connection: its context, its pipelines, and how much may be on its way to it. */
export class Owner implements AccountMember {
  readonly name: string | undefined;
  /** What all clients of its user share. */
  readonly account: Account;
  readonly context: Context;
  readonly window: ClientWindow;
  readonly sender: SignalSender;
  #closed = false;
  readonly #pipelines = new Map<number, OwnedPipeline>();
  /** Evaluations under way: pipelines that nobody but their caller can name. */
  readonly evaluations = new Set<Pipeline>();
  readonly keptBudget: KeptBudget;

  /** @throws LimitExceeded when its user has too many clients */
  constructor({ name, account, window, sender, directory }: OwnerOptions) {
    account.enter(this);
    this.name = name;
    this.account = account;
    this.window = window;
    this.sender = sender;
    this.keptBudget = new KeptBudget(account.kept);
    this.context = new Context({ cwd: directory, evaluating: account.evaluating });
    this.context.on('current', (batches) => this.keptBudget.setCurrent(batches));
  }

  get uid(): number {
    return this.account.uid;
  }

  get pipelines(): Iterable<OwnedPipeline> {
    return this.#pipelines.values();
  }

  get pipelineCount(): number {
    return this.#pipelines.size;
  }

  /** Whether it may start a pipeline. @throws LimitExceeded when too many run; Disconnected when it has left */
  checkRoom(): void {
    if (this.#closed) throw new HotwireError('Disconnected', 'the client has left');
    const running = runningOf(this);
    const limit = Math.min(settings.maxRunningPerOwner, settings.maxPipelinesPerOwner);
    if (running >= limit) {
      const name = limit === settings.maxRunningPerOwner ? 'maxRunningPerOwner' : 'maxPipelinesPerOwner';
      const next = `wait for one or cancel one (at most ${limit}: setting ${name})`;
      throw new HotwireError('LimitExceeded', `${running} pipelines of this connection are running: ${next}`);
    }
    this.account.checkRoom();
  }

  /** Adds a pipeline; the oldest finished ones, of this owner or its user, make room for it. */
  add(hosted: OwnedPipeline): void {
    this.#pipelines.set(hosted.id, hosted);
    while (this.#pipelines.size > settings.maxPipelinesPerOwner) {
      const oldest = oldestFinished(this.pipelines);
      if (oldest === undefined) break;
      this.forget(oldest);
    }
    this.account.age();
  }

  get(id: number): OwnedPipeline | undefined {
    return this.#pipelines.get(id);
  }

  /** Cancels it if it runs, then forgets it. */
  async release(hosted: HostedPipeline): Promise<void> {
    await hosted.cancel();
    this.#pipelines.delete(hosted.id);
  }

  forget(hosted: HostedPipeline): void {
    hosted.signals.discard();
    this.#pipelines.delete(hosted.id);
  }

  /** The client has left: everything of it ends. Resolves once its last process is gone. */
  async close(): Promise<void> {
    this.#closed = true;
    this.window.close();
    this.account.leave(this);
    await this.#settle([...this.#pipelines.values(), ...this.evaluations].map((pipeline) => pipeline.cancel()));
  }

  /** Everything of it fails, and it is told. Resolves once its last process is gone. */
  async fail(error: HotwireError): Promise<void> {
    this.#closed = true;
    for (const evaluation of this.evaluations) evaluation.fail(error);
    await this.#settle([
      ...[...this.#pipelines.values()].map((hosted) => hosted.fail(error)),
      ...[...this.evaluations].map((evaluation) => evaluation.cancel()),
    ]);
  }

  /** Waits for the ends of its pipelines, then gives back all that it had of its user's account. */
  async #settle(ends: Promise<void>[]): Promise<void> {
    const results = await Promise.allSettled(ends);
    try {
      await this.context.close();
    } finally {
      this.#pipelines.clear();
      this.keptBudget.setCurrent(undefined);
      this.account.settle(this);
    }
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }
}
