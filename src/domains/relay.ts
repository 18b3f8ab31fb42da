/**
 * The connection to one peer, shared by all clients that have something there. It is to that peer what a bus would be:
 * calls come with the name of the client that made them, signals go where they are addressed to, and whoever leaves is told
 * of. Messages pass with their header rewritten; no body is decoded, but for the number of a pipeline at its beginning.
 */
import { BUS_NAME, INTERFACE, OBJECT_PATH } from '../contract';
import { HotwireError } from '../errors';
import { INPUT_MAX_BYTES } from '../limits';
import { BUS, type Connection, freeText, type IncomingMessage, MessageFlag, MessageType, type Variant } from '../wire';
import type { RelayClient } from './client';
import type { OpenPeer } from './open';
import { answerAsBus } from './relay-names';
import { note, pipelineOf, signalTo, tellEnd } from './relay-signals';
import type { RelayedObject } from './relayed-object';

const PEER_INTERFACE = 'org.freedesktop.DBus.Peer';
const FOR_EVER = { timeoutMs: Number.POSITIVE_INFINITY };
const NONE: ReadonlySet<number> = new Set();

/** What a nested domain is at the far end. */
export interface FarObject {
  readonly path: string;
  readonly version: string;
  readonly features: readonly string[];
}

export class Relay {
  readonly #peer: OpenPeer;
  readonly #connection: Connection;
  readonly #objects = new Map<string, RelayedObject>();
  readonly #clients = new Map<string, RelayClient>();
  /** Bytes of calls that each client waits for the answers to. */
  readonly #waiting = new Map<RelayClient, number>();
  #unanswered: { readonly call: IncomingMessage; readonly client: RelayClient }[] = [];
  #reason: HotwireError | undefined;
  #paused = false;
  /** Resolves once it has ended by itself and everybody has been told. */
  readonly lost: Promise<HotwireError>;

  constructor(peer: OpenPeer) {
    this.#peer = peer;
    this.#connection = peer.connection;
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
    const path = String(await this.#callFor(client, OBJECT_PATH, INTERFACE, 'OpenDomain', 'sa{sv}', [address, {}]));
    const properties = 'org.freedesktop.DBus.Properties';
    const all = await this.#callFor(client, path, properties, 'GetAll', 's', [INTERFACE]);
    const { Version, Features } = all as Record<'Version' | 'Features', Variant | undefined>;
    return { path, version: String(Version?.value), features: (Features?.value ?? []) as string[] };
  }

  /** A client has an object open from now on. */
  use(object: RelayedObject, client: RelayClient): void {
    object.openFor(client);
    this.#clients.set(client.name, client);
  }

  /** Passes a call on to an object there; what answers it goes back to the client. Never throws. */
  forward(call: IncomingMessage, object: RelayedObject, client: RelayClient): void {
    this.use(object, client);
    const waiting = this.#waiting.get(client) ?? 0;
    try {
      if (waiting + call.size > INPUT_MAX_BYTES && waiting > 0) throw tooMuch(waiting);
      const changes = { path: object.remotePath, destination: BUS_NAME, sender: client.name };
      this.#connection.forwardCall(call, changes, (reply) => this.#answered(reply, call, object, client));
      if (!(call.flags & MessageFlag.NO_REPLY_EXPECTED)) this.#waiting.set(client, waiting + call.size);
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
    const reason = new HotwireError('Domain.Closed', `you closed ${object.address}`);
    this.#tell(client, object, running, reason);
    if (this.closed) return;
    const isLast = ![...this.#objects.values()].some(({ openers }) => openers.has(client));
    if (object.remotePath !== OBJECT_PATH) {
      await this.#callFor(client, OBJECT_PATH, INTERFACE, 'CloseDomain', 'o', [object.remotePath]).catch(unlessGone);
    } else if (!isLast) {
      const released = [...running].map((id) =>
        this.#callFor(client, OBJECT_PATH, INTERFACE, 'ReleasePipeline', 'i', [id]).catch(unlessGone),
      );
      await Promise.all(released);
    }
    if (isLast) this.#leave(client);
  }

  /** Ends it; whoever has something there is told why. Resolves when its process is gone. */
  async close(reason: HotwireError): Promise<void> {
    this.#end(reason);
    await this.#peer.close();
  }

  /** Tells a peer, as a bus would, that a name has gone. */
  #leave(client: RelayClient): void {
    if (!this.#clients.delete(client.name)) return;
    this.#waiting.delete(client);
    if (this.closed) return;
    const gone = { type: MessageType.SIGNAL, path: BUS.path, interface: BUS.interface, sender: BUS.destination };
    const body = [client.name, client.name, ''];
    this.#connection.send({ ...gone, member: 'NameOwnerChanged', signature: 'sss', body });
  }

  async #callFor(
    client: RelayClient,
    path: string,
    name: string,
    member: string,
    signature: string,
    body: readonly unknown[],
  ): Promise<unknown> {
    this.#clients.set(client.name, client);
    const call = { destination: BUS_NAME, sender: client.name, path, interface: name, member, signature, body };
    const reply = await this.#connection.call(call, FOR_EVER).catch((error: HotwireError) => {
      throw this.#reason ?? error;
    });
    return reply.body[0];
  }

