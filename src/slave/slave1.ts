/** The methods of org.hotwireshell.Slave1, one entry each; names, signatures and types come from the contract. */
import { hostname, userInfo } from 'node:os';
import type { Dictionary, MethodArguments, MethodName, MethodResults } from '../contract';
import { complete, type Pipeline, plan, prepare, type Registry } from '../engine';
import { HotwireError } from '../errors';
import { parseJson } from '../json';
import { OBJECT_OVERHEAD_BYTES } from '../limits';
import { VERSION } from '../version';
import { type Connection, Variant } from '../wire';
import { describePipeline, describePlan } from './describe';
import { evaluate } from './evaluation';
import { HostedPipeline } from './hosted-pipeline';
import type { Owner } from './owner';
import { runOptions } from './run-options';
import { SignalQueue } from './signal-queue';

/** What a method is called with. */
export interface Request {
  readonly owner: Owner;
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
  nextId(): number;
}

export function createHandlers(house: House): Handlers {
  const { registry, connection } = house;

  function start(owner: Owner, request: Request, pipeline: Pipeline, credit: number | undefined): [number] {
    owner.checkRoom();
    const signals = new SignalQueue(connection, owner.window, credit);
    const hosted = new HostedPipeline(house.nextId(), pipeline, owner, signals);
    owner.add(hosted);
    request.afterReply(() => hosted.run());
    return [hosted.id];
  }

  function own(owner: Owner, id: number): HostedPipeline {
    const hosted = owner.get(id);
    if (hosted !== undefined) return hosted;
    if (house.ownerOf(id) !== undefined) throw new HotwireError('AccessDenied', `pipeline ${id} is not yours`);
    throw new HotwireError('NoSuchPipeline', `there is no pipeline ${id}: it never was, or it was released`);
  }

  function input(owner: Owner, id: number) {
    const queue = own(owner, id).pipeline.input;
    if (queue === undefined) {
      throw new HotwireError('InvalidState', `pipeline ${id} was started without the option input`);
    }
    return queue;
  }

  return {
    RunPipeline(request, text) {
      const { owner } = request;
      return start(owner, request, prepare(text, owner.context, registry), undefined);
    },

    async RunPipelineWithOptions(request, text, given) {
      const { owner } = request; // as it is now: it may leave while we look at the options
      const options = await runOptions(given, owner.context);
      if (options.detached) throw notYet('detached pipelines');
      return start(owner, request, prepare(text, owner.context, registry, options), options.window);
    },

    async Evaluate({ owner }, text, given) {
      const options = await runOptions(given, owner.context);
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
    },

    DescribePipeline: ({ owner }, text) => [describePlan(plan(text, owner.context, registry))],

    async Complete({ owner }, text, cursor) {
      const { start, candidates } = await complete(text, cursor, owner.context, registry);
      return [start, candidates.map(({ replacement, description }) => [replacement, description])];
    },

    async CancelPipeline({ owner }, id) {
      await own(owner, id).cancel();
      return [];
    },

    async UndoPipeline({ owner }, id) {
      await own(owner, id).undo();
      return [];
    },

    async ReleasePipeline({ owner }, id) {
      await owner.release(own(owner, id));
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
      own(owner, id).signals.acknowledge(signals);
      return [];
    },

    AttachPipeline: () => {
      throw notYet('AttachPipeline');
    },

    GetPipeline: ({ owner }, id) => [describePipeline(own(owner, id), owner.name ?? '')],

    ListPipelines: ({ owner }) => [[...owner.pipelines].map((hosted) => describePipeline(hosted, owner.name ?? ''))],

    GetContext: ({ owner }) => [contextOf(owner)],

    ChangeDirectory: async ({ owner }, directory) => [await owner.context.changeDirectory(directory)],

    SetEnvironment({ owner }, changes) {
      owner.context.setEnvironment(changes);
      return [];
    },

    OpenDomain: () => {
      throw notYet('OpenDomain');
    },
    ListDomains: () => [[]],
    CloseDomain: () => {
      throw notYet('CloseDomain');
    },
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

function notYet(what: string): HotwireError {
  return new HotwireError('NotSupported', `${what}: not supported by version ${VERSION}`);
}
