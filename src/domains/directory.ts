/** The domains of a slave: opened once, shared by the clients of a user, closed when nobody has used them for a while. */
import { OBJECT_PATH } from '../contract';
import { HotwireError } from '../errors';
import { DOMAIN_IDLE_MS, MAX_DOMAINS } from '../limits';
import type { IncomingMessage } from '../wire';
import { type AddressPart, formatDomainAddress, parseDomainAddress } from './address';
import type { RelayClient } from './client';
import type { FarObject } from './far-calls';
import { openPeer } from './open';
import { Relay } from './relay';
import { RelayedObject } from './relayed-object';

/** Domains are objects below it. */
export const DOMAINS_PATH = `${OBJECT_PATH}/domains`;
/** Longest readable beginning of a domain's token, in characters. */
const MAX_TOKEN_NAME = 40;

export interface DirectoryOptions {
  /** Reaches a peer. */
  readonly reach?: typeof openPeer;
  /** Milliseconds. */
  readonly idleMs?: number;
  /** Told of what opens and closes. */
  readonly log?: (event: { readonly address: string; readonly reason?: string }, message: string) => void;
}

/** One entry of ListDomains. */
export interface DomainEntry {
  readonly address: string;
  readonly path: string;
  readonly state: 'open';
  /** Seconds since the epoch. */
  readonly opened: number;
  /** How many pipelines the asking client has running there. */
  readonly pipelines: number;
  /** How many clients have it open. */
  readonly clients: number;
}

/** A relay, or one that is being opened. */
interface Entry {
  readonly key: string;
  readonly relay: Promise<Relay>;
  /** The same once it is open. */
  open: Relay | undefined;
  /** Clients that are about to open something there. */
  holds: number;
  idle: NodeJS.Timeout | undefined;
}

export class DomainDirectory {
  readonly #options: DirectoryOptions;
  readonly #idleMs: number;
  /** By user and first step. */
  readonly #entries = new Map<string, Entry>();
  readonly #entryOf = new WeakMap<Relay, Entry>();
  readonly #objects = new Map<string, RelayedObject>();
  readonly #gone = new WeakSet<RelayClient>();
  readonly #ending = new AbortController();
  #count = 0;

  constructor(options: DirectoryOptions = {}) {
    this.#options = options;
    this.#idleMs = options.idleMs ?? DOMAIN_IDLE_MS;
  }

  /**
   * Opens a domain for a client, over the connection that another one of the same user may have opened.
   * @param base the object that the address is to be understood from
   * @returns the path of its object
   * @throws Domain.…; Disconnected when the client has left meanwhile
   */
  async open(address: string, base: string, client: RelayClient): Promise<string> {
    const from = base === OBJECT_PATH ? [] : parseDomainAddress(this.find(base, client).address);
    const parts = parseDomainAddress(formatDomainAddress([...from, ...parseDomainAddress(address)]));
    const [first, ...rest] = parts;
    if (first === undefined) return OBJECT_PATH;
    const entry = this.#enter(first, client);
    entry.holds++;
    this.#wake(entry);
    try {
      const relay = await entry.relay;
      const far = rest.length === 0 ? relay.root : await relay.openFar(formatDomainAddress(rest), client);
      if (this.#gone.has(client)) {
        relay.forget(client);
        throw new HotwireError('Disconnected', 'the client has left');
      }
      const object = relay.find(far.path) ?? this.#export(relay, far, parts, client.uid);
      relay.use(object, client);
      return object.path;
    } finally {
      entry.holds--;
      entry.relay.then(
        (relay) => this.#settle(relay),
        () => undefined, // told above
      );
    }
  }

