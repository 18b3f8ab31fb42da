/** The detached pipelines that this slave holds: they are their uid's and nobody's else, and their signals are on disk. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { prepare, type Registry } from '../engine';
import { HotwireError } from '../errors';
import { MAX_DETACHED_ID, MAX_TIMER_MS, NO_SIGNAL } from '../limits';
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
  /** What clients that return credit begin with, in signals; the others are paced by Ping. */
  readonly credit: WeakMap<Owner, number>;
  readonly attachments: Map<Owner, Attachment>;
  /** Whoever feeds it: the starter, then the last who put something. */
  feeder: Owner | undefined;
  /** Somebody has got all of it: it may go when another needs its place. */
  seen: boolean;
}

export interface DetachedOptions {
  readonly registry: Registry;
  readonly log: Logger;
  /** Where spools are: of this slave alone, which removes it at its end. */
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

  constructor(options: DetachedOptions) {
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
      this.#entries.set(id, {
        hosted,
        account,
        credit: new WeakMap(options.window === undefined ? [] : [[owner, options.window]]),
        attachments: new Map(),
        feeder: owner,
        seen: false,
      });
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
   * Lets a client follow it from a signal on; what it followed of it before ends. From NO_SIGNAL on nothing comes.
   * @returns begins to send: to be called once the client has its reply
   * @throws InvalidArgs, LimitExceeded when it can't begin there; NoSuchPipeline, AccessDenied
   */
  attach(id: number, from: number, owner: Owner, connection: Connection): () => void {
    const entry = this.#find(id, owner);
    if (entry === undefined) throw new HotwireError('InvalidState', `pipeline ${id} is not detached`);
    const { hosted, attachments, credit } = entry;
    if (from === NO_SIGNAL) {
      this.#detach(entry, owner);
      return () => undefined;
    }
    hosted.signals.spool.check(from);
    hosted.signals.spool.forget(from);
    this.#detach(entry, owner);
    const queue = new SignalQueue(connection, owner.window, owner.sender, credit.get(owner));
    const attachment = new Attachment(hosted, from, queue, owner.sender);
    attachments.set(owner, attachment);
    return () => void attachment.run();
  }

  /** Returns credit of a client that follows it; before it does, that is what it will begin with. */
  acknowledge(id: number, signals: number, owner: Owner): void {
    const entry = this.#find(id, owner);
    const attachment = entry?.attachments.get(owner);
    if (attachment === undefined) entry?.credit.set(owner, signals);
    else attachment.acknowledge(signals);
  }

  /** A signal of it was dropped on its way to a client. */
  bounced(id: number, owner: Owner, error: HotwireError): void {
    this.#entries.get(id)?.attachments.get(owner)?.lose(error);
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

  /** A client feeds it. */
  fedBy(hosted: DetachedPipeline, owner: Owner): void {
    const entry = this.#entries.get(hosted.id);
    if (entry?.hosted === hosted) entry.feeder = owner;
  }

  /** A client has left: its pipelines go on; one that it fed, and that nobody goes on feeding, fails after a while. */
  leave(owner: Owner): void {
    for (const entry of this.#entries.values()) {
      this.#detach(entry, owner);
      if (entry.feeder === owner) this.#unfed(entry);
    }
  }

  #unfed(entry: Entry): void {
    const { pipeline } = entry.hosted;
    entry.feeder = undefined;
    if (pipeline.input === undefined || pipeline.input.closed) return;
    const seconds = settings.detachedInputGraceS;
    setTimeout(() => {
      if (entry.feeder !== undefined || pipeline.input?.closed || entry.hosted.finished) return;
      const reason = `whoever fed it has left, and nobody else has gone on within ${seconds} s`;
      void entry.hosted.fail(new HotwireError('PipelineFailed', `the input was cut short: ${reason}`));
    }, seconds * 1000).unref();
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
    await hosted.settled();
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
