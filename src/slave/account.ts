/** What all clients of one user share, on all connections of this process, and how much that may be. */
import { Turns } from '../engine';
import { HotwireError } from '../errors';
import { settings } from '../settings';
import type { HostedPipeline } from './hosted-pipeline';
import { KeptTotal } from './kept-output';

/** What an account has to know of an owner. */
export interface AccountMember {
  readonly pipelines: Iterable<HostedPipeline>;
  readonly pipelineCount: number;
  /** Evaluations under way. */
  readonly evaluations: { readonly size: number };
  /** Forgets a pipeline that has finished. */
  forget(hosted: HostedPipeline): void;
}

/** Accounts by uid. None is ever removed: it is small, and there are only as many as the machine has users. */
export class Accounts {
  readonly #accounts = new Map<number, Account>();

  of(uid: number): Account {
    const account = this.#accounts.get(uid) ?? new Account(uid);
    this.#accounts.set(uid, account);
    return account;
  }
}

export class Account {
  readonly uid: number;
  /** What JavaScript expressions take turns for. */
  readonly evaluating = new Turns(settings.maxEvaluatingPerUser);
  readonly kept = new KeptTotal();
  /** Owners whose clients are connected. */
  readonly #present = new Set<AccountMember>();
  /** Those, and the ones that have left while the last of their processes end. */
  readonly #members = new Set<AccountMember>();
  #detached = 0;

  constructor(uid: number) {
    this.uid = uid;
  }

  /** Clients that are connected. */
  get contexts(): number {
    return this.#present.size;
  }

  /** Pipelines of all owners, running or finished. */
  get pipelines(): number {
    let count = 0;
    for (const member of this.#members) count += member.pipelineCount;
    return count;
  }

  /** Pipelines of all owners that run, evaluations included. */
  get running(): number {
    let count = 0;
    for (const member of this.#members) count += runningOf(member);
    return count;
  }

  /** Detached pipelines, running or finished. */
  get detached(): number {
    return this.#detached;
  }

  /** A client has come. @throws LimitExceeded when there are too many of this user */
  enter(member: AccountMember): void {
    const limit = settings.maxContextsPerUser;
    if (this.contexts >= limit) {
      throw this.#exceeded(`${limit} clients`, 'are connected: end one', limit, 'maxContextsPerUser');
    }
    this.#present.add(member);
    this.#members.add(member);
  }

  /** A client has left; what it had still counts. */
  leave(member: AccountMember): void {
    this.#present.delete(member);
  }

  /** Nothing of a client that has left runs any more. */
  settle(member: AccountMember): void {
    this.leave(member);
    this.#members.delete(member);
  }

  /** @throws LimitExceeded when too many pipelines run, whoever of the user's clients started them */
  checkRoom(): void {
    const limit = Math.min(settings.maxRunningPerUser, settings.maxPipelinesPerUser);
    let most = 0; // without a look at each pipeline, which is nearly always enough
    for (const { pipelineCount, evaluations } of this.#members) most += pipelineCount + evaluations.size;
    if (most < limit) return;
    const { running } = this;
    if (running < limit) return;
    const name = limit === settings.maxRunningPerUser ? 'maxRunningPerUser' : 'maxPipelinesPerUser';
    throw this.#exceeded(`${running} pipelines`, 'are running: wait for one or cancel one', limit, name);
  }

  /** Forgets the oldest finished pipelines of whichever owner, while there are too many. */
  age(): void {
    for (let excess = this.pipelines - settings.maxPipelinesPerUser; excess > 0; excess -= 1) {
      let oldest: { member: AccountMember; hosted: HostedPipeline } | undefined;
      for (const member of this.#members) {
        const hosted = oldestFinished(member.pipelines);
        if (hosted && (!oldest || completedOf(hosted) < completedOf(oldest.hosted))) oldest = { member, hosted };
      }
      if (oldest === undefined) return;
      oldest.member.forget(oldest.hosted);
    }
  }

  /** One more detached pipeline. @throws LimitExceeded when there are too many of this user */
  addDetached(): void {
    const limit = settings.maxDetachedPerUser;
    if (this.#detached >= limit) {
      throw this.#exceeded(
        `${this.#detached} detached pipelines`,
        'are kept: release one',
        limit,
        'maxDetachedPerUser',
      );
    }
    this.#detached += 1;
  }

  /** One that `addDetached` has counted is released. */
  removeDetached(): void {
    this.#detached -= 1;
  }

  #exceeded(what: string, next: string, limit: number, name: string): HotwireError {
    const most = `at most ${limit} for all clients of a user together: setting ${name}`;
    return new HotwireError('LimitExceeded', `${what} of uid ${this.uid} ${next} (${most})`);
  }
}

/** How many pipelines of an owner run, evaluations included. */
export function runningOf({ pipelines, evaluations }: Pick<AccountMember, 'pipelines' | 'evaluations'>): number {
  let running = evaluations.size;
  for (const hosted of pipelines) if (!hosted.finished) running += 1;
  return running;
}

/**
 * The one that has finished first, if any has.
 * @param pipelines in the order in which they began: what began after that one finished needs no look
 */
export function oldestFinished(pipelines: Iterable<HostedPipeline>): HostedPipeline | undefined {
  let oldest: HostedPipeline | undefined;
  for (const hosted of pipelines) {
    if (oldest && (hosted.pipeline.started ?? 0) >= completedOf(oldest)) break;
    if (hosted.finished && (!oldest || completedOf(hosted) < completedOf(oldest))) oldest = hosted;
  }
  return oldest;
}

/** When it finished, which it has, in seconds since the epoch. */
function completedOf({ pipeline }: HostedPipeline): number {
  return pipeline.completed ?? 0;
}
