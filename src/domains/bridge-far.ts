// The far end of one client of a bridge: a process that carries bytes, and behind it a bus that has let us in.
import type { Duplex } from 'node:stream';
import { EXIT, HotwireError } from '../errors';
import { HANDSHAKE_TIMEOUT_MS } from '../limits';
import { shakeHands } from '../wire';
import { type AddressPart, formatDomainAddress, parseDomainAddress } from './address';
import { farDialogue, Refusal } from './bridge-handshake';
import { joinStreams } from './join';
import { type Peer, startPeer } from './start';

export const BRIDGED_BUSES = ['session', 'system', 'slave'] as const;
export type BridgedBus = (typeof BRIDGED_BUSES)[number];

/** This machine, where an address has no step that leads away: its buses are reached as those of any other. */
const HERE: AddressPart = { scheme: 'exec', rest: 'env', text: 'this machine' };
/** What no argument of a slave may hold on its way through the shells between. */
const SPECIAL = /[^\w./+@:-]/g;

export interface FarOptions {
  readonly route: readonly AddressPart[];
  readonly bus: BridgedBus;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

/**
 * Starts what carries the bytes of one client, at the first step of the route; the others are its business.
 * @throws what `startPeer` throws
 */
export function startCarrier({
  route: [first = HERE, ...others],
  bus,
  environment,
  signal,
}: FarOptions): Promise<Peer> {
  const program = ['--bridge', bus, ...(others.length > 0 ? [toArgument(others)] : [])];
  return startPeer(first, { environment, program, ...(signal && { signal }) });
}

/** The steps as one argument of `hotwire-slave --bridge`: a sign that a shell might read is `=` and two digits. */
function toArgument(route: readonly AddressPart[]): string {
  const bytes = Buffer.from(formatDomainAddress(route)).toString('latin1');
  return bytes.replace(SPECIAL, (sign) => `=${sign.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** What `startCarrier` gave as an argument. @throws Domain.BadAddress */
export function routeOfArgument(argument: string): AddressPart[] {
  const bytes = argument.replace(/=([0-9a-f]{2})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
  return parseDomainAddress(Buffer.from(bytes, 'latin1').toString());
}

/** Puts back what came with the last line of a dialogue. */
export function keep(stream: Duplex, rest: Buffer): void {
  if (rest.length > 0) stream.unshift(rest);
}

/** A connection to the far bus, up to its first message. */
export class FarEnd {
  readonly #peer: Peer;
  #onReadable: () => void = () => undefined;

  /** @throws why it can't be had, with the address; the reason of `signal` */
  static async open(options: FarOptions): Promise<FarEnd> {
    const { route, signal } = options;
    const peer = await startCarrier(options);
    const stop = () => peer.stream.destroy();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      await shakeHands(peer.stream, farDialogue(), HANDSHAKE_TIMEOUT_MS, (rest) => keep(peer.stream, rest));
      return new FarEnd(peer);
    } catch (thrown) {
      const error = HotwireError.from(thrown);
      if (signal?.aborted) {
        await peer.failure(new HotwireError('Domain.Closed', 'it was given up', { cause: error }));
        throw signal.reason;
      }
      // One that has not said why has left last words.
      if (!(error instanceof Refusal)) throw await peer.failure(error);
      await peer.end();
      throw new HotwireError(error.kind, `${formatDomainAddress(route) || HERE.text}: ${error.message}`);
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  private constructor(peer: Peer) {
    this.#peer = peer;
  }

  /** Calls back if it ends before it is joined: nothing comes from a bus that has not been asked. */
  watch(ended: () => void): void {
    this.#onReadable = ended;
    this.#peer.stream.once('readable', ended);
  }

  /** Gives it to a client, until either ends. @returns why, if it was not the client and not the bus */
  async join(client: Duplex): Promise<HotwireError | undefined> {
    this.#peer.stream.off('readable', this.#onReadable);
    const first = await joinStreams(client, this.#peer.stream);
    const broken = first === 'server' ? await this.broken() : undefined;
    await this.end();
    return broken;
  }

  /** Why it has ended; undefined when its bus has closed the connection in good order. */
  async broken(): Promise<HotwireError | undefined> {
    const failure = await this.#peer.failure();
    return (await this.#peer.exited) === EXIT.ok ? undefined : failure;
  }

  /** Resolves once its process is gone. */
  end(): Promise<void> {
    return this.#peer.end();
  }
}
