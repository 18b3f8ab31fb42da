/** One client's connection to the resident slave: its calls go there, and the signals of its attached pipelines come back. */
import {
  BUS_NAME,
  type Dictionary,
  INTERFACE,
  METHODS,
  type MethodArguments,
  type MethodName,
  type MethodResults,
  OBJECT_PATH,
  signatureOf,
} from '../contract';
import { findResident, openResident, RESIDENT_VARIABLES } from '../domains';
import { HotwireError } from '../errors';
import { type Connection, freeText, type IncomingMessage, MessageType, Variant } from '../wire';
import type { Owner } from './owner';
import type { RunOptions } from './run-options';

/** Removes what the resident slave has in its own environment. */
const NOTHING_OF_ITS_OWN = Object.fromEntries(RESIDENT_VARIABLES.map((name) => [name, '']));
const FOR_EVER = { timeoutMs: Number.POSITIVE_INFINITY };

export interface ResidentLinkOptions {
  /** The connection of the client. */
  readonly connection: Connection;
  readonly owner: Owner;
  /** The program of a slave, with its interpreter. */
  readonly program: readonly string[];
}

export class ResidentLink {
  readonly #options: ResidentLinkOptions;
  /** Undefined until it is needed, and again when the resident slave has gone. */
  #connection: Promise<Connection | undefined> | undefined;
  /** Pipelines whose signals are passed on, and whether they still run. */
  readonly #attached = new Map<number, boolean>();
  #closed = false;

  constructor(options: ResidentLinkOptions) {
    this.#options = options;
  }

  /**
   * Starts a detached pipeline there, in the context that its owner has here.
   * @throws what the resident slave answers; Domain.… when it can't be had
   */
  async start(text: string, options: RunOptions, given: Dictionary): Promise<number> {
    const { context } = this.#options.owner;
    const environment = { ...NOTHING_OF_ITS_OWN, ...context.environment, ...options.env };
    const complete = {
      ...given,
      cwd: new Variant('s', options.cwd ?? context.cwd),
      env: new Variant('a{ss}', environment),
    };
    const connection = await this.#open();
    const [id] = await invoke(connection, 'RunPipelineWithOptions', [text, complete]);
    return id;
  }

  /** Calls a method with the id of a detached pipeline there. @throws what it answers; NoSuchPipeline when none is there */
  async call<M extends MethodName>(member: M, values: MethodArguments<M>): Promise<MethodResults<M>> {
    const id = Number(values[0]);
    const connection = await this.#find();
    if (connection === undefined) {
      throw new HotwireError('NoSuchPipeline', `there is no pipeline ${id}: it never was, or it was released`);
    }
    const attach = member === 'AttachPipeline';
    const before = this.#attached.get(id);
    if (attach) this.#attached.set(id, true);
    try {
      return await invoke(connection, member, values);
    } catch (error) {
      if (attach && before === undefined) this.#attached.delete(id);
      else if (attach) this.#attached.set(id, before === true);
      throw error;
    }
  }

  /** The detached pipelines there; none when there is no resident slave. */
  async list(): Promise<Dictionary[]> {
    const connection = await this.#find();
    if (connection === undefined) return [];
    const [pipelines] = await invoke(connection, 'ListPipelines', []);
    return pipelines;
  }

  /** Its client has left. */
  async close(): Promise<void> {
    this.#closed = true;
    const connection = await this.#connection?.catch(() => undefined);
    await connection?.close({ follow: false });
  }

  /** One of its signals was dropped on the way to the client: that gets no more of the pipeline, and is told why. */
  bounced(id: number, error: HotwireError): void {
    if (this.#attached.delete(id)) this.#tellLost(id, error);
  }

  #open(): Promise<Connection> {
    // In our own surroundings, not the client's: all clients of a user have one resident slave.
    return this.#connect(() => openResident(this.#options.program, process.env)) as Promise<Connection>;
  }

  #find(): Promise<Connection | undefined> {
    return this.#connect(() => findResident(process.env));
  }

  /** One after the other, so that there is never more than one connection. */
  #connect(open: () => Promise<Connection | undefined>): Promise<Connection | undefined> {
    const before = this.#connection ?? Promise.resolve(undefined);
    this.#connection = before
      .catch(() => undefined)
      .then(async (known) => {
        if (known !== undefined && !known.closed) return known;
        if (this.#closed) throw new HotwireError('Disconnected', 'the client has left');
        const connection = await open();
        if (connection !== undefined) this.#adopt(connection);
        return connection;
      });
    return this.#connection;
  }

  #adopt(connection: Connection): void {
    connection.on('signal', (signal) => this.#forward(signal, connection));
    connection.once('close', (error) => this.#lost(error));
    connection.onCall = (call) => this.#ping(call, connection);
    if (this.#closed) void connection.close({ follow: false });
  }

  /** Passes a signal on, with a header of ours around its body. */
  #forward(signal: IncomingMessage, resident: Connection): void {
    if (signal.interface !== INTERFACE || !signal.member?.startsWith('Pipeline')) return;
    const id = signal.frame.bytes.readInt32LE(signal.frame.bodyOffset);
    if (!this.#attached.has(id)) return;
    const { connection, owner } = this.#options;
    if (connection.closed) return;
    if (signal.member === 'PipelineStateChanged' && signal.body[1] !== 'executing') this.#attached.set(id, false);
    owner.sender.forwarded(id, signal);
    if (!connection.needsDrain) return;
    resident.pauseReading();
    connection.drained().then(
      () => resident.resumeReading(),
      () => resident.destroy(),
    );
  }

  /** The resident slave paces its client by Ping: the answer has to be the client's own. */
  async #ping(call: IncomingMessage, resident: Connection): Promise<void> {
    if (call.member !== 'Ping') throw new HotwireError('UnknownMethod', `there is no method ${call.member} here`);
    const { connection, owner } = this.#options;
    await connection.call(
      {
        path: '/',
        interface: 'org.freedesktop.DBus.Peer',
        member: 'Ping',
        ...(owner.name === undefined ? {} : { destination: owner.name }),
      },
      FOR_EVER,
    );
    resident.reply(call);
  }

  #lost(error: HotwireError | undefined): void {
    const reason = new HotwireError('Domain.Closed', `the resident slave has ended: ${error?.message ?? 'closed'}`);
    const attached = [...this.#attached];
    this.#attached.clear();
    if (this.#closed) return;
    for (const [id, runs] of attached) if (runs) this.#tellLost(id, reason);
  }

  #tellLost(id: number, error: HotwireError): void {
    const { sender } = this.#options.owner;
    if (this.#options.connection.closed) return;
    sender.signal('PipelineException', [id, freeText(error.traceback)]);
    sender.signal('PipelineStateChanged', [id, 'exception']);
  }
}

async function invoke<M extends MethodName>(
  connection: Connection,
  member: M,
  values: MethodArguments<M>,
): Promise<MethodResults<M>> {
  const { body } = await connection.call(
    {
      type: MessageType.METHOD_CALL,
      destination: BUS_NAME,
      path: OBJECT_PATH,
      interface: INTERFACE,
      member,
      signature: signatureOf(METHODS[member].in),
      body: values,
    },
    FOR_EVER,
  );
  return body as MethodResults<M>;
}
