// A local D-Bus address for a bus that is elsewhere. Each client gets a far connection of its own, as a bus tells its clients
// apart by their connections. One more is kept ready: the next client finds it warm, and while it lives the far side does.
import { setMaxListeners } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { finished } from 'node:stream/promises';
import { orAborted } from '../abort';
import { HotwireError } from '../errors';
import { BRIDGE_IDLE_S, END_BOUND_MS, HANDSHAKE_TIMEOUT_MS, KILL_GRACE_MS, MAX_BRIDGE_CLIENTS } from '../limits';
import { escapeAddressValue, newId, openAddress, shakeHands } from '../wire';
import { parseDomainAddress } from './address';
import { type BridgedBus, FarEnd, type FarOptions, keep } from './bridge-far';
import { bridgeDialogue, endingDialogue } from './bridge-handshake';
import { listenInPlace, removePlace } from './bridge-place';

/** A bridge that is asked to end is given up after so many milliseconds: twice what its far side gets to end by itself. */
const MAX_END_MS = 2 * (END_BOUND_MS + KILL_GRACE_MS);

export interface BridgeOptions {
  /** Which of the far side's. Default: its session bus. */
  readonly bus?: BridgedBus;
  readonly environment?: NodeJS.ProcessEnv;
  /** Seconds without a client after which it ends; 0 never. Default BRIDGE_IDLE_S. */
  readonly idleS?: number;
  /** Gives up opening it. */
  readonly signal?: AbortSignal;
}

/** It listens until it ends: by `close`, idle, asked by `endBridge`, or because the far side has gone. */
export class Bridge {
  /** For any D-Bus client: `unix:path=…,guid=…`. */
  readonly address: string;
  /** Once all is gone, its files too: why, if the far side did it. */
  readonly ended: Promise<HotwireError | undefined>;
  readonly #far: FarOptions;
  readonly #idleS: number;
  readonly #guid: string;
  readonly #socket: string;
  readonly #server: Server;
  /** Each with what resolves once it and its far connection are gone. */
  readonly #clients = new Map<Socket, Promise<void>>();
  readonly #closing = new AbortController();
  /** What the next client gets, as soon as it is there. */
  #spare: Promise<FarEnd> | undefined;
  #idle: NodeJS.Timeout | undefined;
  #setEnded: (reason: HotwireError | undefined) => void = () => undefined;

  /**
   * Opens the first far connection, which shows that it works, then listens.
   * @param address of the domain; '' and `local:` are this machine
   * @throws the error of the kind `Domain.…` or D-Bus that says why the bus can't be had
   */
  static async open(address: string, options: BridgeOptions = {}): Promise<Bridge> {
    const { bus = 'session', environment = process.env, idleS = BRIDGE_IDLE_S, signal } = options;
    const far = { route: parseDomainAddress(address), bus, environment };
    const first = await FarEnd.open({ ...far, ...(signal && { signal }) });
    const server = createServer({ allowHalfOpen: true });
    try {
      const socket = await listenInPlace(server, environment);
      return new Bridge(far, first, server, socket, idleS);
    } catch (error) {
      await first.end();
      throw error;
    }
  }

