import { setMaxListeners } from 'node:events';
import { orAborted } from '../abort';
import { type AddressPart, formatDomainAddress, openPeer, parseDomainAddress } from '../domains';
import { findSlaveAt } from '../domains/open';
import { HotwireError } from '../errors';
import { DOMAIN_CONNECT_TIMEOUT_MS, HANDSHAKE_TIMEOUT_MS } from '../limits';
import { Connection, openAddress, sessionBusAddress } from '../wire';
import type { ConnectOptions, Domain } from './api';
import { startEmbedded } from './embedded';
import { RemoteDomain } from './remote-domain';
import { type BusOptions, findSlave, onDeparture } from './session';
import { domainClosed, SlaveLink } from './slave-link';
import { SlaveProxy } from './slave-proxy';

const SLAVE_ENDED = 'the slave has ended';
/** What ssh and its helpers need of the environment of whoever opens a domain. */
const CONNECTOR_VARIABLES = ['HOTWIRE_SSH', 'SSH_AUTH_SOCK', 'KRB5CCNAME', 'XDG_STATE_HOME'] as const;

/**
 * Opens domains, all over one connection to this user's slave where there is a bus. Where there is none, each is reached
 * from here, with nothing in between.
 */
export interface DomainOpener {
  /**
   * @param address as `connect` takes it
   * @throws the error of the kind `Domain.…` or D-Bus that says why it can't be had
   */
  open(address: string, options?: OpenOptions): Promise<Domain>;
  /** Ends all of its domains. `cut`: without waiting for a far end that does not answer. */
  close(cut?: boolean): Promise<void>;
}

export interface OpenOptions {
  readonly signal?: AbortSignal | undefined;
  /** The domain is the only one: closing it closes the opener. */
  readonly alone?: boolean;
}

/** @throws why the slave can't be had; the reason of `signal` */
export async function createOpener(options: ConnectOptions = {}): Promise<DomainOpener> {
  const { environment = process.env, timeoutMs = HANDSHAKE_TIMEOUT_MS, signal } = options;
  signal?.throwIfAborted();
  const shared = { environment, timeoutMs, signal };
  const open = async (connection: Connection, address: string) =>
    new Opener(environment, timeoutMs, await onBus(connection, { ...shared, address }));
  if (options.bus !== undefined) return open(await openBus({ ...shared, address: options.bus }), options.bus);
  const address = options.embedded ? undefined : sessionBusAddress(environment);
  if (address === undefined) return new Opener(environment, timeoutMs);
  // An address in the environment may well be stale, of a session that has ended: then there is no session bus.
  const connection = await openBus({ ...shared, address }).catch(() => undefined);
  signal?.throwIfAborted();
  return connection === undefined ? new Opener(environment, timeoutMs) : open(connection, address);
}

/** Opens domains at the slave at the other end of a connection, which ends with the opener. */
export async function openerOver(connection: Connection, environment: NodeJS.ProcessEnv): Promise<DomainOpener> {
  const { slave, version } = await findSlaveAt(connection);
  const link = new SlaveLink({ connection, slave, ended: SLAVE_ENDED });
  return new Opener(environment, HANDSHAKE_TIMEOUT_MS, { link, version });
}

/** A slave, and what it is. */
interface Reached {
  readonly link: SlaveLink;
  readonly version: string;
}

/** A slave that is reached from here. */
interface Way {
  readonly reached: Promise<Reached>;
  /** Domains that are open there, or about to be. It ends with the last. */
  users: number;
}

class Opener implements DomainOpener {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #timeoutMs: number;
  /** The slave that relays; undefined where each first step is taken from here. */
  readonly #slave: Reached | undefined;
  /** By the first step, '' for this host. */
  readonly #direct = new Map<string, Way>();
  #told = false;
  readonly #closing = new AbortController();

