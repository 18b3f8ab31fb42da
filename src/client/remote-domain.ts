import { EventEmitter } from 'node:events';
import { type Dictionary, OBJECT_PATH } from '../contract';
import { HotwireError } from '../errors';
import { toJson } from '../json';
import { CLIENT_CREDIT_SIGNALS, NO_SIGNAL } from '../limits';
import { type IncomingMessage, leadingInt32, Variant } from '../wire';
import type {
  Batch,
  Completion,
  Description,
  DetachedOptions,
  Domain,
  DomainEvents,
  DomainInfo,
  EvaluateOptions,
  PipelineInfo,
  RunOptions,
} from './api';
import { feedFrom } from './feed';
import { pipelineInfo } from './pipeline-info';
import { ProxiedPipeline } from './remote-pipeline';
import { runOptions, wireOptions } from './run-options';
import { LINK_PATIENCE_MS, Silence } from './silence';
import { domainClosed, type LinkedDomain, type SlaveLink } from './slave-link';
import { SlaveProxy } from './slave-proxy';

export interface RemoteDomainOptions {
  readonly address: string;
  readonly version: string;
  readonly link: SlaveLink;
  /** The domain's object at the slave. */
  readonly path?: string;
  /**
   * Ends all that this domain stands on. Without it others share the link, and only what this one has there is ended.
   * @param cut the far end does not answer
   */
  readonly leave?: (cut: boolean) => Promise<void>;
  /** Told when it has ended what is its own. */
  readonly left?: (cut: boolean) => Promise<void>;
}

/** An object of a slave that is a domain: the slave's own, or one that it relays. */
export class RemoteDomain extends EventEmitter<DomainEvents> implements Domain, LinkedDomain {
  readonly address: string;
  readonly version: string;
  readonly #link: SlaveLink;
  readonly #path: string;
  readonly #proxy: SlaveProxy;
  readonly #leave: RemoteDomainOptions['leave'];
  readonly #left: RemoteDomainOptions['left'];
  readonly #silence: Silence;
  readonly #pipelines = new Map<number, ProxiedPipeline>();
  #closed = false;
  /** Why it has ended. */
  #lost: HotwireError | undefined;

  constructor({ address, version, link, path = OBJECT_PATH, leave, left }: RemoteDomainOptions) {
    super();
    this.address = address;
    this.version = version;
    this.#link = link;
    this.#path = path;
    this.#proxy = new SlaveProxy(link.connection, link.slave, path);
    this.#silence = new Silence(this.#proxy);
    this.#leave = leave;
    this.#left = left;
    link.add(path, this);
  }

  async run(text: string, options: RunOptions = {}): Promise<ProxiedPipeline> {
    options.signal?.throwIfAborted();
    const [id] = await this.#proxy.call('RunPipelineWithOptions', [text, runOptions(options)]);
    const pipeline = this.#adopt(id, text);
    if (options.signal) this.#cancelWith(options.signal, pipeline);
    if (typeof options.input === 'object') {
      feedFrom(options.input, pipeline).catch((thrown: unknown) => pipeline.inputFailed(HotwireError.from(thrown)));
    }
    return pipeline;
  }

  async runDetached(text: string, options: DetachedOptions = {}): Promise<number> {
    const wire = { ...runOptions(options), detached: new Variant('b', true) };
    const [id] = await this.#proxy.call('RunPipelineWithOptions', [text, wire]);
    return id;
  }

  async attach(id: number, from = 0): Promise<ProxiedPipeline> {
    const info = await this.pipeline(id);
    // We return credit: the slave has to know before it sends. What is on its way to a reader of before is not wanted.
    this.#proxy.notify('AttachPipeline', [id, NO_SIGNAL]);
    this.#proxy.notify('AcknowledgeObjects', [id, CLIENT_CREDIT_SIGNALS]);
    await this.#proxy.call('AttachPipeline', [id, from]);
    // Not before: what comes ahead of the reply was sent to whoever followed it on this connection until now.
    const pipeline = this.#adopt(id, info.text, from);
    if (info.completed > 0 && from >= info.signals) pipeline.endedBefore(info.state, info.error?.message ?? '');
    return pipeline;
  }

  async pipelines(): Promise<PipelineInfo[]> {
    const [pipelines] = await this.#proxy.call('ListPipelines', []);
    return pipelines.map(pipelineInfo);
  }

  async pipeline(id: number): Promise<PipelineInfo> {
    const [description] = await this.#proxy.call('GetPipeline', [id]);
    return pipelineInfo(description);
  }

  async putObjects(id: number, objects: readonly unknown[]): Promise<void> {
    await this.#proxy.call('PutObjects', [id, objects.map(toJson)], { timeoutMs: Number.POSITIVE_INFINITY });
  }

  async closeInput(id: number): Promise<void> {
    await this.#proxy.call('CloseInput', [id]);
  }

  async cancelPipeline(id: number): Promise<void> {
    await this.#proxy.call('CancelPipeline', [id]);
  }

  async undoPipeline(id: number): Promise<void> {
    await this.#proxy.call('UndoPipeline', [id], { timeoutMs: Number.POSITIVE_INFINITY });
  }

  async releasePipeline(id: number): Promise<void> {
    await this.#proxy.call('ReleasePipeline', [id]);
  }

