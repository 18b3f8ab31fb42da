import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { HotwireError } from '../errors';
import { KILL_GRACE_MS } from '../limits';

/** How often the end of a signalled group is looked for, in milliseconds: at first, and at last (it reads all of /proc). */
const FIRST_POLL_MS = 5;
const LAST_POLL_MS = 100;
/** How long after SIGKILL the kernel may take to end a group, in milliseconds. */
const KILL_BOUND_MS = 2000;

export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One child process that leads a process group of its own, so that it can be ended with all it started. */
export class ProcessGroup {
  readonly exited: Promise<ExitStatus>;
  readonly #child: ChildProcess;
  readonly #pid: number;
  #gone = false;
  #stopping: Promise<void> | undefined;

  private constructor(child: ChildProcess, pid: number) {
    this.#child = child;
    this.#pid = pid;
    this.exited = once(child, 'exit').then(([code, signal]) => {
      this.#signal(0); // an empty group is known as gone at once: its number may soon be another's
      return { code, signal };
    });
  }

  /**
   * Starts `file` with the three given descriptors.
   * @throws Failed, naming the program, when it can't be executed
   */
  static start(
    file: string,
    name: string,
    args: readonly string[],
    options: { cwd: string; env: Record<string, string>; stdio: ['ignore' | number, number, number] },
  ): Promise<ProcessGroup> {
    return new Promise((resolve, reject) => {
      const refuse = (error: Error) =>
        reject(new HotwireError('Failed', `can't run ${name}: ${error.message}`, { cause: error }));
      try {
        const child = spawn(file, args, { ...options, argv0: name, detached: true });
        if (child.pid === undefined) child.once('error', refuse);
        else resolve(new ProcessGroup(child, child.pid));
      } catch (error) {
        refuse(error as Error);
      }
    });
  }

  /**
   * Ends the whole group: politely, then by SIGKILL after KILL_GRACE_MS. Resolves once nothing of it is left.
   * @throws Failed when it may not be signalled (a program that became another user)
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#signal('SIGTERM');
    this.#signal('SIGCONT'); // a stopped process takes no other signal but SIGKILL
    if (await this.#goneWithin(KILL_GRACE_MS)) return;
    this.#signal('SIGKILL');
    if (await this.#goneWithin(KILL_BOUND_MS)) return;
    throw new HotwireError('Failed', `process ${this.#pid} and what it started can't be ended`);
  }

  async #goneWithin(milliseconds: number): Promise<boolean> {
    const bound = Date.now() + milliseconds;
    let pollMs = FIRST_POLL_MS;
    const running = this.#child.exitCode === null && this.#child.signalCode === null;
    if (running) await Promise.race([this.exited, sleep(milliseconds, undefined, { ref: false })]);
    while (this.#signal(0) && groupLives(this.#pid)) {
      if (Date.now() >= bound) return false;
      await sleep(pollMs);
      pollMs = Math.min(pollMs * 2, LAST_POLL_MS);
    }
    return true;
  }

  /** Signals the group; false when nothing of it is left. Never signals a number that may be somebody else's by now. */
  #signal(signal: NodeJS.Signals | 0): boolean {
    if (this.#gone) return false;
    try {
      process.kill(-this.#pid, signal);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EPERM') return true;
      this.#gone = true;
      return false;
    }
  }
}

/** State letters of /proc/PID/stat of what runs no more, though nobody may have asked for its status yet. */
const ENDED_STATES = ['Z', 'X', 'x'];

/** Whether a process of the group runs. What was left to the system's first process may stay a zombie for long. */
function groupLives(group: number): boolean {
  return readdirSync('/proc').some((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const [state, , processGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(processGroup) === group && !ENDED_STATES.includes(state ?? '');
    } catch {
      return false; // ended meanwhile
    }
  });
}
