/** Slave1 on one connection: who calls what, and what becomes of it when a client leaves or the connection ends. */
import type { Dictionary } from '../contract';
import { DOMAINS_PATH, type DomainDirectory, type RelayClient } from '../domains';
import type { Registry } from '../engine';
import { HotwireError } from '../errors';
import { MAX_DETACHED_ID } from '../limits';
import { settings } from '../settings';
import { type Connection, type IncomingMessage, Variant } from '../wire';
import type { Accounts } from './account';
import { ClientWindow } from './client-window';
import type { DetachedPipelines } from './detached';
import { farDomains } from './far-domains';
import type { Logger } from './log';
import { type Method, MethodTable, type Reply } from './method-table';
import { Newcomers } from './newcomers';
import { Owner } from './owner';
import { ResidentLink } from './resident-link';
import { createSender } from './sender';
import { createHandlers, type Request } from './slave1';

export interface ServiceOptions {
  readonly registry: Registry;
  readonly log: Logger;
  /** Where contexts start. */
  readonly directory: string;
  /** What the clients of one user share, on all connections of this process. */
  readonly accounts: Accounts;
  /** The detached pipelines, if this slave holds them; else the resident slave of its user does. */
  readonly detached?: DetachedPipelines;
  /** The domains that its clients have opened. */
  readonly domains: DomainDirectory;
  /** The program of a slave, with its interpreter: what the resident slave is started from. */
  readonly program: readonly string[];
  /**
   * Whose client that is; undefined is the only peer of a connection that has said no Hello. Asked once for each.
   * What it rejects with answers the calls that waited.
   */
  uidOf(client: string | undefined): number | Promise<number>;
  /** Called when the last client has left, and when one comes again. */
  readonly onIdle?: (idle: boolean) => void;
}

/** The pipeline that a signal belongs to, or who is to be told should it be lost. */
type SentSignal = { readonly client: string; readonly pipeline: number } | ((error: HotwireError) => void);

/** Signals that the bus may still be holding for a client; its window is far smaller. */
const REMEMBERED_SIGNALS = 16_384;

