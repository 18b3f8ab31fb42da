/** What the command `on` gets at other domains by: the client library, at the other end of a connection to this slave. */
import { randomInt } from 'node:crypto';
import { OpenedGroup } from '../client/connect-all';
import type { DomainGroup, GroupPipeline, HostFailure } from '../client/group-api';
import { HostErrors } from '../client/host-errors';
import { failureLines } from '../client/host-failures';
import { resolveHosts } from '../client/hosts';
import { openerOver } from '../client/opener';
import { METADATA } from '../contract';
import type { Batch, FarDomains, FarRunOptions } from '../engine';
import { HotwireError } from '../errors';
import { Connection, streamPair } from '../wire';
import type { ServiceOptions } from './service';
import { servePeer } from './stdio';

const MAX_NAME = 2 ** 47;

/** @param options those of the service whose domains these are: connections are shared with its clients */
export function farDomains(options: Omit<ServiceOptions, 'uidOf'>): FarDomains {
  const { onIdle: _ofTheOther, ...shared } = options;
  return {
    async *run(hosts, text, runOptions) {
      const resolved = resolveHosts(hosts, runOptions.environment);
      const [near, far] = streamPair();
      const [{ service }, connection] = await Promise.all([
        servePeer(far, shared, uniqueName()),
        Connection.connect(near),
      ]);
      const opener = await openerOver(connection, runOptions.environment);
      const group = new OpenedGroup(resolved, opener, {
        ...(runOptions.fanout !== undefined && { fanout: runOptions.fanout }),
        keep: false,
      });
      try {
        yield* runOn(group, text, runOptions);
      } finally {
        await group.close();
        await service.close(new HotwireError('Domain.Closed', 'the command on has ended'));
      }
    },
  };
}

/**
 * A name that no client of the domains has that this slave shares with others: those on a bus begin with `:1.`, and other
 * slaves before or behind it have commands `on` of their own.
 */
function uniqueName(): string {
  return `:0.${randomInt(MAX_NAME)}`;
}

async function* runOn(group: DomainGroup, text: string, options: FarRunOptions): AsyncGenerator<Batch> {
  const { signal, stderr, status } = options;
  const pipeline = group.run(text, { signal, tagged: true });
  const errors = new HostErrors({ write: stderr, pause: (host, until) => pipeline.pause(host, until) });
  const exits = new LastExits(pipeline);
  pipeline.on('metadata', ({ domain, key, value }) => {
    if (key === METADATA.stderr && typeof value === 'string') errors.add(domain, value);
  });
  pipeline.on('ended', (domain) => errors.end(domain));
  pipeline.on('failed', ({ domain }) => errors.end(domain));
  pipeline.on('progress', ({ done, failed, running }) => {
    status(`hosts: ${done} done, ${failed} failed, ${running} running`);
  });
  for await (const { className, objects } of pipeline.batches()) {
    await errors.told();
    yield { className, objects };
  }
  await errors.told();
  signal.throwIfAborted();
  const failures = [...pipeline.failures, ...(await exits.failures())];
  if (failures.length === 0) return;
  if (options.all || failures.length === group.hosts.length) throw failed(failures, group.hosts);
  await stderr(
    failureLines(failures, group.hosts)
      .map((line) => `${line}\n`)
      .join(''),
  );
}

/** How the program of the last command ended on each host: a status that is not 0 is a failure there, as for `hotwire run`. */
class LastExits {
  readonly #lastCommands = new Map<string, Promise<number>>();
  /** By host and command. */
  readonly #exits = new Map<string, Map<number, unknown>>();

  constructor(pipeline: GroupPipeline) {
    pipeline.on('started', (domain, started) => {
      const last = started.describe().then(({ commands }) => commands.length - 1);
      // Of a text that can't be described, no program is known to be the last.
      this.#lastCommands.set(
        domain,
        last.catch(() => -1),
      );
    });
    pipeline.on('metadata', ({ domain, command, key, value }) => {
      if (key !== METADATA.exit) return;
      const exits = this.#exits.get(domain) ?? new Map();
      this.#exits.set(domain, exits.set(command, value));
    });
  }

  async failures(): Promise<HostFailure[]> {
    const failures: HostFailure[] = [];
    for (const [domain, exits] of this.#exits) {
      const { code, signal } = (exits.get((await this.#lastCommands.get(domain)) ?? -1) ?? { code: 0 }) as ProgramExit;
      if (code === 0) continue;
      const how = signal ? `the program was ended by ${signal}` : `exit status ${code}`;
      failures.push({ domain, error: new HotwireError('PipelineFailed', how) });
    }
    return failures;
  }
}

/** A value of `hotwire.exit`. */
interface ProgramExit {
  readonly code: number | null;
  readonly signal?: string | null;
}

/** One error for all: of their kind, if that is the same. */
function failed(failures: readonly HostFailure[], hosts: readonly string[]): HotwireError {
  const kinds = new Set(failures.map(({ error }) => error.kind));
  const [kind = 'PipelineFailed'] = kinds;
  return new HotwireError(kinds.size === 1 ? kind : 'PipelineFailed', failureLines(failures, hosts).join('\n'));
}