  constructor(environment: NodeJS.ProcessEnv, timeoutMs: number, slave?: Reached) {
    setMaxListeners(0, this.#closing.signal); // it serves all domains
    this.#environment = environment;
    this.#timeoutMs = timeoutMs;
    this.#slave = slave;
  }

  async open(address: string, { signal, alone = false }: OpenOptions = {}): Promise<Domain> {
    const [first, ...rest] = parseDomainAddress(address);
    const all = first === undefined ? rest : [first, ...rest];
    const opening =
      this.#slave === undefined
        ? this.#openDirect(address, first, rest, alone)
        : this.#openRelayed(this.#slave, address, all, alone);
    if (signal === undefined) return opening;
    // When it is given up it goes on, and is closed as soon as it is there.
    const close = () => void opening.then((domain) => domain.close()).catch(() => undefined);
    return orAborted(opening, signal).catch((error: unknown) => {
      if (signal.aborted) close();
      throw error;
    });
  }

  async close(cut = false): Promise<void> {
    this.#closing.abort(new HotwireError('Cancelled', 'it is not wanted any more'));
    const reached = await Promise.allSettled([
      ...(this.#slave ? [this.#slave] : []),
      ...[...this.#direct.values()].map(({ reached: way }) => way),
    ]);
    await Promise.all(reached.map((each) => (each.status === 'fulfilled' ? each.value.link.close(cut) : undefined)));
  }

  async #openRelayed(
    slave: Reached,
    address: string,
    steps: readonly AddressPart[],
    alone: boolean,
  ): Promise<RemoteDomain> {
    if (!this.#told) {
      // It may have been started elsewhere, long ago: it is told what this user's ssh needs here and now, `on` included.
      this.#told = true;
      const variables = CONNECTOR_VARIABLES.map((name) => [name, this.#environment[name] ?? '']);
      new SlaveProxy(slave.link.connection, slave.link.slave).notify('SetEnvironment', [Object.fromEntries(variables)]);
    }
    return openFrom(slave, { address, steps, ...(alone && { leave: (cut) => this.close(cut) }) });
  }

  async #openDirect(
    address: string,
    first: AddressPart | undefined,
    steps: readonly AddressPart[],
    alone: boolean,
  ): Promise<RemoteDomain> {
    const way = this.#reach(first);
    way.users++;
    const left = async (cut: boolean) => {
      way.users--;
      if (way.users === 0) await (await way.reached).link.close(cut);
    };
    try {
      const end = alone ? { leave: (cut: boolean) => this.close(cut) } : { left };
      return await openFrom(await way.reached, { address, steps, ...end });
    } catch (error) {
      await left(false).catch(() => undefined); // there was no way
      throw error;
    }
  }

  #reach(first: AddressPart | undefined): Way {
    const key = first?.text ?? '';
    const known = this.#direct.get(key);
    if (known !== undefined) return known;
    const way: Way = { reached: first === undefined ? this.#embedded() : this.#peer(first), users: 0 };
    this.#direct.set(key, way);
    const forget = () => {
      if (this.#direct.get(key) === way) this.#direct.delete(key);
    };
    way.reached.then(({ link }) => link.onEnd(forget), forget);
    return way;
  }

  async #embedded(): Promise<Reached> {
    const { signal } = this.#closing;
    const timeoutMs = this.#timeoutMs;
    const { connection, ended } = await startEmbedded({ environment: this.#environment, timeoutMs, signal });
    try {
      const { slave, version } = await whileWanted(connection, signal, () => findSlaveAt(connection, { timeoutMs }));
      return { version, link: new SlaveLink({ connection, slave, ended: SLAVE_ENDED, onClose: ended }) };
    } catch (error) {
      await ended(true);
      throw error;
    }
  }

  async #peer(first: AddressPart): Promise<Reached> {
    const peer = await openPeer(first, { environment: this.#environment, signal: this.#closing.signal });
    const { connection, slave, version, lost } = peer;
    return {
      version,
      link: new SlaveLink({ connection, slave, ended: first.text, lost, onClose: () => peer.close() }),
    };
  }
}

interface Destination {
  readonly address: string;
  /** Those that the slave has to take. */
  readonly steps: readonly AddressPart[];
  /** As RemoteDomainOptions have them. */
  readonly leave?: (cut: boolean) => Promise<void>;
  readonly left?: (cut: boolean) => Promise<void>;
}

async function openFrom({ link, version }: Reached, { steps, ...destination }: Destination): Promise<RemoteDomain> {
  const shared = { ...destination, link };
  if (steps.length === 0) return new RemoteDomain({ ...shared, version });
  const proxy = new SlaveProxy(link.connection, link.slave);
  // Each step has a limit of its own, which names it; this one is for a slave that never answers.
  const timeoutMs = (steps.length + 1) * DOMAIN_CONNECT_TIMEOUT_MS;
  const [path] = await proxy.call('OpenDomain', [formatDomainAddress(steps), {}], { timeoutMs });
  const { version: farVersion } = await findSlaveAt(link.connection, { destination: link.slave, path });
  return new RemoteDomain({ ...shared, version: farVersion, path });
}

/** The slave on a bus; one that does not run is started. The connection is cut when it can't be had. */
function onBus(connection: Connection, options: BusOptions): Promise<Reached> {
  return whileWanted(connection, options.signal, async () => {
    const { slave, version } = await findSlave(connection, options);
    const link = new SlaveLink({ connection, slave, ended: 'the message bus is gone' });
    onDeparture(connection, slave, () => link.lose(domainClosed(SLAVE_ENDED)));
    return { link, version };
  });
}

async function openBus({ address, timeoutMs, signal }: BusOptions): Promise<Connection> {
  const opening = openAddress(address);
  const stream = await (signal === undefined ? opening : orAborted(opening, signal)).catch((error: unknown) => {
    // One that connects after all is not wanted any more.
    if (signal?.aborted) opening.then((late) => late.destroy()).catch(() => undefined);
    throw error;
  });
  return whileWanted(stream, signal, () => Connection.connect(stream, { timeoutMs }));
}

/**
 * `work` over a connection, or a stream, which is cut when that fails or the signal aborts.
 * @throws what `work` does; the reason of the signal
 */
async function whileWanted<T>(
  end: { destroy(): unknown },
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const cut = () => void end.destroy();
  signal?.addEventListener('abort', cut, { once: true });
  try {
    signal?.throwIfAborted();
    return await work();
  } catch (error) {
    cut();
    throw signal?.aborted ? signal.reason : error;
  } finally {
    signal?.removeEventListener('abort', cut);
  }
}
