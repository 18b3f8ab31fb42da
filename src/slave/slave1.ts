/** The methods of org.hotwireshell.Slave1, one entry each; names, signatures and types come from the contract. */
import { hostname, userInfo } from 'node:os';
import type { Dictionary, MethodArguments, MethodName, MethodResults } from '../contract';
import type { DomainDirectory, DomainEntry, RelayClient } from '../domains';
import { complete, type Pipeline, plan, prepare, type Registry } from '../engine';
import { HotwireError } from '../errors';
import { parseJson } from '../json';
import { MAX_DETACHED_ID, OBJECT_OVERHEAD_BYTES } from '../limits';
import { VERSION } from '../version';
import { type Connection, Variant } from '../wire';
import { describePipeline, describePlan } from './describe';
import type { DetachedPipelines } from './detached';
import { evaluate } from './evaluation';
import { HostedPipeline } from './hosted-pipeline';
import { KeptOutput } from './kept-output';
import type { Owner } from './owner';
import type { ResidentLink } from './resident-link';
import { type RunOptions, withRunOptions } from './run-options';
import { SignalQueue } from './signal-queue';

/** What a method is called with. */
export interface Request {
  readonly owner: Owner;
  /** The object that was called: our own, or a domain. */
  readonly path: string;
  /** Does something once the reply is on its way, so that the reply precedes what it causes. */
  afterReply(action: () => void): void;
}

type Answer<M extends MethodName> = MethodResults<M> | Promise<MethodResults<M>>;
export type Handlers = { [M in MethodName]: (request: Request, ...args: MethodArguments<M>) => Answer<M> };

/** What all owners of one service share. */
export interface House {
  readonly registry: Registry;
  readonly connection: Connection;
  /** Whoever has the pipeline of that id. */
  ownerOf(id: number): Owner | undefined;
  /** Above MAX_DETACHED_ID. */
  nextId(): number;
  /** The detached pipelines, if they are held here. */
  readonly detached: DetachedPipelines | undefined;
  readonly domains: DomainDirectory;
  /** What an owner is to its domains. */
  guest(owner: Owner): RelayClient;
  /** An owner's way to those that the resident slave holds; undefined for an owner of another user. */
  resident(owner: Owner): ResidentLink | undefined;
}

/** Every method on a pipeline that was started before: its id comes first. */
const BY_ID = [
  'CancelPipeline',
  'UndoPipeline',
  'ReleasePipeline',
  'PutObjects',
  'CloseInput',
  'AcknowledgeObjects',
  'AttachPipeline',
  'GetPipeline',
] as const satisfies MethodName[];

export function createHandlers(house: House): Handlers {
  const handlers = ownHandlers(house);
  if (house.detached !== undefined) return handlers;
  const passedOn = BY_ID.map((name) => [name, toResident(house, name, handlers[name] as AnyHandler)] as const);
  return { ...handlers, ...(Object.fromEntries(passedOn) as Pick<Handlers, (typeof BY_ID)[number]>) };
}

type AnyHandler = (request: Request, id: number, ...values: unknown[]) => unknown;

/** Passes a call on when its pipeline is a detached one. */
function toResident(house: House, name: (typeof BY_ID)[number], handler: AnyHandler): AnyHandler {
  return (request, id, ...values) => {
    if (id > MAX_DETACHED_ID) return handler(request, id, ...values);
    return residentOf(house, request.owner).call(name, [id, ...values] as never);
  };
}

/** @throws AccessDenied for an owner of another user, whose resident slave is none of ours */
function residentOf(house: House, owner: Owner): ResidentLink {
  const link = house.resident(owner);
  if (link !== undefined) return link;
  const reason = `this slave runs as uid ${process.getuid?.()}, you are uid ${owner.uid}`;
  throw new HotwireError('AccessDenied', `detached pipelines are their own user's: ${reason}; use a slave of yours`);
}

