/** The one sequence that starts a peer in another place: the connector's process, its markers, the bundle if it is wanted. */
import type { Duplex } from 'node:stream';
import { orAborted } from '../abort';
import { HotwireError } from '../errors';
import { DOMAIN_CONNECT_TIMEOUT_MS, KILL_GRACE_MS, SHARED_SILENT_MS } from '../limits';
import { stdioStream } from '../wire';
import type { AddressPart } from './address';
import { bootstrap } from './bootstrap';
import { type Bundle, slaveBundle } from './bundle';
import { type Connector, connectorError, connectorFor } from './connector';
import { MarkerReader } from './marker';
import { ConnectorProcess, describeExit, inTime } from './process';
import { waitUntilReady, wasNotFound } from './ready';

export interface Peer {
  /** The bytes of the peer, from its first on. */
  readonly stream: Duplex;
  /** Resolves when its process is gone, with its status; null when a signal ended it. */
  readonly exited: Promise<number | null>;
  /** Ends its process: politely, then by force. Resolves when it is gone. */
  end(): Promise<void>;
  /** Why it ended, with the connector's last words; it is ended if it still runs. `cause` is what we know of it. */
  failure(cause?: HotwireError): Promise<HotwireError>;
}

export interface StartOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  /** Arguments of hotwire-slave there: options, words and addresses. Default `--stdio`. */
  readonly program?: readonly string[];
  readonly timeoutMs?: number;
}

/**
 * Starts a peer at the end of a part of an address.
 * @throws Domain.…: why it can't be had, with the connector's last words; the reason of `signal`
 */
export async function startPeer(part: AddressPart, options: StartOptions): Promise<Peer> {
  const { environment, signal, program = ['--stdio'], timeoutMs = DOMAIN_CONNECT_TIMEOUT_MS } = options;
  signal?.throwIfAborted();
  const connector = connectorFor(part, { environment, timeoutMs });
  if (connector.joins === 'itself') {
    const process = await ConnectorProcess.start(connector, []);
    return new StartedPeer(connector, process);
  }
  return reach(connector, { program, bundle: await slaveBundle(), timeoutMs, signal });
}

interface AttemptOptions {
  readonly program: readonly string[];
  readonly bundle: Bundle;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * A shared connection whose link went while this machine slept says nothing for a while, and one whose master hangs never
 * does: the host may well answer without. So that is tried beside it, and the first of the two counts.
 */
async function reach(connector: Connector, options: AttemptOptions): Promise<Peer> {
  const { shared } = connector;
  const { timeoutMs, signal } = options;
  const first = new Attempt(connector, options);
  if (shared === undefined) return first.peer;
  const silentMs = Math.min(SHARED_SILENT_MS, timeoutMs / 2);
  const early = await inTime(Promise.allSettled([first.peer]), silentMs);
  if (early !== 'late' || first.heard) return first.peer;
  const second = new Attempt(shared.alone(), { ...options, timeoutMs: timeoutMs - silentMs });
  let won: Peer | undefined;
  try {
    won = await Promise.any([first.peer, second.peer]);
    return won;
  } catch (thrown) {
    signal?.throwIfAborted();
    const [over, alone] = (thrown as AggregateError).errors as [HotwireError, HotwireError];
    const advice = `the connection to it that ssh shares may hang: '${shared.advice}' ends that`;
    throw new HotwireError(over.kind, `${over.message}; ${advice}\nwithout it: ${alone.message}`, { cause: over });
  } finally {
    for (const attempt of [first, second]) attempt.cancelUnless(won);
  }
}

/** One start of a connector, up to the slave that is ready behind it. */
class Attempt {
  readonly peer: Promise<Peer>;
  #markers: MarkerReader | undefined;
  readonly #cancelled = new AbortController();

  constructor(connector: Connector, options: AttemptOptions) {
    this.peer = this.#start(connector, options);
    this.peer.catch(() => undefined); // whoever waits for it is told, and perhaps nobody does any more
  }

  /** Whether anything came yet. */
  get heard(): boolean {
    return this.#markers?.heard === true;
  }

  /** Ends it, unless this is what came of it. */
  cancelUnless(won: Peer | undefined): void {
    this.#cancelled.abort(new HotwireError('Cancelled', 'another connection was quicker'));
    this.peer.then(
      (peer) => (peer === won ? undefined : peer.end()),
      () => undefined, // ended
    );
  }

  async #start(connector: Connector, options: AttemptOptions): Promise<Peer> {
    const { program, bundle, timeoutMs, signal } = options;
    const { words, mark } = bootstrap(connector, program, bundle);
    const process = await ConnectorProcess.start(connector, words);
    const markers = new MarkerReader(process.stdout, mark);
    this.#markers = markers;
    try {
      const ready = waitUntilReady({ connector, process, markers, bundle, timeoutMs });
      const awaited = orAborted(ready, this.#cancelled.signal);
      await (signal === undefined ? awaited : orAborted(awaited, signal));
    } catch (error) {
      await process.kill();
      this.#cancelled.signal.throwIfAborted();
      signal?.throwIfAborted();
      const other = connector.instead?.(await process.lastWords());
      if (other !== undefined) return this.#start(other, options);
      throw error;
    }
    markers.release();
    return new StartedPeer(connector, process);
  }
}

class StartedPeer implements Peer {
  readonly stream: Duplex;
  readonly #connector: Connector;
  readonly #process: ConnectorProcess;

  constructor(connector: Connector, process: ConnectorProcess) {
    this.#connector = connector;
    this.#process = process;
    this.stream = stdioStream(process.stdout, process.stdin);
    this.stream.on('error', () => undefined); // its process tells better
  }

  get exited(): Promise<number | null> {
    return this.#process.exited;
  }

  end(): Promise<void> {
    return this.#process.end();
  }

  async failure(cause?: HotwireError): Promise<HotwireError> {
    // A stream that has ended is followed by its process, which then tells why; one that hangs does not.
    const hangs = cause !== undefined && /TimedOut|Domain\.Closed/.test(cause.kind);
    await (hangs ? this.#process.kill() : this.#process.end(KILL_GRACE_MS));
    const words = await this.#process.lastWords();
    const { address } = this.#connector;
    if (cause?.kind.startsWith('Domain.')) return connectorError(cause.kind, address, cause.message, words, cause);
    if (cause?.kind === 'TimedOut') return connectorError('Domain.TimedOut', address, cause.message, words, cause);
    const { exit } = this.#process;
    if (wasNotFound(exit)) {
      return connectorError('Domain.ProgramMissing', address, 'hotwire-slave could not be run there', words, cause);
    }
    if (/unknown option '--(keep-alive|bridge)'/.test(words)) {
      const meaning = 'the hotwire-slave there is too old for this hotwire: install the same version on both';
      return connectorError('Domain.VersionMismatch', address, meaning, words, cause);
    }
    // By SIGPIPE it ends when we have turned away from it.
    const ours = exit.code === 0 || exit.signal === 'SIGPIPE' || this.#process.wasForced;
    const why = [ours ? undefined : describeExit(exit), cause?.message].filter((reason) => reason !== undefined);
    return connectorError(
      'Domain.Closed',
      address,
      `the connection has ended: ${why.join('; ') || 'it ended'}`,
      words,
      cause,
    );
  }
}
