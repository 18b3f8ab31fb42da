/**
 * The connection to one peer, shared by all clients that have something there. It is to that peer what a bus would be:
 * calls come with the name of the client that made them, signals go where they are addressed to, and whoever leaves is told
 * of. Messages pass with their header rewritten; no body is decoded, but for the number of a pipeline at its beginning.
 */
import { BUS_NAME, INTERFACE, OBJECT_PATH, SIGNALS, signatureOf } from '../contract';
import { HotwireError } from '../errors';
import { INPUT_MAX_BYTES } from '../limits';
import { BUS, type Connection, freeText, type IncomingMessage, leadingInt32, MessageFlag, MessageType } from '../wire';
import type { RelayClient } from './client';
import { FarCalls, type FarObject, unlessGone } from './far-calls';
import type { OpenPeer } from './open';
import { RelayGuest } from './relay-guest';
import { answerAsBus } from './relay-names';
import { assertAccepted, note, noteState, signalTo, tellEnd } from './relay-signals';
import type { RelayedObject } from './relayed-object';

const PEER_INTERFACE = 'org.freedesktop.DBus.Peer';
const NONE: ReadonlySet<number> = new Set();

export class Relay {
  readonly #peer: OpenPeer;
  readonly #connection: Connection;
  readonly #gone: (object: RelayedObject) => void;
  readonly #far: FarCalls;
  readonly #objects = new Map<string, RelayedObject>();
  readonly #guests = new Map<string, RelayGuest>();
  #unanswered: { readonly call: IncomingMessage; readonly client: RelayClient }[] = [];
  #reason: HotwireError | undefined;
  #paused = false;
  /** Resolves once it has ended by itself and everybody has been told. */
  readonly lost: Promise<HotwireError>;

  /** @param gone told of a domain behind this one that has ended, when nobody has it open any more */
  constructor(peer: OpenPeer, gone: (object: RelayedObject) => void) {
    this.#peer = peer;
    this.#gone = gone;
    this.#connection = peer.connection;
    this.#far = new FarCalls(peer.connection, () => this.#reason);
    this.#connection.on('signal', (signal) => this.#signal(signal));
    this.#connection.onCall = (call) => this.#call(call);
    this.lost = peer.lost.then((reason) => {
      this.#end(reason);
      return reason;
    });
  }

  get closed(): boolean {
    return this.#connection.closed;
  }

