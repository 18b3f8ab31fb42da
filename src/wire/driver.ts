// `org.freedesktop.DBus` for a client that speaks to a slave directly. Ordinary clients believe that they are on a bus:
// they say Hello, ask who owns a name, add match rules, and compare senders. Here that bus has two connections, the slave
// (`:1.0`, with its names) and the client (`:1.1` by default). Signals go to the client whether it has a rule for them or not: ours
// are unicast, and a bus delivers those without.
import { HotwireError } from '../errors';
import type { Connection } from './connection';
import { DRIVER_XML, ROOT_XML } from './driver-introspection';
import { newId } from './handshake';
import { normaliseMatchRule } from './match-rule';
import { type IncomingMessage, MessageFlag, MessageType, Variant } from './message';
import { isBusName, isWellKnownName } from './names';
import { answerPeer } from './peer-interface';

const BUS = 'org.freedesktop.DBus';
const BUS_PATH = '/org/freedesktop/DBus';
const PROPERTIES = 'org.freedesktop.DBus.Properties';
const INTROSPECTABLE = 'org.freedesktop.DBus.Introspectable';
const SLAVE = ':1.0';
const DEFAULT_CLIENT = ':1.1';
/** Match rules and names that the client may have (dbus-daemon's limits). */
const MAX_RULES = 512;
const MAX_NAMES = 512;

/** Results of RequestName, ReleaseName and StartServiceByName, as the specification numbers them. */
const REQUEST = { owner: 1, exists: 3, alreadyOwner: 4 } as const;
const RELEASE = { released: 1, unknown: 2, notOwner: 3 } as const;
const ALREADY_RUNNING = 2;

export interface BusDriverOptions {
  /** Well-known names that the slave has. */
  readonly ownNames: readonly string[];
  /** Unique name of the client. Default `:1.1`. */
  readonly clientName?: string;
  /** Of the slave's process. */
  readonly uid: number;
  readonly pid: number;
}

/** Signature of the answer, and its values. */
type Answer = readonly [signature: string, values: readonly unknown[]] | undefined;
interface Method {
  readonly takes: string;
  answer(args: readonly unknown[]): Answer;
}

/** Answers what a client asks of the bus. It sets the connection's `localName` and `peerName`. */
export class BusDriver {
  readonly #connection: Connection;
  readonly #options: BusDriverOptions;
  readonly #client: string;
  readonly #id = newId();
  readonly #clientNames = new Set<string>();
  /** Rule → how often it was added. */
  readonly #rules = new Map<string, number>();
  #ruleCount = 0;
  #greeted = false;

  constructor(connection: Connection, options: BusDriverOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#client = options.clientName ?? DEFAULT_CLIENT;
    connection.localName = SLAVE;
    connection.peerName = this.#client;
  }