  /** The domains of the client's user. */
  list(client: RelayClient): DomainEntry[] {
    return [...this.#objects.values()]
      .filter((object) => object.uid === client.uid && !this.#isStale(object))
      .map(({ address, path, opened, openers }) => {
        const pipelines = openers.get(client)?.size ?? 0;
        return { address, path, state: 'open', opened, pipelines, clients: openers.size };
      });
  }

  /** A domain of the client's user. @throws UnknownObject; Domain.Closed when it is just ending */
  find(path: string, client: RelayClient): RelayedObject {
    const object = this.#objects.get(path);
    if (object?.uid === client.uid && !this.#isStale(object)) {
      if (!object.relay.closed) return object;
      throw new HotwireError('Domain.Closed', `${object.address} has just ended: open it again`);
    }
    const message = `there is no domain ${path} here: it was closed, or never opened (OpenDomain tells the path)`;
    throw new HotwireError('UnknownObject', message);
  }

  /** Passes a call on to the domain that it is for. @throws UnknownObject */
  forward(call: IncomingMessage, client: RelayClient): void {
    const object = this.find(call.path ?? '', client);
    object.relay.forward(call, object, client);
    this.#wake(this.#entryOf.get(object.relay));
  }

  /** Ends what a client has in a domain; the domain itself, when it was the last to have it open. @throws UnknownObject */
  async close(path: string, client: RelayClient): Promise<void> {
    const object = this.find(path, client);
    const { relay } = object;
    await relay.closeFor(client, object);
    this.#forgetUnused(relay);
    await this.#closeUnused(relay, 'it was closed');
  }

  /** A client has left: all that it has in domains ends. */
  forget(client: RelayClient): void {
    this.#gone.add(client);
    for (const { open } of this.#entries.values()) {
      if (open === undefined) continue;
      open.forget(client);
      this.#settle(open);
    }
  }

  /** Ends all of them. Resolves when their processes are gone. */
  async end(reason: HotwireError): Promise<void> {
    this.#ending.abort(reason);
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const { idle } of entries) clearTimeout(idle);
    const relays = await Promise.allSettled(entries.map(({ relay }) => relay));
    await Promise.all(
      relays.map((relay) => (relay.status === 'fulfilled' ? this.#closeRelay(relay.value, reason) : undefined)),
    );
  }

  /** The relay that a first step leads to, which is opened unless there is one. @throws LimitExceeded */
  #enter(first: AddressPart, client: RelayClient): Entry {
    // Another command for ssh leads elsewhere.
    const key = JSON.stringify([client.uid, first.text, client.environment.HOTWIRE_SSH ?? '']);
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    this.#ending.signal.throwIfAborted();
    if (this.#entries.size >= MAX_DOMAINS && !this.#makeRoom()) {
      throw new HotwireError('LimitExceeded', `${MAX_DOMAINS} domains are open here: close some (CloseDomain)`);
    }
    const entry: Entry = { key, relay: this.#reach(first, client), open: undefined, holds: 0, idle: undefined };
    const leave = () => {
      clearTimeout(entry.idle);
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    };
    entry.relay.then((relay) => {
      entry.open = relay;
      this.#entryOf.set(relay, entry);
      relay.onClosed(leave); // at once: whoever opens it next needs another
    }, leave);
    this.#entries.set(key, entry);
    return entry;
  }

  /** Closes the domain that was opened first of those that nobody uses. @returns whether there is one */
  #makeRoom(): boolean {
    for (const [key, { relay, idle }] of this.#entries) {
      if (idle === undefined) continue;
      clearTimeout(idle);
      this.#entries.delete(key);
      const reason = new HotwireError('Domain.Closed', 'it made room for others');
      void relay.then((unused) => this.#closeRelay(unused, reason));
      return true;
    }
    return false;
  }

  async #reach(first: AddressPart, { environment }: RelayClient): Promise<Relay> {
    const peer = await (this.#options.reach ?? openPeer)(first, { environment, signal: this.#ending.signal });
    const address = first.text;
    this.#options.log?.({ address }, 'a domain was opened');
    const relay = new Relay(peer, ({ path }) => this.#objects.delete(path));
    void relay.lost.then((reason) => {
      this.#forgetUnused(relay);
      this.#options.log?.({ address, reason: reason.message }, 'a domain was lost');
    });
    return relay;
  }

  #export(relay: Relay, far: FarObject, parts: readonly AddressPart[], uid: number): RelayedObject {
    const address = formatDomainAddress(parts);
    const name = address.replace(/[^A-Za-z0-9]+/g, '_').slice(0, MAX_TOKEN_NAME);
    const path = `${DOMAINS_PATH}/${name}_${++this.#count}`;
    const { path: remotePath, version, features } = far;
    const object = new RelayedObject({ relay, address, path, remotePath, version, features, uid });
    relay.add(object);
    this.#objects.set(path, object);
    return object;
  }

  #wake(entry: Entry | undefined): void {
    if (entry?.idle === undefined) return;
    clearTimeout(entry.idle);
    entry.idle = undefined;
  }

  /** Starts to wait for somebody to use it, unless somebody does. */
  #settle(relay: Relay): void {
    const entry = this.#entryOf.get(relay);
    if (entry === undefined || relay.used || relay.closed) return;
    clearTimeout(entry.idle);
    const close = () => void this.#closeUnused(relay, 'nobody has used it for a while');
    entry.idle = setTimeout(close, this.#idleMs).unref();
  }

  async #closeUnused(relay: Relay, why: string): Promise<void> {
    const entry = this.#entryOf.get(relay);
    if (entry === undefined || relay.used || entry.holds > 0) return;
    if (this.#entries.get(entry.key) === entry) this.#entries.delete(entry.key);
    await this.#closeRelay(relay, new HotwireError('Domain.Closed', why));
  }

  async #closeRelay(relay: Relay, reason: HotwireError): Promise<void> {
    const objects = [...relay.objects];
    for (const { path } of objects) this.#objects.delete(path);
    for (const { address } of objects) this.#options.log?.({ address, reason: reason.message }, 'a domain was closed');
    await relay.close(reason);
  }

  /** The slave behind a relay closes its own domains, too, when nobody uses them; there is nobody left to tell. */
  #isStale({ unusedSince, remotePath }: RelayedObject): boolean {
    return remotePath !== OBJECT_PATH && performance.now() - unusedSince > this.#idleMs;
  }

  /** Objects whose far end has gone. */
  #forgetUnused(relay: Relay): void {
    for (const [path, object] of this.#objects) {
      if (object.relay === relay && relay.find(object.remotePath) !== object) this.#objects.delete(path);
    }
  }
}
