import { setMaxListeners } from 'node:events';
import { orAborted } from '../abort';
import { HotwireError } from '../errors';
import { FANOUT } from '../limits';
import type { Domain } from './api';
import { fanOut } from './fan-out';
import type { DomainGroup, GroupOptions, GroupPipeline, GroupRunOptions, HostFailure } from './group-api';
import { FannedPipeline } from './group-pipeline';
import { type Host, resolveHosts } from './hosts';
import { loginHelps } from './login';
import { createOpener, type DomainOpener } from './opener';

/**
 * Many domains, to run pipelines in all of them. Each is opened when it is first needed.
 * @param hosts folded names with groups (`web[1-20],@db`), or a list of names and addresses; a name without a scheme is a
 * host of ssh
 * @throws Domain.BadAddress, with a caret under what is wrong; why this machine's slave can't be had
 */
export async function connectAll(hosts: string | readonly string[], options: GroupOptions = {}): Promise<DomainGroup> {
  const resolved = resolveHosts(hosts, options.environment ?? process.env);
  return new OpenedGroup(resolved, await createOpener(options), options);
}

/** Domains by the hosts that they are of. */
export class OpenedGroup implements DomainGroup {
  readonly #hosts: readonly Host[];
  readonly #opener: DomainOpener;
  readonly #options: GroupOptions;
  readonly #fanout: number;
  readonly #domains = new Map<Host, Promise<Domain>>();
  /** One person logs in to one host after the other. */
  #loggingIn: Promise<unknown> = Promise.resolve();

  /** @param opener closed with the group */
  constructor(hosts: readonly Host[], opener: DomainOpener, options: GroupOptions = {}) {
    this.#hosts = hosts;
    this.#opener = opener;
    this.#options = options;
    this.#fanout = Math.max(1, options.fanout ?? FANOUT);
  }

  get hosts(): readonly string[] {
    return this.#hosts.map(({ name }) => name);
  }

  run(text: string, options: GroupRunOptions = {}): GroupPipeline {
    const members = {
      hosts: this.#hosts,
      fanout: this.#fanout,
      open: (host: Host, signal: AbortSignal) => this.#open(host, signal),
      leave: (host: Host) => this.#leave(host),
    };
    return new FannedPipeline(text, members, options);
  }

  async each(
    work: (domain: Domain, host: string) => Promise<void>,
    { signal = new AbortController().signal }: { signal?: AbortSignal } = {},
  ): Promise<HostFailure[]> {
    setMaxListeners(0, signal); // it serves all hosts
    const failures = new Map<Host, HostFailure>();
    await fanOut(this.#hosts, this.#fanout, async (host) => {
      try {
        await orAborted(work(await this.#open(host, signal), host.name), signal);
      } catch (thrown) {
        failures.set(host, { domain: host.name, error: HotwireError.from(thrown) });
      }
      await this.#leave(host);
    });
    return this.#hosts.flatMap((host) => failures.get(host) ?? []);
  }

  close(): Promise<void> {
    return this.#opener.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #open(host: Host, signal: AbortSignal): Promise<Domain> {
    const known = this.#domains.get(host);
    if (known !== undefined) return known;
    const opening = this.#openAnew(host, signal);
    const forget = () => void this.#domains.delete(host);
    opening.then((domain) => domain.on('close', forget), forget);
    this.#domains.set(host, opening);
    return opening;
  }

  async #openAnew(host: Host, signal: AbortSignal): Promise<Domain> {
    signal.throwIfAborted();
    try {
      return await this.#opener.open(host.address, { signal });
    } catch (thrown) {
      const error = HotwireError.from(thrown);
      const { login } = this.#options;
      if (login === undefined || !loginHelps(error)) throw thrown;
      const turn = this.#loggingIn.then(() => {
        signal.throwIfAborted();
        return login(host, error);
      });
      this.#loggingIn = turn.catch(() => undefined);
      if (!(await turn)) throw thrown;
      return this.#opener.open(host.address, { signal });
    }
  }

  async #leave(host: Host): Promise<void> {
    const domain = this.#domains.get(host);
    if (this.#options.keep !== false || domain === undefined) return;
    this.#domains.delete(host);
    // What can't be closed any more has ended; what could not be opened has told so.
    await domain.then((opened) => opened.close()).catch(() => undefined);
  }
}
