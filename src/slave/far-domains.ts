/** What the command `on` gets at other domains by: the client library, at the other end of a connection to this slave. */
import { randomInt } from 'node:crypto';
import { OpenedGroup } from '../client/connect-all';
import type { DomainGroup, GroupPipeline, HostFailure } from '../client/group-api';
import { failureLines } from '../client/host-failures';
import { HostLines } from '../client/host-lines';
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
  const lines = new HostLines();
  const told = tellErrors(pipeline, lines, stderr);
  pipeline.on('progress', ({ done, failed, running }) => {
    status(`hosts: ${done} done, ${failed} failed, ${running} running`);
  });
  for await (const { className, objects } of pipeline.batches()) {
    await told();
    yield { className, objects };
  }
  const open = group.hosts.map((host) => lines.end(host)).join('');
  if (open !== '') await stderr(open);
  await told();
  signal.throwIfAborted();
  const { failures } = pipeline;
  if (failures.length === 0) return;
  if (options.all || failures.length === group.hosts.length) throw failed(failures, group.hosts);
  await stderr(
    failureLines(failures, group.hosts)
      .map((line) => `${line}\n`)
      .join(''),
  );
}

/** Passes on what is written to standard error. @returns resolves once that has been taken: no queue of it grows */
function tellErrors(pipeline: GroupPipeline, lines: HostLines, stderr: FarRunOptions['stderr']): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  pipeline.on('metadata', ({ domain, key, value }) => {
    if (key !== METADATA.stderr || typeof value !== 'string') return;
    const text = lines.add(domain, value);
    if (text === '') return;
    last = stderr(text);
    last.catch(() => undefined); // it is awaited with the next batch, unless everything has ended
  });
  return () => last;
}

/** One error for all: of their kind, if that is the same. */
function failed(failures: readonly HostFailure[], hosts: readonly string[]): HotwireError {
  const kinds = new Set(failures.map(({ error }) => error.kind));
  const [kind = 'PipelineFailed'] = kinds;
  return new HotwireError(kinds.size === 1 ? kind : 'PipelineFailed', failureLines(failures, hosts).join('\n'));
}
