// `hotwire get` and `hotwire put`: files between here and other domains.
import type { Domain } from '../client/api';
import type { CopyOptions, CopyProgress, CopySide, CopySummary } from '../client/copy';
import type { DomainGroup } from '../client/group-api';
import { EXIT, type HotwireError } from '../errors';
import { FANOUT, MAX_RUNNING_PER_OWNER } from '../limits';
import { formatValue } from '../render';
import { typedDomain } from './domain-options';
import { type Errand, type ErrandOptions, onErrand, openDomain } from './errand';
import { sharedStatus } from './host-failures';
import { Interrupted } from './interrupt';
import { failureStatus, failureText } from './outcome';
import type { Surroundings } from './surroundings';
import { workingDirectory } from './working-directory';

export type CopyDirection = 'get' | 'put';

export interface CopyCommandOptions extends ErrandOptions {
  readonly exact?: boolean;
  readonly checksum?: boolean;
}

/** Hosts at a time: each copy has two pipelines here, and others may run beside them. */
const MAX_COPIES = MAX_RUNNING_PER_OWNER / 4;

/** What is copied, as it was typed. */
export interface CopyRequest {
  readonly direction: CopyDirection;
  readonly sources: readonly string[];
  readonly target: string;
}

/** Copies to the end; whatever happens is told on standard error. @returns the exit status */
export function copyFiles(
  request: CopyRequest,
  options: CopyCommandOptions,
  surroundings: Surroundings,
): Promise<number> {
  let started: CopyErrand | undefined;
  const run = async (errand: Errand, work: (copying: CopyErrand) => Promise<HostOutcome[]>) => {
    const { screen, halt } = errand;
    const here = await openDomain('', options, surroundings, { screen, signal: halt.signal });
    try {
      const copying = new CopyErrand(request, options, here, errand);
      started = copying;
      return copying.tell(await work(copying));
    } finally {
      await here.close();
    }
  };
  return onErrand(
    surroundings,
    { ...options, fanout: Math.min(options.fanout ?? FANOUT, MAX_COPIES) },
    (far, errand) => run(errand, async (copying) => [await copying.one(far, typedDomain(options), false)]),
    (thrown) => (thrown instanceof Interrupted || started?.isUnderWay() ? BROKEN_OFF : undefined),
    (group, errand) => run(errand, (copying) => copying.all(group)),
  );
}

const BROKEN_OFF = 'it was broken off: the same command goes on with what has arrived';

/** What the copy from or to a host came to. */
interface HostOutcome {
  readonly host: string;
  readonly summary?: CopySummary;
  readonly failure?: HotwireError;
}

class CopyErrand {
  readonly #request: CopyRequest;
  readonly #options: CopyCommandOptions;
  readonly #here: CopySide;
  readonly #errand: Errand;
  readonly #started = performance.now();
  /** How far each host is. */
  readonly #progress = new Map<string, CopyProgress>();

  constructor(request: CopyRequest, options: CopyCommandOptions, here: Domain, errand: Errand) {
    this.#request = request;
    this.#options = options;
    this.#here = { domain: here, cwd: workingDirectory(errand.surroundings), name: 'here' };
    this.#errand = errand;
  }

  /** Whether something of it has arrived. @param host from or to that one; any, if not given */
  isUnderWay(host?: string): boolean {
    return host === undefined ? this.#progress.size > 0 : this.#progress.has(host);
  }

  async all(group: DomainGroup): Promise<HostOutcome[]> {
    const { signal } = this.#errand.halt;
    const outcomes: HostOutcome[] = [];
    const underWay: Promise<unknown>[] = [];
    const failures = await group.each(
      (far, host) => {
        const done = this.one(far, host, true).then((outcome) => void outcomes.push(outcome));
        underWay.push(done);
        return done;
      },
      { signal },
    );
    await Promise.allSettled(underWay); // a target that was interrupted puts aside what it has
    signal.throwIfAborted();
    return [...outcomes, ...failures.map(({ domain, error }) => ({ host: domain, failure: error }))];
  }

  async one(domain: Domain, host: string, several: boolean): Promise<HostOutcome> {
    const { copy } = await import('../client');
    const { direction, sources, target } = this.#request;
    const far = { domain, name: host };
    const isGet = direction === 'get';
    const { exact, checksum = false } = this.#options;
    const options: CopyOptions = {
      signal: this.#errand.halt.signal,
      checksum,
      patterns: isGet,
      home: !isGet,
      progress: (progress) => this.#show(host, progress),
      ...(isGet && several ? { target: 'directory' } : exact && { target: 'copy' }),
    };
    if (!isGet) return { host, summary: await copy(this.#here, sources, far, target, options) };
    const into = several ? `${target}/${host.replaceAll('/', '%2F')}` : target;
    return { host, summary: await copy(far, sources, this.#here, into, options) };
  }

  #show(host: string, progress: CopyProgress): void {
    this.#progress.set(host, progress);
    const all = [...this.#progress.values()];
    const bytes = all.reduce((sum, one) => sum + one.bytes, 0);
    const isKnown = all.every((one) => one.total !== undefined);
    const total = isKnown ? all.reduce((sum, one) => sum + (one.total ?? 0), 0) : 0;
    const parts = [progress.path, sizeOf(bytes), `${sizeOf(bytes / this.#seconds())}/s`];
    const percent = total > 0 ? Math.min(100, (bytes / total) * 100) : -1;
    this.#errand.screen.status(parts.filter((part) => part !== '').join('  '), percent);
  }

  /** What was copied and what was not, at the end. @returns the exit status */
  tell(outcomes: readonly HostOutcome[]): number {
    const { screen, surroundings } = this.#errand;
    screen.close();
    const statuses = new Set<number>();
    let placed = 0;
    let same = 0;
    let bytes = 0;
    for (const { host, summary, failure } of outcomes) {
      for (const { side, path, message } of summary?.failures ?? []) screen.complain(`${side}: ${path}: ${message}`);
      const untold = (summary?.failed ?? 0) - (summary?.failures.length ?? 0);
      if (untold > 0) screen.complain(`${host}: and ${untold} more`);
      const words = failure === undefined ? undefined : failureText(failure, this.#options.debug === true);
      if (words !== undefined) screen.complain(words.startsWith(`${host}: `) ? words : `${host}: ${words}`);
      statuses.add(failure === undefined ? (summary?.failed ? EXIT.failed : EXIT.ok) : failureStatus(failure));
      placed += summary?.placed ?? 0;
      same += summary?.same ?? 0;
      bytes += summary?.bytes ?? 0;
    }
    if (outcomes.some(({ host, failure }) => failure !== undefined && this.isUnderWay(host))) {
      screen.complain(BROKEN_OFF);
    }
    if (surroundings.stderr.isTTY) {
      const seconds = this.#seconds();
      const speed = `${sizeOf(bytes)} in ${seconds.toFixed(1)} s (${sizeOf(bytes / seconds)}/s)`;
      screen.complain(`${placed} copied${same > 0 ? `, ${same} unchanged` : ''}; ${speed}`);
    }
    return sharedStatus(statuses);
  }

  #seconds(): number {
    return Math.max(1, performance.now() - this.#started) / 1000;
  }
}

function sizeOf(bytes: number): string {
  return formatValue(Math.round(bytes), 'bytes');
}
