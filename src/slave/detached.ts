/** The detached pipelines that this slave holds: they are their uid's and nobody's else, and their signals are on disk. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { prepare, type Registry } from '../engine';
import { HotwireError } from '../errors';
import { MAX_DETACHED_ID, MAX_TIMER_MS } from '../limits';
import { settings } from '../settings';
import type { Connection } from '../wire';
import type { Account } from './account';
import { Attachment } from './attachment';
import { HostedPipeline } from './hosted-pipeline';
import type { Logger } from './log';
import type { Owner } from './owner';
import type { RunOptions } from './run-options';
import { SignalQueue } from './signal-queue';
import { Spool } from './spool';
import { SpoolBudget } from './spool-budget';
import { SpooledSignals } from './spooled-signals';

export type DetachedPipeline = HostedPipeline<SpooledSignals>;

interface Entry {
  readonly hosted: DetachedPipeline;
  /** Of its user. */
  readonly account: Account;
  /** Credit of each client that attaches, in signals; undefined: they are paced by Ping. */
  readonly window: number | undefined;
  readonly attachments: Map<Owner, Attachment>;
  /** Somebody has got all of it: it may go when another needs its place. */
  seen: boolean;
}

export interface DetachedOptions {
  readonly registry: Registry;
  readonly log: Logger;
  /** Where spools are: of this slave alone, which empties it. */
  readonly directory: string;
  /** Called when the last one has gone. */
  readonly onEmpty?: () => void;
}

export class DetachedPipelines {
  readonly #options: DetachedOptions;
  readonly #entries = new Map<number, Entry>();
  /** What the spools of a user take. */
  readonly #budgets = new Map<Account, SpoolBudget>();
  #lastId = 0;
  #ageing: NodeJS.Timeout | undefined;

  /** Empties the directory: what an earlier slave has left there can't be attached to any more. */
  static async create(options: DetachedOptions): Promise<DetachedPipelines> {
    await rm(options.directory, { recursive: true, force: true });
    return new DetachedPipelines(options);
  }

  private constructor(options: DetachedOptions) {
    this.#options = options;
  }

  get empty(): boolean {
    return this.#entries.size === 0;
  }