  /** Whether anybody has something of it open. */
  get used(): boolean {
    return [...this.#objects.values()].some(({ openers }) => openers.size > 0);
  }

  /** Calls back as soon as the connection has ended, or at once. */
  onClosed(callback: () => void): void {
    if (this.closed) callback();
    else this.#connection.once('close', callback);
  }

  get objects(): Iterable<RelayedObject> {
    return this.#objects.values();
  }

  /** The peer's own slave. */
  get root(): FarObject {
    return { path: OBJECT_PATH, version: this.#peer.version, features: this.#peer.features };
  }

  find(remotePath: string): RelayedObject | undefined {
    return this.#objects.get(remotePath);
  }

  add(object: RelayedObject): void {
    this.#objects.set(object.remotePath, object);
  }

  /** Opens a domain there, for a client. @throws what the peer answers; Domain.Closed */
  async openFar(address: string, client: RelayClient): Promise<FarObject> {
    const guest = this.#enter(client);
    guest.opening++;
    try {
      return await this.#far.open(address, client);
    } finally {
      guest.opening--;
      // One whose domain could not be opened may have nothing else here; whoever can opens it at once.
      setImmediate(() => this.#leaveUnlessNeeded(client));
    }
  }

  /** A client has an object open from now on. */
  use(object: RelayedObject, client: RelayClient): void {
    object.openFor(client);
    this.#enter(client);
  }

  /** Passes a call on to an object there; what answers it goes back to the client. Never throws. */
  forward(call: IncomingMessage, object: RelayedObject, client: RelayClient): void {
    object.openFor(client);
    const guest = this.#enter(client);
    try {
      if (guest.waiting > 0 && guest.waiting + call.size > INPUT_MAX_BYTES) throw tooMuch(guest.waiting);
      const changes = { path: object.remotePath, destination: BUS_NAME, sender: client.name };
      this.#connection.forwardCall(call, changes, (reply) => this.#answered(reply, call, object, guest));
      if (!(call.flags & MessageFlag.NO_REPLY_EXPECTED)) guest.waiting += call.size;
    } catch (error) {
      this.#refuse(call, client, HotwireError.from(error));
    }
  }

  /** A client has left: all that it has there ends. */
  forget(client: RelayClient): void {
    for (const object of this.#objects.values()) object.leave(client);
    this.#leave(client);
  }

  /** A client wants no more of an object: what it has running there ends, and it is told so. */
  async closeFor(client: RelayClient, object: RelayedObject): Promise<void> {
    const running = object.openers.get(client) ?? NONE;
    object.leave(client);
    this.#tell(client, object, running, youClosed(object));
    if (object.remotePath === OBJECT_PATH) {
      // At once where it is the last, which ends all that it has there: it may open one anew before we know of the end.
      if (this.#leaveUnlessNeeded(client)) return;
      await Promise.all([...running].map((id) => this.#release(client, object, id)));
    } else {
      await this.#far.call(client, OBJECT_PATH, 'CloseDomain', [object.remotePath]).catch(unlessGone);
      this.#leaveUnlessNeeded(client);
    }
  }

  /** Ends it; whoever has something there is told why. Resolves when its process is gone. */
  async close(reason: HotwireError): Promise<void> {
    this.#end(reason);
    await this.#peer.close();
  }

  #enter(client: RelayClient): RelayGuest {
    const guest = this.#guests.get(client.name) ?? new RelayGuest(client);
    this.#guests.set(client.name, guest);
    return guest;
  }

  /** @returns whether it has nothing here any more */
  #leaveUnlessNeeded(client: RelayClient): boolean {
    if (this.#guests.get(client.name)?.opening) return false;
    if ([...this.#objects.values()].some(({ openers }) => openers.has(client))) return false;
    this.#leave(client);
    return true;
  }

  /** Tells the peer, as a bus would, that a name has gone. */
  #leave(client: RelayClient): void {
    if (!this.#guests.delete(client.name) || this.closed) return;
    const gone = { type: MessageType.SIGNAL, path: BUS.path, interface: BUS.interface, sender: BUS.destination };
    const body = [client.name, client.name, ''];
    this.#connection.send({ ...gone, member: 'NameOwnerChanged', signature: 'sss', body });
  }

  #answered(
    reply: IncomingMessage | HotwireError,
    call: IncomingMessage,
    object: RelayedObject,
    guest: RelayGuest,
  ): void {
    const { client } = guest;
    guest.waiting -= call.size;
    if (reply instanceof HotwireError) {
      // The connection has ended. Why is known in a moment: see #end.
      if (this.#reason) this.#refuse(call, client, this.#reason);
      else this.#unanswered.push({ call, client });
      return;
    }
    if (client.connection.closed) return;
    try {
      assertAccepted(reply, client);
      const opened = object.openers.get(client);
      const started = reply.type === MessageType.METHOD_RETURN ? note(call, reply, opened) : undefined;
      client.connection.forward(reply, { replySerial: call.serial, destination: client.name });
      if (started !== undefined && opened === undefined) this.#startedTooLate(client, object, started);
    } catch (error) {
      this.#refuse(call, client, HotwireError.from(error));
    }
  }

  /** A pipeline of a domain that its client has closed meanwhile. */
  #startedTooLate(client: RelayClient, object: RelayedObject, id: number): void {
    this.#tellEnd(client, object, id, youClosed(object));
    void this.#release(client, object, id);
  }

  /** Ends a pipeline there that its client was told the end of. */
  async #release(client: RelayClient, { remotePath }: RelayedObject, id: number): Promise<void> {
    if (!this.closed) await this.#far.call(client, remotePath, 'ReleasePipeline', [id]).catch(unlessGone);
  }

  #refuse(call: IncomingMessage, client: RelayClient, error: HotwireError): void {
    client.connection.replyError(call, error.kind === 'Disconnected' ? (this.#reason ?? error) : error);
  }

  #signal(signal: IncomingMessage): void {
    const guest = this.#guests.get(signal.destination ?? '');
    if (guest === undefined || signal.interface !== INTERFACE || guest.client.connection.closed) return;
    const { client } = guest;
    if (signal.member === 'DomainClosed') {
      this.#farClosed(signal, client);
      return;
    }
    const object = this.#objects.get(signal.path ?? '');
    const running = object?.openers.get(client);
    if (object === undefined || running === undefined) return;
    const id = signal.member?.startsWith('Pipeline') ? leadingInt32(signal) : undefined;
    if (id !== undefined && guest.hasEnded(object, id)) return;
    const lost = (error: HotwireError) => {
      if (id !== undefined) this.#lose(guest, object, id, error);
    };
    try {
      assertAccepted(signal, client);
      client.sent(client.connection.forward(signal, { path: object.path, destination: client.name }), lost);
      if (id !== undefined) noteState(signal, id, running);
    } catch (error) {
      if (id !== undefined) running.add(id);
      lost(HotwireError.from(error));
    }
    this.#pace(client.connection);
  }

  /** What can't be sent on waits at the far end, and pauses whatever makes it. */
  #pace(connection: Connection): void {
    if (this.#paused || !connection.needsDrain) return;
    this.#paused = true;
    this.#connection.pauseReading();
    const goOn = () => {
      this.#paused = false;
      this.#connection.resumeReading();
    };
    connection.drained().then(goOn, goOn);
  }

  /** A signal of a pipeline did not reach its client: that gets no more of it, and is told why. */
  #lose({ client }: RelayGuest, object: RelayedObject, id: number, error: HotwireError): void {
    if (!object.openers.get(client)?.delete(id) || this.closed) return;
    this.#tellEnd(client, object, id, error);
    void this.#release(client, object, id);
  }

  /** A domain of the peer has ended. */
  #farClosed(signal: IncomingMessage, client: RelayClient): void {
    if (signal.signature !== signatureOf(SIGNALS.DomainClosed)) return;
    const [path, reason] = signal.body as [string, string];
    const object = this.#objects.get(path);
    const running = object?.openers.get(client);
    if (object === undefined || running === undefined || path === OBJECT_PATH) return;
    object.leave(client);
    if (object.openers.size === 0) {
      this.#objects.delete(path);
      this.#gone(object);
    }
    this.#tell(client, object, running, new HotwireError('Domain.Closed', reason));
  }

  #end(reason: HotwireError): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    for (const { call, client } of this.#unanswered.splice(0)) this.#refuse(call, client, reason);
    const objects = [...this.#objects.values()];
    this.#objects.clear();
    for (const object of objects) {
      for (const [client, running] of object.openers) this.#tell(client, object, running, reason);
      object.openers.clear();
    }
  }

  #tell(client: RelayClient, object: RelayedObject, running: ReadonlySet<number>, reason: HotwireError): void {
    if (client.connection.closed) return;
    for (const id of running) this.#tellEnd(client, object, id, reason);
    signalTo(client, OBJECT_PATH, 'DomainClosed', [object.path, freeText(reason.message)]);
  }

  /** What of it still comes is not passed on. */
  #tellEnd(client: RelayClient, object: RelayedObject, id: number, reason: HotwireError): void {
    this.#guests.get(client.name)?.end(object, id);
    tellEnd(client, object, id, reason);
  }

  /** The peer asks as it would ask a bus, or paces a client: then the answer has to be the client's own. */
  #call(call: IncomingMessage): void {
    if (answerAsBus(this.#connection, call, (name) => this.#guests.get(name)?.client)) return;
    const guest = this.#guests.get(call.destination ?? '');
    if (guest === undefined) throw new HotwireError('ServiceUnknown', `there is no ${call.destination} here`);
    if (call.interface !== PEER_INTERFACE || call.member !== 'Ping' || call.signature !== '') {
      throw new HotwireError('AccessDenied', `a slave may only send a Ping to its clients, not call ${call.member}`);
    }
    // As a bus says it, so that the slave asks again later: whoever stops answering has only so much of ours to wait for.
    if (!guest.ping()) throw new HotwireError('BusLimits', `${call.destination} has other Pings to answer first`);
    const { connection, name } = guest.client;
    connection.forwardCall(call, { path: '/', destination: name }, (reply) => {
      guest.pong();
      if (this.closed) return;
      if (reply instanceof HotwireError) this.#connection.replyError(call, reply);
      else this.#connection.forward(reply, { replySerial: call.serial, destination: call.sender, sender: name });
    });
  }
}

function youClosed({ address }: RelayedObject): HotwireError {
  return new HotwireError('Domain.Closed', `you closed ${address}`);
}

function tooMuch(bytes: number): HotwireError {
  return new HotwireError(
    'LimitExceeded',
    `${bytes} bytes of your calls wait for their answers: wait for some of them`,
  );
}