  #answered(
    reply: IncomingMessage | HotwireError,
    call: IncomingMessage,
    object: RelayedObject,
    client: RelayClient,
  ): void {
    const waiting = this.#waiting.get(client);
    if (waiting !== undefined) this.#waiting.set(client, waiting - call.size);
    if (reply instanceof HotwireError) {
      // The connection has ended. Why is known in a moment: see #end.
      if (this.#reason) this.#refuse(call, client, this.#reason);
      else this.#unanswered.push({ call, client });
      return;
    }
    if (client.connection.closed) return;
    if (reply.type === MessageType.METHOD_RETURN) note(call, reply, object.openers.get(client));
    try {
      client.connection.forward(reply, { replySerial: call.serial, destination: client.name });
    } catch (error) {
      this.#refuse(call, client, HotwireError.from(error));
    }
  }

  #refuse(call: IncomingMessage, client: RelayClient, error: HotwireError): void {
    client.connection.replyError(call, error.kind === 'Disconnected' ? (this.#reason ?? error) : error);
  }

  #signal(signal: IncomingMessage): void {
    const client = this.#clients.get(signal.destination ?? '');
    const object = this.#objects.get(signal.path ?? '');
    if (client === undefined || signal.interface !== INTERFACE || client.connection.closed) return;
    if (signal.member === 'DomainClosed') {
      this.#farClosed(signal, client);
      return;
    }
    const running = object?.openers.get(client);
    if (object === undefined || running === undefined) return;
    const id = signal.member?.startsWith('Pipeline') ? pipelineOf(signal) : undefined;
    const ends = signal.member === 'PipelineStateChanged' && signal.body[1] !== 'executing';
    if (ends && id !== undefined) running.delete(id);
    const lost = (error: HotwireError) => {
      if (id !== undefined) this.#lose(client, object, id, error);
    };
    try {
      client.sent(client.connection.forward(signal, { path: object.path, destination: client.name }), lost);
    } catch (error) {
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
  #lose(client: RelayClient, object: RelayedObject, id: number, error: HotwireError): void {
    if (!object.openers.get(client)?.delete(id) || this.closed) return;
    this.#callFor(client, object.remotePath, INTERFACE, 'CancelPipeline', 'i', [id]).catch(() => undefined); // it has ended
    tellEnd(client, object, id, error);
  }

  /** A domain of the peer has ended. */
  #farClosed(signal: IncomingMessage, client: RelayClient): void {
    const [path, reason] = signal.body as [string, string];
    const object = this.#objects.get(path);
    const running = object?.openers.get(client);
    if (object === undefined || running === undefined) return;
    object.leave(client);
    if (object.openers.size === 0) this.#objects.delete(path);
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
    for (const id of running) tellEnd(client, object, id, reason);
    signalTo(client, OBJECT_PATH, 'DomainClosed', [object.path, freeText(reason.message)]);
  }

  /** The peer asks as it would ask a bus, or paces a client: then the answer has to be the client's own. */
  #call(call: IncomingMessage): void {
    if (answerAsBus(this.#connection, call, this.#clients)) return;
    const client = this.#clients.get(call.destination ?? '');
    if (client === undefined) throw new HotwireError('ServiceUnknown', `there is no ${call.destination} here`);
    if (call.interface !== PEER_INTERFACE || call.member !== 'Ping') {
      throw new HotwireError('AccessDenied', `a slave may only send a Ping to its clients, not call ${call.member}`);
    }
    client.connection.forwardCall(call, { path: '/', destination: client.name }, (reply) => {
      if (this.closed) return;
      if (reply instanceof HotwireError) this.#connection.replyError(call, reply);
      else this.#connection.forward(reply, { replySerial: call.serial, destination: call.sender, sender: client.name });
    });
  }
}

/** It has ended by itself meanwhile. */
function unlessGone(error: HotwireError): void {
  if (!['UnknownObject', 'NoSuchPipeline', 'Domain.Closed', 'Disconnected'].includes(error.kind)) throw error;
}

function tooMuch(bytes: number): HotwireError {
  return new HotwireError(
    'LimitExceeded',
    `${bytes} bytes of your calls wait for their answers: wait for some of them`,
  );
}