export class Service {
  readonly #connection: Connection;
  readonly #options: ServiceOptions;
  readonly #methods: MethodTable;
  readonly #owners = new Map<string, Owner>();
  readonly #newcomers: Newcomers;
  /** What clients have with the resident slave. */
  readonly #links = new Map<Owner, ResidentLink>();
  /** Owners that have left, while the last of their processes end. */
  readonly #leaving = new Set<Promise<void>>();
  /** What clients are to the domains that they have opened. */
  readonly #guests = new Map<Owner, RelayClient>();
  /** By serial, the signals sent last: a bus that can't deliver one says so by its serial, later. */
  readonly #sent = new Map<number, SentSignal>();
  #lastId = MAX_DETACHED_ID;
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
      detached: options.detached,
      resident: (owner) => this.#link(owner),
      domains: options.domains,
      guest: (owner) => this.#guest(owner),
    });
    this.#methods = new MethodTable(handlers, (path, { owner }) => options.domains.find(path, this.#guest(owner)));
    this.#newcomers = new Newcomers(options.uidOf, () => this.#tellIfIdle());
    connection.on('bounced', (error) => this.#bounced(error));
  }

  /** Whether no client has anything here. */
  get idle(): boolean {
    return this.#owners.size === 0 && this.#newcomers.size === 0;
  }

  /** Answers one method call. Never throws, whatever the call holds. */
  handle(call: IncomingMessage): void {
    try {
      if (call.size > settings.maxMessageBytes) throw tooLarge(call);
      if (call.path?.startsWith(`${DOMAINS_PATH}/`)) {
        this.#handleRelayed(call);
        return;
      }
      const method = this.#methods.find(call);
      if (method.ofOwner) this.#withOwner(call, (owner) => this.#answer(call, method, owner));
      else this.#answer(call, method, undefined);
    } catch (error) {
      this.#fail(call, error);
    }
  }

  /** A client has left the bus: all that it had ends. */
  forget(client: string): void {
    const wasNew = this.#newcomers.forget(client);
    const owner = this.#owners.get(client);
    if (owner !== undefined) this.#end(client, owner);
    if (wasNew || owner !== undefined) this.#tellIfIdle();
  }

  /** The connection has ended: so has every client on it. */
  forgetAll(): void {
    for (const [client, owner] of this.#owners) this.#end(client, owner);
  }

  /** Fails everything of every client, for this reason. Resolves once the last process is gone. */
  async close(reason: HotwireError): Promise<void> {
    this.#ending = reason;
    this.#newcomers.close(reason);
    await Promise.all([...this.#owners.values()].map((owner) => owner.fail(reason)));
    await Promise.all([...this.#links.values()].map((link) => link.close()));
    await Promise.all(this.#leaving);
  }

  /** What concerns the opening of domains is answered here, all else by the domain. */
  #handleRelayed(call: IncomingMessage): void {
    const method = this.#methods.findOfDomain(call);
    this.#withOwner(call, (owner) => {
      if (method === undefined) this.#options.domains.forward(call, this.#guest(owner));
      else this.#answer(call, method, owner);
    });
  }

  /** Acts at once for a client that is known; another's calls wait until it is known whose client that is. */
  #withOwner(call: IncomingMessage, act: (owner: Owner) => void): void {
    if (this.#ending !== undefined) throw this.#ending;
    const client = call.sender;
    const known = this.#owners.get(client ?? '');
    if (known !== undefined) {
      act(known);
      return;
    }
    this.#newcomers.add(client, {
      size: call.size,
      known: (uid) => {
        try {
          act(this.#owners.get(client ?? '') ?? this.#admit(client, uid));
        } catch (error) {
          this.#fail(call, error);
        }
      },
      refused: (error) => this.#fail(call, error),
    });
  }

  #answer(call: IncomingMessage, method: Method, owner: Owner | undefined): void {
    const actions: (() => void)[] = [];
    const finish = ([signature, body]: Reply) => {
      this.#connection.reply(call, signature, body);
      for (const action of actions) action();
    };
    const answer = method.answer(new CallRequest(owner, call.path ?? '', actions), call);
    if (answer instanceof Promise) answer.then(finish).catch((error: unknown) => this.#fail(call, error));
    else finish(answer);
  }

  /** @throws LimitExceeded when its user has too many clients */
  #admit(client: string | undefined, uid: number): Owner {
    const sender = createSender(this.#connection, client, (serial, pipeline) =>
      this.#remember(serial, { client: client ?? '', pipeline }),
    );
    const owner = new Owner({
      name: client,
      account: this.#options.accounts.of(uid),
      window: new ClientWindow(this.#connection, client),
      sender,
      directory: this.#options.directory,
    });
    owner.context.domains = farDomains(this.#options);
    owner.context.on('changed', ({ cwd }) => {
      const changes: Dictionary = cwd === undefined ? {} : { cwd: new Variant('s', cwd) };
      sender.signal('ContextChanged', [changes]);
    });
    this.#owners.set(client ?? '', owner);
    if (this.#owners.size === 1) this.#options.onIdle?.(false);
    return owner;
  }

  #guest(owner: Owner): RelayClient {
    const known = this.#guests.get(owner);
    if (known !== undefined) return known;
    const guest: RelayClient = {
      name: owner.name ?? '',
      uid: owner.uid,
      connection: this.#connection,
      get environment() {
        return owner.context.environment;
      },
      sent: (serial, lost) => this.#remember(serial, lost),
    };
    this.#guests.set(owner, guest);
    return guest;
  }

  #end(client: string, owner: Owner): void {
    this.#owners.delete(client);
    const guest = this.#guests.get(owner);
    this.#guests.delete(owner);
    if (guest !== undefined) this.#options.domains.forget(guest);
    this.#options.detached?.leave(owner);
    const link = this.#links.get(owner);
    this.#links.delete(owner);
    const closing = Promise.all([owner.close(), link?.close()])
      .then(() => undefined)
      .catch((error: unknown) =>
        this.#options.log.error({ err: error, client }, 'could not end all that a client left'),
      )
      .finally(() => this.#leaving.delete(closing));
    this.#leaving.add(closing);
    this.#options.log.debug({ client }, 'a client left');
  }

  /** Undefined for a client of another user, whose resident slave is none of ours. */
  #link(owner: Owner): ResidentLink | undefined {
    if (owner.uid !== process.getuid?.()) return undefined;
    const { program } = this.#options;
    const link = this.#links.get(owner) ?? new ResidentLink({ connection: this.#connection, owner, program });
    this.#links.set(owner, link);
    return link;
  }

  #tellIfIdle(): void {
    if (this.idle) this.#options.onIdle?.(true);
  }

  #remember(serial: number, signal: SentSignal): void {
    this.#sent.set(serial, signal);
    if (this.#sent.size > REMEMBERED_SIGNALS) this.#sent.delete(this.#sent.keys().next().value as number);
  }

  /** The bus dropped a signal. An owner that has left needs no telling; to any other, objects are lost: that is a failure. */
  #bounced({ replySerial = 0, errorName = '', body }: IncomingMessage): void {
    const signal = this.#sent.get(replySerial);
    if (signal === undefined) return;
    const reason = HotwireError.fromBus(errorName, typeof body[0] === 'string' ? body[0] : '');
    const error = new HotwireError(reason.kind, `the bus could not deliver the output: ${reason.message}`, {
      cause: reason,
    });
    if (typeof signal === 'function') {
      signal(error);
      return;
    }
    const { client, pipeline } = signal;
    const owner = this.#owners.get(client);
    if (owner === undefined) return;
    this.#options.log.warn({ pipeline }, error.message);
    void owner.get(pipeline)?.fail(error);
    this.#links.get(owner)?.bounced(pipeline, error);
    this.#options.detached?.bounced(pipeline, owner, error);
  }

  #fail(call: IncomingMessage, thrown: unknown): void {
    const error = HotwireError.from(thrown);
    if (error.kind === 'Failed') this.#options.log.error({ err: thrown, member: call.member }, 'a call failed');
    this.#connection.replyError(call, error);
  }
}

function tooLarge(call: IncomingMessage): HotwireError {
  const limit = `at most ${settings.maxMessageBytes} bytes (setting maxMessageBytes)`;
  return new HotwireError('LimitExceeded', `the call of ${call.member} has ${call.size} bytes: ${limit}`);
}

/** One call. A method of a standard interface has no owner and does not ask for it. */
class CallRequest implements Request {
  constructor(
    private readonly known: Owner | undefined,
    readonly path: string,
    private readonly actions: (() => void)[],
  ) {}

  get owner(): Owner {
    if (this.known === undefined) throw new Error('a standard method has asked for its owner');
    return this.known;
  }

  afterReply(action: () => void): void {
    this.actions.push(action);
  }
}