function ownHandlers(house: House): Handlers {
  const { registry, connection, detached } = house;

  function start(owner: Owner, request: Request, pipeline: Pipeline, credit: number | undefined): [number] {
    owner.checkRoom();
    const signals = new SignalQueue(connection, owner.window, owner.sender, credit);
    const kept = new KeptOutput(owner.keptBudget);
    const hosted = new HostedPipeline(house.nextId(), pipeline, signals, owner.context, kept);
    owner.add(hosted);
    request.afterReply(() => void hosted.run());
    return [hosted.id];
  }

  async function startDetached(owner: Owner, text: string, options: RunOptions, given: Dictionary): Promise<[number]> {
    if (detached !== undefined) return [(await detached.start(owner, text, options)).id];
    plan(text, owner.context, registry); // what does not parse needs no other slave to say so
    return [await residentOf(house, owner).start(text, options, given)];
  }

  function own(owner: Owner, id: number): HostedPipeline {
    const hosted = owner.get(id) ?? detached?.get(id, owner);
    if (hosted !== undefined) return hosted;
    if (house.ownerOf(id) !== undefined) throw new HotwireError('AccessDenied', `pipeline ${id} is not yours`);
    throw new HotwireError('NoSuchPipeline', `there is no pipeline ${id}: it never was, or it was released`);
  }

  function describe(hosted: HostedPipeline, owner: Owner): Dictionary {
    return describePipeline(hosted, detached?.has(hosted) ? undefined : owner.name);
  }

  function input(owner: Owner, id: number) {
    const hosted = own(owner, id);
    const queue = hosted.pipeline.input;
    if (queue === undefined) {
      throw new HotwireError('InvalidState', `pipeline ${id} was started without the option input`);
    }
    if (detached?.has(hosted)) detached.fedBy(hosted, owner);
    return queue;
  }

  return {
    RunPipeline(request, text) {
      const { owner } = request;
      return start(owner, request, prepare(text, owner.context, registry), undefined);
    },

    RunPipelineWithOptions(request, text, given) {
      const { owner } = request; // as it is now: it may leave while we look at the options
      return withRunOptions(given, owner.context, (options): [number] | Promise<[number]> => {
        if (options.detached) return startDetached(owner, text, options, given);
        return start(owner, request, prepare(text, owner.context, registry, options), options.window);
      });
    },

    Evaluate: ({ owner }, text, given) =>
      withRunOptions(given, owner.context, async (options) => {
        if (options.detached || options.input || options.window !== undefined) {
          throw new HotwireError('InvalidArgs', 'Evaluate takes none of the options detached, input and window');
        }
        owner.checkRoom();
        const pipeline = prepare(text, owner.context, registry, options);
        owner.evaluations.add(pipeline);
        try {
          return [await evaluate(pipeline, options.maxBytes)];
        } finally {
          owner.evaluations.delete(pipeline);
        }
      }),

    DescribePipeline: ({ owner }, text) => [describePlan(plan(text, owner.context, registry))],

    async Complete({ owner }, text, cursor) {
      const { start, candidates } = await complete(text, cursor, owner.context, registry);
      return [start, candidates.map(({ replacement, description }) => [replacement, description])];
    },

    async CancelPipeline({ owner }, id) {
      const hosted = own(owner, id);
      await (detached?.has(hosted) ? detached.cancel(id, owner) : hosted.cancel());
      return [];
    },

    async UndoPipeline({ owner }, id) {
      await own(owner, id).undo();
      return [];
    },

    async ReleasePipeline({ owner }, id) {
      const hosted = own(owner, id);
      await (detached?.has(hosted) ? detached.release(id, owner) : owner.release(hosted));
      return [];
    },

    async PutObjects({ owner }, id, texts) {
      const queue = input(owner, id);
      const bytes = texts.reduce((sum, text) => sum + text.length + OBJECT_OVERHEAD_BYTES, OBJECT_OVERHEAD_BYTES);
      await queue.put(texts.map(parseObject), bytes);
      return [];
    },

    CloseInput({ owner }, id) {
      input(owner, id).close();
      return [];
    },

    AcknowledgeObjects({ owner }, id, signals) {
      const hosted = own(owner, id);
      if (detached?.has(hosted)) detached.acknowledge(id, signals, owner);
      else owner.get(id)?.signals.acknowledge(signals);
      return [];
    },

    AttachPipeline(request, id, from) {
      const { owner } = request;
      const hosted = own(owner, id);
      if (!detached?.has(hosted)) {
        throw new HotwireError('InvalidState', `pipeline ${id} is not detached: its signals come to you anyhow`);
      }
      request.afterReply(detached.attach(id, from, owner, connection));
      return [];
    },

    GetPipeline: ({ owner }, id) => [describe(own(owner, id), owner)],

    async ListPipelines({ owner }) {
      const own = [...owner.pipelines].map((hosted) => describe(hosted, owner));
      const others =
        detached?.list(owner).map((hosted) => describe(hosted, owner)) ?? (await house.resident(owner)?.list()) ?? [];
      return [[...own, ...others]];
    },

    GetContext: ({ owner }) => [contextOf(owner)],

    ChangeDirectory: async ({ owner }, directory) => [await owner.context.changeDirectory(directory)],

    SetEnvironment({ owner }, changes) {
      owner.context.setEnvironment(changes);
      return [];
    },

    async OpenDomain({ owner, path }, address, options) {
      const [unknown] = Object.keys(options);
      if (unknown !== undefined) throw new HotwireError('InvalidArgs', `OpenDomain has no option '${unknown}'`);
      return [await house.domains.open(address, path, house.guest(owner))];
    },

    ListDomains: ({ owner }) => [house.domains.list(house.guest(owner)).map(describeDomain)],

    async CloseDomain({ owner }, path) {
      await house.domains.close(path, house.guest(owner));
      return [];
    },
  };
}

function describeDomain({ address, path, state, opened, pipelines, clients }: DomainEntry): Dictionary {
  return {
    address: new Variant('s', address),
    path: new Variant('o', path),
    state: new Variant('s', state),
    opened: new Variant('d', opened),
    pipelines: new Variant('u', pipelines),
    clients: new Variant('u', clients),
  };
}

function contextOf(owner: Owner): Dictionary {
  return {
    user: new Variant('s', userName()),
    uid: new Variant('u', process.getuid?.() ?? 0),
    host: new Variant('s', hostname()),
    home: new Variant('s', owner.context.home),
    cwd: new Variant('s', owner.context.cwd),
    pid: new Variant('u', process.pid),
    version: new Variant('s', VERSION),
  };
}

/** The user's name; the number of one that has none, as in a container. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.());
  }
}

function parseObject(text: string, index: number): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw new HotwireError('InvalidArgs', `PutObjects: object ${index} is no JSON text: ${(error as Error).message}`);
  }
}
