import { captureRejectionSymbol } from 'node:events';
import { OBJECT_PATH, SIGNALS, signatureOf } from '../contract';
import { HotwireError } from '../errors';
import type { Connection, IncomingMessage } from '../wire';

/** One domain of a slave, as far as its connection is concerned. */
export interface LinkedDomain {
  /** A signal from its object, in the order of arrival. */
  receive(message: IncomingMessage): void;
  /** It has ended, as the error says. */
  lose(error: HotwireError): void;
}

export interface SlaveLinkOptions {
  readonly connection: Connection;
  /** Unique name of the slave: signals of anybody else are ignored. */
  readonly slave: string;
  /** What it means, in words, when the connection ends by itself. */
  readonly ended: string;
  /** Resolves with why the connection ended, where something else tells that better, e.g. its process. */
  readonly lost?: Promise<HotwireError>;
  /** Frees what the connection stands on, e.g. waits for a process; `cut`: for no longer than it has to. */
  readonly onClose?: (cut: boolean) => Promise<void>;
}

/** The connection to one slave, and the domains that are reached over it: signals go to the domain they come from. */
export class SlaveLink {
  readonly connection: Connection;
  readonly slave: string;
  readonly #options: SlaveLinkOptions;
  /** By object path; the same one may have been opened twice. */
  readonly #domains = new Map<string, Set<LinkedDomain>>();
  readonly #endings: (() => void)[] = [];
  #lost = false;

  constructor(options: SlaveLinkOptions) {
    this.connection = options.connection;
    this.slave = options.slave;
    this.#options = options;
    this.connection.on('signal', (message) => this.#receive(message));
    this.connection.once('close', (error) => this.#closed(error));
  }

  /** Gives a domain the signals of its object, and its end. */
  add(path: string, domain: LinkedDomain): void {
    const domains = this.#domains.get(path) ?? new Set();
    this.#domains.set(path, domains.add(domain));
  }

  remove(path: string, domain: LinkedDomain): void {
    const domains = this.#domains.get(path);
    domains?.delete(domain);
    if (domains?.size === 0) this.#domains.delete(path);
  }

  /** Calls back as soon as nothing can be sent any more. */
  onEnd(callback: () => void): void {
    this.#endings.push(callback);
  }

  /** The slave or the connection to it has ended: all of its domains have. */
  lose(error: HotwireError): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#ended();
    if (!this.connection.closed) this.connection.destroy();
    const domains = [...this.#domains.values()].flatMap((each) => [...each]);
    this.#domains.clear();
    for (const domain of domains) domain.lose(error);
  }

  /** Told what a listener threw: that is no failure of the connection. */
  defect(error: unknown): void {
    this.connection[captureRejectionSymbol](error as Error);
  }

  /** @param cut the far end does not answer: nothing is waited for that it would have to do */
  async close(cut = false): Promise<void> {
    this.#ended();
    if (cut) this.connection.destroy(new HotwireError('TimedOut', 'it did not answer: the connection was cut here'));
    await this.connection.close();
    await this.#options.onClose?.(cut);
  }

  #closed(error: HotwireError | undefined): void {
    const { ended, lost } = this.#options;
    if (error === undefined || lost === undefined) this.lose(domainClosed(ended, error));
    else {
      this.#ended(); // at once: whoever opens a domain next needs another link
      void lost.then((reason) => this.lose(reason));
    }
  }

  #ended(): void {
    for (const callback of this.#endings.splice(0)) callback();
  }

  #receive(message: IncomingMessage): void {
    if (message.sender !== undefined && message.sender !== this.slave) return;
    const { path = '', member, signature } = message;
    if (member === 'DomainClosed' && path === OBJECT_PATH && signature === signatureOf(SIGNALS.DomainClosed)) {
      const [closed, reason] = message.body as [string, string];
      const domains = this.#domains.get(closed);
      this.#domains.delete(closed);
      for (const domain of domains ?? []) domain.lose(domainClosed(reason));
      return;
    }
    for (const domain of this.#domains.get(path) ?? []) domain.receive(message);
  }
}

/** Why a domain ended, as an error. */
export function domainClosed(what: string, cause?: HotwireError): HotwireError {
  return new HotwireError('Domain.Closed', `${what}${cause ? `: ${cause.message}` : ''}`, { cause });
}
