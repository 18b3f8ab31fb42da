/** Slave1 on one connection: who calls what, and what becomes of it when a client leaves or the connection ends. */
import type { Dictionary } from '../contract';
import type { Registry } from '../engine';
import { HotwireError } from '../errors';
import { type Connection, type IncomingMessage, Variant } from '../wire';
import { ClientWindow } from './client-window';
import type { Logger } from './log';
import { MethodTable, type Reply } from './method-table';
import { Owner } from './owner';
import { createSender } from './sender';
import { createHandlers, type Request } from './slave1';

export interface ServiceOptions {
  readonly registry: Registry;
  readonly log: Logger;
  /** Where contexts start. */
  readonly directory: string;
  /** Called when the last client has left, and when one comes again. */
  readonly onIdle?: (idle: boolean) => void;
}

/** Signals that the bus may still be holding for a client; its window is far smaller. */
const REMEMBERED_SIGNALS = 16_384;

export class Service {
  readonly #connection: Connection;
  readonly #options: ServiceOptions;
  readonly #methods: MethodTable;
  readonly #owners = new Map<string, Owner>();
  /** Owners that have left, while the last of their processes end. */
  readonly #leaving = new Set<Promise<void>>();
  /** Serial → pipeline of the signals sent last: a bus that can't deliver one says so by its serial, later. */
  readonly #sent = new Map<number, number>();
  #lastId = 0;
  /** Why nothing new is begun. */
  #ending: HotwireError | undefined;

  constructor(connection: Connection, options: ServiceOptions) {
    this.#connection = connection;
    this.#options = options;
    const handlers = createHandlers({
      registry: options.registry,
      connection,
      ownerOf: (id) => [...this.#owners.values()].find((owner) => owner.get(id) !== undefined),
      nextId: () => ++this.#lastId,
    });
    this.#methods = new MethodTable(handlers);
    connection.on('bounced', (error) => this.#bounced(error));
  }

  /** Whether no client has anything here. */
  get idle(): boolean {
    return this.#owners.size === 0;
  }

  /** Answers one method call. Never throws, whatever the call holds. */
  handle(call: IncomingMessage): void {
    const actions: (() => void)[] = [];
    const finish = ([signature, body]: Reply) => {
      this.#connection.reply(call, signature, body);
      for (const action of actions) action();
    };
    const request = new CallRequest(() => this.#owner(call.sender), actions);
    try {
      const answer = this.#methods.answer(request, call);
      if (answer instanceof Promise) answer.then(finish).catch((error: unknown) => this.#fail(call, error));
      else finish(answer);
    } catch (error) {
      this.#fail(call, error);
    }
  }

  /** A client has left the bus: all that it had ends. */
  forget(client: string): void {
    const owner = this.#owners.get(client);
    if (owner === undefined) return;
    this.#owners.delete(client);
    const closing = owner
      .close()
      .catch((error: unknown) =>
        this.#options.log.error({ err: error, client }, 'could not end all that a client left'),
      )
      .finally(() => this.#leaving.delete(closing));
    this.#leaving.add(closing);
    this.#options.log.debug({ client }, 'a client left');
    if (this.idle) this.#options.onIdle?.(true);
  }

  /** Fails everything of every client, for this reason. Resolves once the last process is gone. */
  async close(reason: HotwireError): Promise<void> {
    this.#ending = reason;
    await Promise.all([...this.#owners.values()].map((owner) => owner.fail(reason)));
    await Promise.all(this.#leaving);
  }

  #owner(client: string | undefined): Owner {
    const key = client ?? '';
    if (this.#ending !== undefined) throw this.#ending;
    const known = this.#owners.get(key);
    if (known !== undefined) return known;
    const sender = createSender(this.#connection, client, (serial, pipeline) => this.#remember(serial, pipeline));
    const owner = new Owner(client, new ClientWindow(this.#connection, client), sender, this.#options.directory);
    owner.context.on('changed', ({ cwd }) => {
      const changes: Dictionary = cwd === undefined ? {} : { cwd: new Variant('s', cwd) };
      sender.signal('ContextChanged', [changes]);
    });
    this.#owners.set(key, owner);
    if (this.#owners.size === 1) this.#options.onIdle?.(false);
    return owner;
  }

  #remember(serial: number, pipeline: number): void {
    this.#sent.set(serial, pipeline);
    if (this.#sent.size > REMEMBERED_SIGNALS) this.#sent.delete(this.#sent.keys().next().value as number);
  }

  /** The bus dropped a signal. An owner that has left needs no telling; to any other, objects are lost: that is a failure. */
  #bounced({ replySerial = 0, errorName = '', body }: IncomingMessage): void {
    const pipeline = this.#sent.get(replySerial);
    if (pipeline === undefined) return;
    const reason = HotwireError.fromBus(errorName, typeof body[0] === 'string' ? body[0] : '');
    const error = new HotwireError(reason.kind, `the bus could not deliver the output: ${reason.message}`, {
      cause: reason,
    });
    this.#options.log.warn({ pipeline }, error.message);
    for (const owner of this.#owners.values()) void owner.get(pipeline)?.fail(error);
  }

  #fail(call: IncomingMessage, thrown: unknown): void {
    const error = HotwireError.from(thrown);
    if (error.kind === 'Failed') this.#options.log.error({ err: thrown, member: call.member }, 'a call failed');
    this.#connection.replyError(call, error);
  }
}

/** One call. Only a method that has to do with an owner makes its sender one: not a Ping. */
class CallRequest implements Request {
  constructor(
    private readonly findOwner: () => Owner,
    private readonly actions: (() => void)[],
  ) {}

  get owner(): Owner {
    return this.findOwner();
  }

  afterReply(action: () => void): void {
    this.actions.push(action);
  }
}
