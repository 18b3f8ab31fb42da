/** A slave in another place, with a connection to it that is known to work. */
import { BUS_NAME, INTERFACE, OBJECT_PATH } from '../contract';
import { HotwireError } from '../errors';
import { DOMAIN_CONNECT_TIMEOUT_MS, FAR_PATIENCE_MS, KEEP_ALIVE_COUNT, KEEP_ALIVE_MS } from '../limits';
import { VERSION } from '../version';
import { Connection, MessageType, type Variant } from '../wire';
import type { AddressPart } from './address';
import { type KeepAliveOptions, keepAlive } from './keep-alive';
import { type Peer, type StartOptions, startPeer } from './start';

/** What a slave has to be able to do to be a domain: keep clients apart, and hear of those that leave. */
export const DOMAINS_FEATURE = 'domains';

/** Who a slave is. */
export interface FoundSlave {
  /** Its unique name on the connection. */
  readonly slave: string;
  readonly version: string;
  readonly features: readonly string[];
}

export interface OpenPeer extends FoundSlave {
  /** The client's side, Hello said. */
  readonly connection: Connection;
  /** Ends it and its process. */
  close(): Promise<void>;
  /** Resolves with why it ended, when it ended by itself; never after `close`. */
  readonly lost: Promise<HotwireError>;
}

export interface OpenPeerOptions extends Omit<StartOptions, 'program'> {
  readonly keepAlive?: Pick<KeepAliveOptions, 'intervalMs' | 'count'>;
  /** How long the slave there waits for a word of ours, in milliseconds. Default FAR_PATIENCE_MS. */
  readonly farPatienceMs?: number;
}

/**
 * Opens the slave at the end of a part of an address.
 * @throws Domain.…: why it can't be had; Domain.VersionMismatch when it can't be worked with
 */
export async function openPeer(part: AddressPart, options: OpenPeerOptions): Promise<OpenPeer> {
  const { intervalMs = KEEP_ALIVE_MS, count = KEEP_ALIVE_COUNT } = options.keepAlive ?? {};
  const { timeoutMs = DOMAIN_CONNECT_TIMEOUT_MS, farPatienceMs = FAR_PATIENCE_MS, signal } = options;
  // We may be stopped (Ctrl-Z), and then say nothing. That we have ended it sees at once; only a cut link has to be waited for.
  const program = ['--stdio', '--keep-alive', String(farPatienceMs / 1000)];
  const peer = await startPeer(part, { ...options, program });
  let connection: Connection | undefined;
  const onAbort = () => peer.stream.destroy();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    signal?.throwIfAborted();
    connection = await Connection.connect(peer.stream, { timeoutMs });
    const found = await findSlaveAt(connection, { timeoutMs });
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
  readonly slave: string;
  readonly version: string;
  readonly features: readonly string[];
  readonly lost: Promise<HotwireError>;
  readonly connection: Connection;
  readonly #peer: Peer;
  #closing: Promise<void> | undefined;

  constructor(peer: Peer, connection: Connection, { slave, version, features }: FoundSlave) {
    this.#peer = peer;
    this.connection = connection;
    this.slave = slave;
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

export interface FindOptions {
  /** Name of the slave; its well-known one by default. */
  readonly destination?: string;
  /** Of the domain's object. */
  readonly path?: string;
  /** Of the message. */
  readonly flags?: number;
  /** In whose name it is asked, where that is not our own. */
  readonly sender?: string;
  readonly timeoutMs?: number;
}

/**
 * The slave that has an object, by one call: the sender of the answer is its unique name.
 * @throws Domain.VersionMismatch when it answers as no slave does; as Connection.call
 */
export async function findSlaveAt(connection: Connection, options: FindOptions = {}): Promise<FoundSlave> {
  const { destination = BUS_NAME, path = OBJECT_PATH, flags, sender, timeoutMs } = options;
  const reply = await connection.call(
    {
      type: MessageType.METHOD_CALL,
      destination,
      path,
      interface: 'org.freedesktop.DBus.Properties',
      member: 'GetAll',
      signature: 's',
      body: [INTERFACE],
      ...(flags !== undefined && { flags }),
      ...(sender !== undefined && { sender }),
    },
    timeoutMs === undefined ? {} : { timeoutMs },
  );
  checkReply('GetAll', reply.signature, 'a{sv}');
  const properties = reply.body[0] as Record<string, Variant | undefined>;
  const features = properties.Features?.value;
  return {
    slave: reply.sender ?? destination,
    version: String(properties.Version?.value ?? 'unknown'),
    features: Array.isArray(features) ? features.map(String) : [],
  };
}

/** @throws Domain.VersionMismatch when a method was not answered as the contract has it */
export function checkReply(member: string, answered: string, expected: string): void {
  if (answered === expected) return;
  const came = `${member} was answered with '${answered}', which has to be '${expected}'`;
  const advice = `what is there is no slave that hotwire ${VERSION} can work with: install the same version on both`;
  throw new HotwireError('Domain.VersionMismatch', `${came}; ${advice}`);
}

/** @throws Domain.VersionMismatch */
function check({ version, features }: FoundSlave): void {
  if (features.includes(DOMAINS_FEATURE)) return;
  const message = `its hotwire is version ${version}, which can't work with ${VERSION} here: install the same on both`;
  throw new HotwireError('Domain.VersionMismatch', message);
}