  /** Answers the call if it is for the bus, or for a name that is not here. False when it is for the slave. */
  handle(call: IncomingMessage): boolean {
    const { destination } = call;
    const forBus = destination === BUS || (destination === undefined && call.interface === BUS);
    if (!forBus && (destination === undefined || this.#ownerOf(destination) === SLAVE)) return false;
    try {
      if (!forBus) throw new HotwireError('ServiceUnknown', `there is no ${destination} here`);
      this.#answer(call);
    } catch (error) {
      this.#connection.replyError(call, error);
    }
    return true;
  }

  #answer(call: IncomingMessage): void {
    if (answerPeer(this.#connection, call)) return;
    const method = this.#method(call);
    if (!method) throw new HotwireError('UnknownMethod', `the bus has no method ${call.member} here`);
    if (call.signature !== method.takes) {
      throw new HotwireError('InvalidArgs', `${call.member} takes '${method.takes}', not '${call.signature}'`);
    }
    const [signature, values] = method.answer(call.body) ?? ['', []];
    this.#reply(call, signature, values);
    if (call.member === 'Hello') this.#signal('NameAcquired', this.#client);
  }

  #reply(call: IncomingMessage, signature: string, body: readonly unknown[]): void {
    // Not connection.reply: what the bus says comes from the bus, not from the slave.
    if (call.flags & MessageFlag.NO_REPLY_EXPECTED) return;
    const header = {
      type: MessageType.METHOD_RETURN,
      replySerial: call.serial,
      sender: BUS,
      destination: this.#client,
    };
    this.#connection.send({ ...header, signature, body });
  }

  #signal(member: 'NameAcquired' | 'NameLost', name: string): void {
    const header = { type: MessageType.SIGNAL, path: BUS_PATH, interface: BUS, sender: BUS, destination: this.#client };
    this.#connection.send({ ...header, member, signature: 's', body: [name] });
  }

  /** The interface may be left out of a call; the path hardly matters, as for a real bus. */
  #method({ interface: name, member = '', path }: IncomingMessage): Method | undefined {
    const own = (methods: Record<string, Method>) => (Object.hasOwn(methods, member) ? methods[member] : undefined);
    const xml = path === '/' ? ROOT_XML : DRIVER_XML;
    const introspect: Record<string, Method> = { Introspect: { takes: '', answer: () => ['s', [xml]] } };
    if (name === BUS) return own(this.#methods);
    if (name === PROPERTIES) return own(this.#properties);
    if (name === INTROSPECTABLE) return own(introspect);
    if (name === undefined) return own({ ...this.#properties, ...introspect, ...this.#methods });
    throw new HotwireError('UnknownInterface', `the bus has no interface ${name}`);
  }

  readonly #methods: Record<string, Method> = {
    Hello: { takes: '', answer: () => this.#hello() },
    RequestName: { takes: 'su', answer: ([name]) => ['u', [this.#requestName(String(name))]] },
    ReleaseName: { takes: 's', answer: ([name]) => ['u', [this.#releaseName(String(name))]] },
    StartServiceByName: { takes: 'su', answer: ([name]) => ['u', [this.#start(String(name))]] },
    NameHasOwner: { takes: 's', answer: ([name]) => ['b', [this.#ownerOf(busName(name)) !== undefined]] },
    ListNames: { takes: '', answer: () => ['as', [this.#names()]] },
    ListActivatableNames: { takes: '', answer: () => ['as', [[BUS]]] },
    AddMatch: { takes: 's', answer: ([rule]) => this.#addMatch(String(rule)) },
    RemoveMatch: { takes: 's', answer: ([rule]) => this.#removeMatch(String(rule)) },
    GetNameOwner: { takes: 's', answer: ([name]) => ['s', [this.#owner(name)]] },
    ListQueuedOwners: { takes: 's', answer: ([name]) => ['as', [[this.#owner(name)]]] },
    GetConnectionUnixUser: { takes: 's', answer: ([name]) => ['u', [this.#slaveOnly(name, 'uid')]] },
    GetConnectionUnixProcessID: { takes: 's', answer: ([name]) => ['u', [this.#slaveOnly(name, 'pid')]] },
    GetConnectionCredentials: { takes: 's', answer: ([name]) => ['a{sv}', [this.#credentials(name)]] },
    GetId: { takes: '', answer: () => ['s', [this.#id]] },
  };

  readonly #properties: Record<string, Method> = {
    Get: { takes: 'ss', answer: ([, name]) => ['v', [property(String(name))]] },
    GetAll: { takes: 's', answer: ([name]) => ['a{sv}', [name === BUS ? BUS_PROPERTIES : {}]] },
    Set: {
      takes: 'ssv',
      answer: ([, name]) => {
        property(String(name));
        throw new HotwireError('PropertyReadOnly', `the property ${name} cannot be set`);
      },
    },
  };

  #hello(): Answer {
    if (this.#greeted) throw new HotwireError('Failed', 'Hello has been said already');
    this.#greeted = true;
    return ['s', [this.#client]];
  }

  #names(): string[] {
    return [BUS, SLAVE, this.#client, ...this.#options.ownNames, ...this.#clientNames];
  }

  #ownerOf(name: string): string | undefined {
    if (name === BUS || name === SLAVE || name === this.#client) return name;
    if (this.#options.ownNames.includes(name)) return SLAVE;
    return this.#clientNames.has(name) ? this.#client : undefined;
  }

  #owner(value: unknown): string {
    const name = busName(value);
    const owner = this.#ownerOf(name);
    if (owner === undefined) throw new HotwireError('NameHasNoOwner', `nobody here has the name ${name}`);
    return owner;
  }

  #requestName(name: string): number {
    if (!isWellKnownName(name)) throw new HotwireError('InvalidArgs', `'${name}' is no name that can be requested`);
    if (name === BUS) throw new HotwireError('InvalidArgs', `${BUS} is the name of the bus itself`);
    const owner = this.#ownerOf(name);
    if (owner === SLAVE) return REQUEST.exists;
    if (owner === this.#client) return REQUEST.alreadyOwner;
    if (this.#clientNames.size >= MAX_NAMES) throw new HotwireError('BusLimits', `over ${MAX_NAMES} names`);
    this.#clientNames.add(name);
    this.#signal('NameAcquired', name);
    return REQUEST.owner;
  }

  #releaseName(name: string): number {
    if (!isWellKnownName(name)) throw new HotwireError('InvalidArgs', `'${name}' is no name that can be released`);
    const owner = this.#ownerOf(name);
    if (owner === undefined) return RELEASE.unknown;
    if (!this.#clientNames.delete(name)) return RELEASE.notOwner;
    this.#signal('NameLost', name);
    return RELEASE.released;
  }

  #start(name: string): number {
    if (this.#ownerOf(busName(name)) !== undefined) return ALREADY_RUNNING;
    throw new HotwireError('ServiceUnknown', `there is no service ${name} here, and none can be started`);
  }

  #addMatch(rule: string): Answer {
    const key = normaliseMatchRule(rule);
    if (this.#ruleCount >= MAX_RULES) throw new HotwireError('BusLimits', `over ${MAX_RULES} match rules`);
    this.#ruleCount++;
    this.#rules.set(key, (this.#rules.get(key) ?? 0) + 1);
    return undefined;
  }

  #removeMatch(rule: string): Answer {
    const key = normaliseMatchRule(rule);
    const count = this.#rules.get(key);
    if (count === undefined) throw new HotwireError('MatchRuleNotFound', `there is no match rule "${rule}"`);
    this.#ruleCount--;
    if (count === 1) this.#rules.delete(key);
    else this.#rules.set(key, count - 1);
    return undefined;
  }

  /** Of the slave, and of the bus, which is the same process. Who the client is, nobody vouches for over a pipe. */
  #slaveOnly(name: unknown, what: 'uid' | 'pid'): number {
    if (this.#owner(name) !== this.#client) return this.#options[what];
    throw new HotwireError('Failed', `the ${what} of the client is not known here`);
  }

  #credentials(name: unknown): Record<string, Variant> {
    if (this.#owner(name) === this.#client) return {};
    return { UnixUserID: new Variant('u', this.#options.uid), ProcessID: new Variant('u', this.#options.pid) };
  }
}

function busName(value: unknown): string {
  if (typeof value === 'string' && isBusName(value)) return value;
  throw new HotwireError('InvalidArgs', `'${value}' is not a bus name`);
}

const BUS_PROPERTIES: Readonly<Record<string, Variant>> = {
  Features: new Variant('as', []),
  Interfaces: new Variant('as', []),
};

function property(name: string): Variant {
  const value = Object.hasOwn(BUS_PROPERTIES, name) ? BUS_PROPERTIES[name] : undefined;
  if (!value) throw new HotwireError('UnknownProperty', `the bus has no property ${name}`);
  return value;
}
