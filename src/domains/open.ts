/** A slave in another place, with a connection to it that is known to work. */
import { BUS_NAME, INTERFACE, OBJECT_PATH } from '../contract';
import { HotwireError } from '../errors';
import { DOMAIN_CONNECT_TIMEOUT_MS, KEEP_ALIVE_COUNT, KEEP_ALIVE_MS } from '../limits';
import { VERSION } from '../version';
import { Connection, MessageType, type Variant } from '../wire';
import type { AddressPart } from './address';
import { type KeepAliveOptions, keepAlive } from './keep-alive';
import { type Peer, type StartOptions, startPeer } from './start';

/** What a slave has to be able to do to be a domain: keep clients apart, and hear of those that leave. */
export const DOMAINS_FEATURE = 'domains';

export interface OpenPeer {
  /** The client's side, Hello said. */
  readonly connection: Connection;
  readonly version: string;
  readonly features: readonly string[];
  /** Ends it and its process. */
  close(): Promise<void>;
  /** Resolves with why it ended, when it ended by itself; never after `close`. */
  readonly lost: Promise<HotwireError>;
}

export interface OpenPeerOptions extends Omit<StartOptions, 'program'> {
  readonly keepAlive?: Pick<KeepAliveOptions, 'intervalMs' | 'count'>;
}

/**
 * Opens the slave at the end of a part of an address.
 * @throws Domain.…: why it can't be had; Domain.VersionMismatch when it can't be worked with
 */
export async function openPeer(part: AddressPart, options: OpenPeerOptions): Promise<OpenPeer> {
  const { intervalMs = KEEP_ALIVE_MS, count = KEEP_ALIVE_COUNT } = options.keepAlive ?? {};
  const { timeoutMs = DOMAIN_CONNECT_TIMEOUT_MS, signal } = options;
  // It waits for one question more than we do: that it leaves first would tell less.
  const patienceS = (intervalMs * (count + 1)) / 1000;
  const peer = await startPeer(part, { ...options, program: ['--stdio', '--keep-alive', String(patienceS)] });
  let connection: Connection | undefined;
  const onAbort = () => peer.stream.destroy();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    signal?.throwIfAborted();
    connection = await Connection.connect(peer.stream, { timeoutMs });
    const found = await askFor(connection, timeoutMs);
    check(found);
    signal?.throwIfAborted();
    keepAlive(connection, { intervalMs, count });
    return new OpenedPeer(peer, connection, found);
  } catch (error) {
    const failure = await peer.failure(HotwireError.from(error));
    connection?.destroy();
    throw signal?.aborted ? signal.reason : failure;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

class OpenedPeer implements OpenPeer {
  readonly version: string;
  readonly features: readonly string[];
  readonly lost: Promise<HotwireError>;
  readonly connection: Connection;
  readonly #peer: Peer;
  #closing: Promise<void> | undefined;

  constructor(peer: Peer, connection: Connection, { version, features }: Found) {
    this.#peer = peer;
    this.connection = connection;
    this.version = version;
    this.features = features;
    this.lost = new Promise((resolve) => {
      connection.once('close', (error) => {
        if (this.#closing === undefined) void peer.failure(error).then(resolve);
      });
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.connection.close({ follow: false }).then(() => this.#peer.end());
    return this.#closing;
  }
}

interface Found {
  readonly version: string;
  readonly features: readonly string[];
}

async function askFor(connection: Connection, timeoutMs: number): Promise<Found> {
  const reply = await connection.call(
    {
      type: MessageType.METHOD_CALL,
      destination: BUS_NAME,
      path: OBJECT_PATH,
      interface: 'org.freedesktop.DBus.Properties',
      member: 'GetAll',
      signature: 's',
      body: [INTERFACE],
    },
    { timeoutMs },
  );
  const properties = reply.body[0] as Record<string, Variant | undefined>;
  const features = properties.Features?.value;
  return {
    version: String(properties.Version?.value ?? 'unknown'),
    features: Array.isArray(features) ? features.map(String) : [],
  };
}

/** @throws Domain.VersionMismatch */
function check({ version, features }: Found): void {
  if (features.includes(DOMAINS_FEATURE)) return;
  const message = `its hotwire is version ${version}, which can't work with ${VERSION} here: install the same on both`;
  throw new HotwireError('Domain.VersionMismatch', message);
}
