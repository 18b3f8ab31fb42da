// `hotwire jobs`, `cancel`, `undo` and `release`: the detached pipelines of this user, and what can be done with them.
import { orAborted } from '../abort';
import type { Domain, PipelineInfo } from '../client/api';
import type { DomainGroup, HostFailure } from '../client/group-api';
import { tagged } from '../domain-tag';
import { EXIT, HotwireError } from '../errors';
import type { Format } from '../render';
import { type Errand, type ErrandOptions, onErrand } from './errand';
import { tellFailures } from './host-failures';
import { showObjects } from './show-objects';
import type { Surroundings } from './surroundings';

/** Class of an entry: a table has its columns (src/classes/pipeline.ts). */
const JOB_CLASS = 'hotwire.engine.Pipeline';

/** States from which a pipeline can be undone. */
const UNDOABLE_STATES: readonly PipelineInfo['state'][] = ['complete', 'cancelled', 'exception'];

export interface JobsOptions extends ErrandOptions {
  readonly format?: Format;
}

/** Shows them, the oldest first. @returns the exit status */
export function jobs(options: JobsOptions, surroundings: Surroundings): Promise<number> {
  const one = async (domain: Domain, { halt, screen }: Errand) => {
    const objects = await orAborted(jobsOf(domain), halt.signal);
    await showObjects(screen, JOB_CLASS, [objects], options.format);
    return EXIT.ok;
  };
  return onErrand(surroundings, options, one, undefined, (group, errand) => jobsOfMany(group, errand, options));
}

/** The same of many hosts, in their order. */
async function jobsOfMany(group: DomainGroup, { halt, screen }: Errand, { format }: JobsOptions): Promise<number> {
  const found = new Map<string, object[]>();
  const failures = await group.each(
    async (domain, host) => {
      found.set(host, tagged(await jobsOf(domain), host));
    },
    { signal: halt.signal },
  );
  halt.signal.throwIfAborted();
  const pages = group.hosts.map((host) => found.get(host) ?? []);
  await showObjects(screen, JOB_CLASS, pages, format, group.hosts);
  return tellFailures(screen, failures, group.hosts);
}

async function jobsOf(domain: Domain): Promise<object[]> {
  return (await domain.pipelines()).filter(({ detached }) => detached).map(job);
}

/** What is done with each pipeline; the word is the command's name. */
export const ACTIONS = {
  cancel: (domain: Domain, id: number) => domain.cancelPipeline(id),
  undo: (domain: Domain, id: number) => domain.undoPipeline(id),
  release: (domain: Domain, id: number) => domain.releasePipeline(id),
} as const;
export type Action = keyof typeof ACTIONS;

/** Does it with one after the other, and tells with which it can't be done. @returns the exit status */
export function act(
  action: Action,
  ids: readonly number[],
  options: ErrandOptions,
  surroundings: Surroundings,
): Promise<number> {
  const one = async (domain: Domain, { halt, screen }: Errand) => {
    let status: number = EXIT.ok;
    for (const id of ids) {
      try {
        await orAborted(ACTIONS[action](domain, id), halt.signal);
      } catch (thrown) {
        if (!(thrown instanceof HotwireError) || domainIsLost(thrown)) throw thrown;
        screen.complain(`can't ${action} ${id}: ${thrown.message}`);
        status = thrown.exit;
      }
    }
    return status;
  };
  return onErrand(surroundings, options, one, undefined, (group, errand) => actOnMany(action, ids, group, errand));
}

async function actOnMany(
  action: Action,
  ids: readonly number[],
  group: DomainGroup,
  { halt, screen }: Errand,
): Promise<number> {
  const refused: HostFailure[] = [];
  const failures = await group.each(
    async (domain, host) => {
      for (const id of ids) {
        await ACTIONS[action](domain, id).catch((thrown: unknown) => {
          if (!(thrown instanceof HotwireError) || domainIsLost(thrown)) throw thrown;
          const error = new HotwireError(thrown.kind, `can't ${action} ${id}: ${thrown.message}`, { cause: thrown });
          refused.push({ domain: host, error });
        });
      }
    },
    { signal: halt.signal },
  );
  halt.signal.throwIfAborted();
  return tellFailures(screen, [...failures, ...refused], group.hosts);
}

/** Nothing more can be done here. */
function domainIsLost({ kind }: HotwireError): boolean {
  return kind === 'Disconnected' || kind.startsWith('Domain.');
}

function job({ id, text, state, started, completed, exit, objects, signals, undoable, waiting, error }: PipelineInfo) {
  return {
    id,
    state,
    started,
    completed: completed === 0 ? null : completed,
    exit: exit === undefined ? null : String(exit.signal ?? exit.code),
    objects,
    signals,
    undoable: undoable && UNDOABLE_STATES.includes(state),
    text,
    waiting: waiting === '' ? null : waiting,
    error: error?.message ?? null,
  };
}
