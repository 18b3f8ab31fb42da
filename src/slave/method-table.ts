/** Every method of every interface that the slave has: what it takes, what it answers. */
import { INTERFACE, METHODS, type MethodName, OBJECT_PATH, signatureOf } from '../contract';
import { HotwireError } from '../errors';
import { type IncomingMessage, machineId, Variant } from '../wire';
import type { Handlers, Request } from './slave1';
import { allProperties, introspect, property, setProperty, unknownObject } from './standard';

/** The signature of an answer, and its values. */
export type Reply = readonly [signature: string, body: readonly unknown[]];

export interface Method {
  /** Signature of its arguments. */
  readonly in: string;
  /** Whether it concerns what its caller has here: it may be called only once that is known to be somebody. */
  readonly ofOwner?: true;
  readonly answer: (request: Request, call: IncomingMessage) => Reply | Promise<Reply>;
}

const PROPERTIES_INTERFACE = 'org.freedesktop.DBus.Properties';
const NOTHING: Reply = ['', []];

/** The standard methods. Arguments were checked against the signature, so their types are known. */
const STANDARD: Readonly<Record<string, Readonly<Record<string, Method>>>> = {
  'org.freedesktop.DBus.Peer': {
    Ping: { in: '', answer: () => NOTHING },
    GetMachineId: { in: '', answer: () => ['s', [ownMachineId()]] },
  },
  'org.freedesktop.DBus.Introspectable': {
    Introspect: { in: '', answer: (_, call) => ['s', [introspect(call.path ?? '/')]] },
  },
  [PROPERTIES_INTERFACE]: {
    Get: {
      in: 'ss',
      answer: (_, call) => {
        const { signature, value } = property(call.body[0] as string, call.body[1] as string);
        return ['v', [new Variant(signature, value)]];
      },
    },
    GetAll: { in: 's', answer: (_, call) => ['a{sv}', [allProperties(call.body[0] as string)]] },
    Set: { in: 'ssv', answer: (_, call) => setProperty(call.body[0] as string, call.body[1] as string) },
  },
};

/** Interfaces that every path answers, also one without an object: a Ping asks whether the process lives. */
const ANY_PATH: readonly string[] = ['org.freedesktop.DBus.Peer', 'org.freedesktop.DBus.Introspectable'];

/** What is answered for a domain by the slave that relays it, whose paths those are; all else the domain answers. */
const OF_DOMAINS = ['OpenDomain', 'ListDomains', 'CloseDomain'] as const satisfies MethodName[];

/** What a slave is, as its properties tell. */
export interface SlaveKind {
  readonly version: string;
  readonly features: readonly string[];
}

export class MethodTable {
  readonly #interfaces: ReadonlyMap<string, ReadonlyMap<string, Method>>;
  readonly #ofDomains: ReadonlyMap<string, ReadonlyMap<string, Method>>;

  /** @param domainAt the slave behind an object path; throws UnknownObject */
  constructor(handlers: Handlers, domainAt: (path: string, request: Request) => SlaveKind) {
    const ours = (Object.keys(METHODS) as MethodName[]).map((name) => [name, slaveMethod(handlers, name)] as const);
    const standard = Object.entries(STANDARD).map(
      ([name, methods]) => [name, new Map(Object.entries(methods))] as const,
    );
    this.#interfaces = new Map([[INTERFACE, new Map(ours)], ...standard]);
    this.#ofDomains = new Map([
      [INTERFACE, new Map(OF_DOMAINS.map((name) => [name, slaveMethod(handlers, name)]))],
      ...domainStandard(domainAt),
    ]);
  }

  /** The method that a call to a domain means, if the domain is not asked. @throws InvalidArgs, UnknownMethod */
  findOfDomain(call: IncomingMessage): Method | undefined {
    const { interface: name, member = '' } = call;
    const methods = name === undefined ? [...this.#ofDomains.values()] : [this.#ofDomains.get(name) ?? new Map()];
    const method: Method | undefined = methods.find((each) => each.has(member))?.get(member);
    if (method !== undefined) return accepted(call, method);
    if (name === PROPERTIES_INTERFACE) throw new HotwireError('UnknownMethod', `${name} has no method ${member}`);
    return undefined;
  }

  /** The method that a call means. @throws UnknownObject, UnknownInterface, UnknownMethod, InvalidArgs */
  find(call: IncomingMessage): Method {
    return accepted(call, this.#find(call.path ?? '', call.interface, call.member ?? ''));
  }

  #find(path: string, interfaceName: string | undefined, member: string): Method {
    // A call may leave out the interface: then the first that has the member is meant.
    const name = interfaceName ?? [...this.#interfaces].find(([, methods]) => methods.has(member))?.[0] ?? INTERFACE;
    if (path !== OBJECT_PATH && !ANY_PATH.includes(name)) throw unknownObject(path);
    const methods = this.#interfaces.get(name);
    if (methods === undefined) throw new HotwireError('UnknownInterface', `there is no interface ${name} at ${path}`);
    const method = methods.get(member);
    if (method === undefined) throw new HotwireError('UnknownMethod', `${name} has no method ${member}`);
    return method;
  }
}

/** @throws InvalidArgs */
function accepted(call: IncomingMessage, method: Method): Method {
  if (call.signature === method.in) return method;
  throw new HotwireError('InvalidArgs', `${call.member} takes (${method.in}), not (${call.signature})`);
}

/** The standard methods of a domain's object: its properties are those of the slave there. */
function domainStandard(
  domainAt: (path: string, request: Request) => SlaveKind,
): [string, ReadonlyMap<string, Method>][] {
  const properties = STANDARD[PROPERTIES_INTERFACE] as Readonly<Record<'Get' | 'GetAll' | 'Set', Method>>;
  const methods: Record<string, Method> = {
    Get: {
      in: properties.Get.in,
      ofOwner: true,
      answer: (request, call) => {
        const [name, member] = call.body as [string, string];
        const { signature, value } = property(name, member, domainAt(call.path ?? '', request));
        return ['v', [new Variant(signature, value)]];
      },
    },
    GetAll: {
      in: properties.GetAll.in,
      ofOwner: true,
      answer: (request, call) => ['a{sv}', [allProperties(call.body[0] as string, domainAt(call.path ?? '', request))]],
    },
    Set: { ...properties.Set, ofOwner: true },
  };
  const introspection: Method = {
    in: '',
    ofOwner: true,
    answer: (request, call) => {
      domainAt(call.path ?? '', request);
      return ['s', [introspect(OBJECT_PATH)]];
    },
  };
  return [
    [PROPERTIES_INTERFACE, new Map(Object.entries(methods))],
    ['org.freedesktop.DBus.Introspectable', new Map([['Introspect', introspection]])],
  ];
}

function ownMachineId(): string {
  const id = machineId();
  if (id === undefined) throw new HotwireError('Failed', 'this machine has no identity (/etc/machine-id)');
  return id;
}

function slaveMethod(handlers: Handlers, name: MethodName): Method {
  const handler = handlers[name] as (request: Request, ...args: unknown[]) => readonly unknown[] | Promise<unknown[]>;
  const out = signatureOf(METHODS[name].out);
  return {
    in: signatureOf(METHODS[name].in),
    ofOwner: true,
    answer: (request, call) => {
      const results = handler(request, ...call.body);
      return results instanceof Promise ? results.then((values): Reply => [out, values]) : [out, results];
    },
  };
}