  private constructor(far: FarOptions, first: FarEnd, server: Server, socket: string, idleS: number) {
    this.#far = { ...far, signal: this.#closing.signal };
    setMaxListeners(0, this.#closing.signal); // each client that is being let in listens to it
    this.#idleS = idleS;
    this.#guid = newId();
    this.#socket = socket;
    this.#server = server;
    this.address = `unix:path=${escapeAddressValue(socket)},guid=${this.#guid}`;
    this.ended = new Promise((resolve) => {
      this.#setEnded = resolve;
    });
    this.#keepSpare(Promise.resolve(first));
    server.maxConnections = MAX_BRIDGE_CLIENTS;
    server.on('connection', (client) => {
      clearTimeout(this.#idle);
      const left = this.#serve(client).finally(() => {
        this.#clients.delete(client);
        this.#waitIfIdle();
      });
      this.#clients.set(client, left);
    });
    server.on('error', (error) => void this.#end(HotwireError.from(error)));
    this.#waitIfIdle();
  }

  /** Cuts every client and ends. Resolves once all is gone. */
  async close(): Promise<void> {
    void this.#end(undefined);
    await this.ended;
  }

  async #serve(client: Socket): Promise<void> {
    client.on('error', () => undefined); // how a client leaves is told by the end of its stream
    let asksForEnd = false;
    const dialogue = bridgeDialogue(this.#guid, () => {
      asksForEnd = true;
    });
    try {
      await shakeHands(client, dialogue, HANDSHAKE_TIMEOUT_MS, (rest) => keep(client, rest));
    } catch {
      return; // it does not speak D-Bus, and was cut
    }
    if (asksForEnd) await this.#endFor(client);
    else await this.#join(client);
  }

  /** Whoever asked for the end hears of it by the end of the connection. */
  async #endFor(client: Socket): Promise<void> {
    this.#clients.delete(client);
    await this.close();
    client.destroy();
  }

  async #join(client: Socket): Promise<void> {
    let far: FarEnd;
    try {
      far = (await this.#takeSpare()) ?? (await FarEnd.open(this.#far));
    } catch (error) {
      client.destroy();
      this.#broke(HotwireError.from(error));
      return;
    }
    // Another that came at the same time may have seen to it.
    if (this.#spare === undefined && !this.#closing.signal.aborted) this.#keepSpare(FarEnd.open(this.#far));
    const broken = await far.join(client);
    if (broken !== undefined) this.#broke(broken);
  }

  /**
   * The far connection of a client has gone, or there was none for it. As long as others go on with theirs, the far side has
   * not gone; when it has, the last of them tells.
   */
  #broke(reason: HotwireError): void {
    if (this.#clients.size === 1) void this.#end(reason);
  }

  /** The connection that is ready, or is about to be. */
  #takeSpare(): Promise<FarEnd | undefined> | undefined {
    const spare = this.#spare;
    this.#spare = undefined;
    // What kept it from being ready may have passed: its client tries again, and is told by its end if it has not.
    return spare?.catch(() => undefined);
  }

  #keepSpare(spare: Promise<FarEnd>): void {
    this.#spare = spare;
    const gone = async (why: () => Promise<HotwireError>) => {
      if (this.#spare !== spare) return; // whoever has taken it learns of it
      this.#spare = undefined;
      const reason = await why();
      // While others are on it, they tell whether the far side lives: a spare alone is no loss.
      if (this.#clients.size === 0 && this.#spare === undefined) await this.#end(reason);
    };
    const why = async (far: FarEnd) =>
      (await far.broken()) ?? new HotwireError('Domain.Closed', 'the far side has ended the connection');
    spare.then(
      (far) => this.#spare === spare && far.watch(() => void gone(() => why(far))),
      (error: unknown) => gone(async () => HotwireError.from(error)),
    );
  }

  #waitIfIdle(): void {
    clearTimeout(this.#idle);
    if (this.#clients.size > 0 || this.#closing.signal.aborted) return;
    // Nobody is left to tell whether the far side lives.
    if (this.#spare === undefined) this.#keepSpare(FarEnd.open(this.#far));
    if (this.#idleS === 0) return;
    this.#idle = setTimeout(() => void this.#end(undefined), this.#idleS * 1000);
  }

  /** Once. */
  async #end(reason: HotwireError | undefined): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(new HotwireError('Cancelled', 'the bridge ends'));
    clearTimeout(this.#idle);
    this.#server.close();
    for (const client of this.#clients.keys()) client.destroy();
    const spare = this.#takeSpare();
    await Promise.all([...this.#clients.values(), spare?.then((far) => far?.end())]);
    const failure = await removePlace(this.#socket).then(
      () => undefined,
      (error: unknown) => HotwireError.from(error),
    );
    this.#setEnded(reason ?? failure);
  }
}

export interface EndOptions {
  /** Gives up waiting for it. */
  readonly signal?: AbortSignal;
  /** The same after so long. Default MAX_END_MS. */
  readonly timeoutMs?: number;
}

/**
 * Ends a bridge, wherever it runs. Resolves once it is gone.
 * @param address as it gave it
 * @throws Disconnected when there is none, InvalidArgs when that is no bridge, TimedOut when it does not end; the reason
 * of `signal`
 */
export async function endBridge(address: string, options: EndOptions = {}): Promise<void> {
  const { signal = new AbortController().signal, timeoutMs = MAX_END_MS } = options;
  const bound = new AbortController();
  const timer = setTimeout(() => {
    const words = `was asked to end and is still there after ${timeoutMs / 1000} s: end its process`;
    bound.abort(new HotwireError('TimedOut', `the bridge at ${address} ${words}`));
  }, timeoutMs);
  const stop = AbortSignal.any([signal, bound.signal]);
  try {
    await orAborted(askToEnd(address, stop), stop);
  } finally {
    clearTimeout(timer);
  }
}

async function askToEnd(address: string, stop: AbortSignal): Promise<void> {
  const stream = await openAddress(address).catch((cause: HotwireError) => {
    if (cause.kind !== 'Disconnected') throw cause;
    throw new HotwireError('Disconnected', `no bridge listens on ${address}: it has ended`, { cause });
  });
  stop.addEventListener('abort', () => stream.destroy(), { once: true });
  if (stop.aborted) stream.destroy();
  try {
    await shakeHands(stream, endingDialogue(), HANDSHAKE_TIMEOUT_MS, () => stream.resume());
    await finished(stream, { writable: false }).catch(() => undefined); // it is gone, in whatever order
  } finally {
    stream.destroy();
  }
}
