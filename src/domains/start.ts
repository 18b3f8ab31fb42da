/** The one sequence that starts a peer in another place: the connector's process, its markers, the bundle if it is wanted. */
import type { Duplex } from 'node:stream';
import { orAborted } from '../abort';
import type { HotwireError } from '../errors';
import { DOMAIN_CONNECT_TIMEOUT_MS, KILL_GRACE_MS } from '../limits';
import { stdioStream } from '../wire';
import type { AddressPart } from './address';
import { bootstrap, LEAST_NODE_MAJOR } from './bootstrap';
import { slaveBundle } from './bundle';
import { type Connector, connectorError, connectorFor, type Exit } from './connector';
import { MAX_NOISE_BYTES, type Marker, MarkerReader } from './marker';
import { ConnectorProcess, describeExit } from './process';

/** How much of what came instead of a slave is shown, in characters. */
const SHOWN = 400;
/** What a shell says when there is no such program, and when it can't be run. */
const NOT_FOUND = [126, 127];

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
  const bundle = await slaveBundle();
  const { words, mark } = bootstrap(connector, program, bundle);
  const process = await ConnectorProcess.start(connector, words);
  const markers = new MarkerReader(process.stdout, mark);
  try {
    const ready = waitUntilReady(connector, process, markers, bundle.compressed, timeoutMs);
    await (signal === undefined ? ready : orAborted(ready, signal));
  } catch (error) {
    await process.kill();
    throw error;
  }
  markers.release();
  return new StartedPeer(connector, process);
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

  get exit(): Exit {
    return this.#process.exit;
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
    if (exit.code !== null && NOT_FOUND.includes(exit.code)) {
      return connectorError('Domain.ProgramMissing', address, 'hotwire-slave could not be run there', words, cause);
    }
    if (/unknown option '--(keep-alive|bridge)'/.test(words)) {
      const meaning = 'the hotwire-slave there is too old for this hotwire: install the same version on both';
      return connectorError('Domain.VersionMismatch', address, meaning, words, cause);
    }
    const why = exit.code === 0 ? (cause?.message ?? 'it ended') : describeExit(exit);
    return connectorError('Domain.Closed', address, `the connection has ended: ${why}`, words, cause);
  }
}

/** @throws why there is no slave */
async function waitUntilReady(
  connector: Connector,
  process: ConnectorProcess,
  markers: MarkerReader,
  bundle: Buffer,
  timeoutMs: number,
): Promise<void> {
  const { address } = connector;
  for (;;) {
    // Anew after the bundle was asked for: that there is node is known then, and sending takes what it takes.
    const arrival = await inTime(markers.next(), timeoutMs);
    if (arrival === 'late') {
      const meaning = `no slave was ready there within ${timeoutMs / 1000} s; ${came(markers)}`;
      throw connectorError('Domain.TimedOut', address, meaning, await process.lastWords());
    }
    if (arrival === 'noise') {
      const meaning = `it printed over ${MAX_NOISE_BYTES} bytes and no slave was ready: let its login scripts be quieter`;
      throw connectorError('Domain.Unreachable', address, `${meaning}; ${came(markers)}`, '');
    }
    if (arrival === 'ended') throw await endedEarly(connector, process, markers);
    if (arrival.word === 'ready') return;
    if (arrival.word !== 'send') throw refused(address, arrival);
    process.stdin.write(bundle);
  }
}

function refused(address: string, { word, text }: Marker): HotwireError {
  const least = `Node ${LEAST_NODE_MAJOR} or newer`;
  switch (word) {
    case 'old': {
      const meaning = `its Node is ${text}, which is too old: install hotwire or ${least} there`;
      return connectorError('Domain.ProgramMissing', address, meaning, '');
    }
    case 'none': {
      const meaning = `neither hotwire nor Node is there: install one of them (hotwire, or ${least}); its PATH is ${text}`;
      return connectorError('Domain.ProgramMissing', address, meaning, '');
    }
    case 'bad':
      return connectorError('Domain.Closed', address, 'the slave that was sent arrived damaged: try again', '');
    default:
      return connectorError('Domain.VersionMismatch', address, `it said ${JSON.stringify(word)}, which is unknown`, '');
  }
}

/** The process, or the shell that it gave, ended before a slave was there. */
async function endedEarly(
  connector: Connector,
  process: ConnectorProcess,
  markers: MarkerReader,
): Promise<HotwireError> {
  await process.end(KILL_GRACE_MS);
  const words = await process.lastWords();
  const { exit } = process;
  const explained = connector.explain(words, exit);
  if (explained !== undefined) return explained;
  if (exit.code !== null && NOT_FOUND.includes(exit.code)) {
    const meaning = 'no shell could be started there: it needs sh, and hotwire or Node';
    return connectorError('Domain.ProgramMissing', connector.address, meaning, words || markers.noise);
  }
  const kind = connector.joins === 'line' ? 'Domain.LoginRefused' : 'Domain.Unreachable';
  const meaning = `it ${describeExit(exit)} before a slave was there; ${came(markers)}`;
  return connectorError(kind, connector.address, meaning, words);
}

function came(markers: MarkerReader): string {
  const { noise } = markers;
  if (noise === '') return 'nothing came';
  return `this came instead: ${JSON.stringify(noise.slice(0, SHOWN))}${noise.length > SHOWN ? '…' : ''}`;
}

async function inTime<T>(promise: Promise<T>, timeoutMs: number): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, 'late');
  });
  const first = await Promise.race([promise, late]);
  clearTimeout(timer);
  return first;
}