  /**
   * Starts one, in a copy of the owner's context.
   * @throws as `prepare`; LimitExceeded when the user has too many; Failed when its spool can't be made
   */
  async start(owner: Owner, text: string, options: RunOptions): Promise<DetachedPipeline> {
    const { account } = owner;
    await this.#makePlace(account);
    account.addDetached();
    try {
      const context = owner.context.copy();
      const pipeline = prepare(text, context, this.#options.registry, options);
      const id = this.#nextId();
      const hosted = new HostedPipeline(id, pipeline, new SpooledSignals(await this.#spool(id, account)), context);
      this.#entries.set(id, { hosted, account, window: options.window, attachments: new Map(), seen: false });
      void hosted.run().then(() => this.#age());
      return hosted;
    } catch (error) {
      account.removeDetached();
      throw error;
    }
  }

  /** The detached pipeline of that id, if the owner may act on it. @throws AccessDenied when it may not */
  get(id: number, owner: Owner): DetachedPipeline | undefined {
    return this.#find(id, owner)?.hosted;
  }

  /** Whether a pipeline is one of these. */
  has(hosted: HostedPipeline): hosted is DetachedPipeline {
    return this.#entries.get(hosted.id)?.hosted === hosted;
  }

  /** Those of the owner's uid. */
  list(owner: Owner): DetachedPipeline[] {
    return [...this.#entries.values()].filter(({ account }) => account === owner.account).map(({ hosted }) => hosted);
  }

  /**
   * Lets a client follow it from a signal on; what it followed of it before ends.
   * @returns begins to send: to be called once the client has its reply
   * @throws InvalidArgs, LimitExceeded when it can't begin there; NoSuchPipeline, AccessDenied
   */
  attach(id: number, from: number, owner: Owner, connection: Connection): () => void {
    const entry = this.#find(id, owner);
    if (entry === undefined) throw new HotwireError('InvalidState', `pipeline ${id} is not detached`);
    const { hosted, window, attachments } = entry;
    hosted.signals.spool.check(from);
    hosted.signals.spool.forget(from);
    this.#detach(entry, owner);
    const queue = new SignalQueue(connection, owner.window, owner.sender, window);
    const attachment = new Attachment(hosted, from, queue, owner.sender);
    attachments.set(owner, attachment);
    return () => void attachment.run();
  }

  /** Returns credit of a client that follows it. @throws InvalidState when it does not; InvalidArgs without a window */
  acknowledge(id: number, signals: number, owner: Owner): void {
    const attachment = this.#find(id, owner)?.attachments.get(owner);
    if (attachment === undefined) throw new HotwireError('InvalidState', `you are not attached to pipeline ${id}`);
    attachment.acknowledge(signals);
  }

  /** Cancels it. A client that follows it, and cancels it, gets the last state at once, and what it has not got no more. */
  async cancel(id: number, owner: Owner): Promise<void> {
    const entry = this.#find(id, owner);
    await entry?.hosted.cancel();
    entry?.attachments.get(owner)?.finish();
    entry?.attachments.delete(owner);
  }

  /** Cancels it if it runs, then forgets it and its output. */
  async release(id: number, owner: Owner): Promise<void> {
    const entry = this.#find(id, owner);
    if (entry !== undefined) await this.#remove(entry);
  }

  /** A client has left: its pipelines go on. */
  leave(owner: Owner): void {
    for (const entry of this.#entries.values()) this.#detach(entry, owner);
  }

  /** Ends all of them, as failed. Resolves once the last process and the last file are gone. */
  async close(reason: HotwireError): Promise<void> {
    const entries = [...this.#entries.values()];
    await Promise.all(entries.map(({ hosted }) => hosted.fail(reason)));
    await Promise.all(entries.map((entry) => this.#remove(entry)));
    await rm(this.#options.directory, { recursive: true, force: true });
  }

  #find(id: number, owner: Owner): Entry | undefined {
    const entry = this.#entries.get(id);
    if (entry !== undefined && entry.account !== owner.account) {
      throw new HotwireError('AccessDenied', `pipeline ${id} is not yours`);
    }
    return entry;
  }

  #detach(entry: Entry, owner: Owner): void {
    const attachment = entry.attachments.get(owner);
    if (attachment === undefined) return;
    entry.seen ||= attachment.atEnd;
    attachment.close();
    entry.attachments.delete(owner);
  }

  async #remove(entry: Entry): Promise<void> {
    const { hosted, attachments } = entry;
    await hosted.cancel();
    for (const attachment of attachments.values()) attachment.finish();
    attachments.clear();
    if (!this.#entries.delete(hosted.id)) return; // by somebody else at the same time
    entry.account.removeDetached();
    await Promise.all([hosted.signals.spool.close(), hosted.context.close()]);
    if (this.empty) this.#options.onEmpty?.();
  }

  /** When there are too many, the oldest that has ended, and that somebody has got all of, goes. */
  async #makePlace(account: Account): Promise<void> {
    if (account.detached < settings.maxDetachedPerUser) return;
    const isSeen = ({ seen, attachments }: Entry) => seen || [...attachments.values()].some(({ atEnd }) => atEnd);
    const entries = [...this.#entries.values()].filter((entry) => entry.account === account);
    const oldest = entries.find((entry) => entry.hosted.finished && isSeen(entry));
    if (oldest !== undefined) await this.#remove(oldest);
  }

  #nextId(): number {
    this.#lastId += 1;
    if (this.#lastId <= MAX_DETACHED_ID) return this.#lastId;
    throw new HotwireError(
      'LimitExceeded',
      'this slave has no more ids for detached pipelines: end it and start another',
    );
  }

  #spool(id: number, account: Account): Promise<Spool> {
    const { directory, log } = this.#options;
    const budget = this.#budgets.get(account) ?? new SpoolBudget(settings.spoolTotalBytes);
    this.#budgets.set(account, budget);
    return Spool.create({ directory: path.join(directory, String(id)), maxBytes: settings.spoolBytes, budget, log });
  }

  /** Removes those that ended long ago, now and when the next is due. */
  #age(): void {
    clearTimeout(this.#ageing);
    let next = Number.POSITIVE_INFINITY;
    for (const entry of this.#entries.values()) {
      const { completed } = entry.hosted.pipeline;
      if (completed === undefined) continue;
      const due = (completed + settings.detachedKeptS) * 1000 - Date.now();
      if (due > 0) next = Math.min(next, due);
      else
        this.#remove(entry).catch((error: unknown) =>
          this.#options.log.error({ err: error, pipeline: entry.hosted.id }, 'an old pipeline could not be removed'),
        );
    }
    if (Number.isFinite(next)) this.#ageing = setTimeout(() => this.#age(), Math.min(next, MAX_TIMER_MS)).unref();
  }
}