  async domains(): Promise<DomainInfo[]> {
    const [domains] = await this.#proxy.call('ListDomains', []);
    return domains.map((entry) => {
      const value = <T>(name: string) => entry[name]?.value as T;
      return {
        address: value('address'),
        path: value('path'),
        state: value('state'),
        opened: value('opened'),
        pipelines: value('pipelines'),
        clients: value<number | undefined>('clients') ?? 0,
      };
    });
  }

  async closeDomain(path: string): Promise<void> {
    await this.#proxy.call('CloseDomain', [path]);
  }

  async evaluate(text: string, options: EvaluateOptions = {}): Promise<Batch[]> {
    const wire = wireOptions(options);
    if (options.maxBytes !== undefined) wire['max-bytes'] = new Variant('t', options.maxBytes);
    const [batches] = await this.#proxy.call('Evaluate', [text, wire], { timeoutMs: Number.POSITIVE_INFINITY });
    return batches.map(([className, texts]) => ({ className, objects: texts.map((json) => JSON.parse(json)) }));
  }

  describe(text: string): Promise<Description> {
    return this.#proxy.describe(text);
  }

  async complete(text: string, cursor = text.length): Promise<Completion> {
    const [start, candidates] = await this.#proxy.call('Complete', [text, cursor]);
    return { start, candidates: candidates.map(([replacement, description]) => ({ replacement, description })) };
  }

  async context(): Promise<Record<string, unknown>> {
    const [context] = await this.#proxy.call('GetContext', []);
    return Object.fromEntries(Object.entries(context).map(([name, variant]) => [name, variant.value]));
  }

  async changeDirectory(directory: string): Promise<string> {
    const [absolute] = await this.#proxy.call('ChangeDirectory', [directory]);
    return absolute;
  }

  async setEnvironment(changes: Record<string, string>): Promise<void> {
    await this.#proxy.call('SetEnvironment', [changes]);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#pipelines.size > 0 || this.#proxy.isWaiting) await this.#endPipelines();
    if (this.#leave === undefined) {
      this.#link.remove(this.#path, this);
      await this.#left?.(this.#silence.found);
    }
    await this.#leave?.(this.#silence.found);
    this.lose(domainClosed('the domain was closed'));
  }

  /** What can't be released in time ends with the link. */
  async #endPipelines(): Promise<void> {
    if (this.#silence.found) return;
    const ends = [...this.#pipelines.values()].map((pipeline) => pipeline.leave({ timeoutMs: LINK_PATIENCE_MS }));
    await Promise.all([Promise.allSettled(ends), this.#silence.ask()]);
  }

  #cancelWith(signal: AbortSignal, pipeline: ProxiedPipeline): void {
    const cancel = () => void this.#stop(pipeline);
    signal.addEventListener('abort', cancel, { once: true });
    void pipeline.finished.then(() => signal.removeEventListener('abort', cancel));
    if (signal.aborted) cancel();
  }

  /** Cancels one that nobody waits for any more. Where nothing answers it is given up. */
  async #stop(pipeline: ProxiedPipeline): Promise<void> {
    pipeline.cancel().catch((thrown: unknown) => pipeline.lose(HotwireError.from(thrown)));
    if (!(await this.#silence.ask())) return;
    const who = this.address === '' ? 'the slave' : this.address;
    const words = `${who} did not answer within ${LINK_PATIENCE_MS / 1000} s: what runs there ends when its link does`;
    pipeline.lose(new HotwireError('Domain.TimedOut', words));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** It has ended, as `reason` says: every pipeline of it fails. */
  lose(reason: HotwireError): void {
    if (this.#lost !== undefined) return;
    const error = this.#closed ? domainClosed('the domain was closed') : reason;
    this.#lost = error;
    this.#proxy.ended = error;
    const pipelines = [...this.#pipelines.values()];
    this.#pipelines.clear();
    for (const pipeline of pipelines) pipeline.lose(error);
    this.emit('close', this.#closed ? undefined : error);
  }

  /** At once when the id is here: signals may follow it. */
  #adopt(id: number, text: string, from?: number): ProxiedPipeline {
    if (this.#lost !== undefined) throw this.#lost;
    if (this.#link.connection.closed) throw domainClosed('the connection ended as the pipeline started');
    const keeper = {
      forget: () => {
        if (this.#pipelines.get(id) === pipeline) this.#pipelines.delete(id);
      },
      defect: (error: unknown) => this.#link.defect(error),
    };
    const pipeline: ProxiedPipeline = new ProxiedPipeline(this.#proxy, id, text, keeper, from);
    this.#pipelines.get(id)?.lose(new HotwireError('Cancelled', `pipeline ${id} was attached to again`));
    this.#pipelines.set(id, pipeline);
    return pipeline;
  }

  receive(message: IncomingMessage): void {
    this.#silence.heard();
    if (message.member === 'ContextChanged') {
      this.emit('context', message.body[0] as Dictionary);
      return;
    }
    if (!message.member?.startsWith('Pipeline')) return;
    const id = leadingInt32(message); // where it stands: a batch is decoded only when it is consumed
    if (id === undefined) return;
    this.#pipelines.get(id)?.receive(message); // none: it has been given up
  }
}
