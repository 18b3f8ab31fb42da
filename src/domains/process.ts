/** The process of a connector: started, listened to, ended. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import type { HotwireError } from '../errors';
import { END_BOUND_MS, KILL_GRACE_MS } from '../limits';
import { type Connector, connectorError, type Exit } from './connector';

/** How much is kept of what it said last on stderr, in characters: sudo repeats our whole command. */
const LAST_WORDS = 16_000;
/** A process that has ended may have left words in the pipe, and another process may hold that open (an ssh master). */
const LAST_WORDS_MS = 200;
/**
 * How long one may take to end by itself: so that, while the slave that has started it ends (END_BOUND_MS), there is time to
 * close its connection before, and a grace after each of two signals.
 */
const END_GRACE_MS = END_BOUND_MS / 2 - KILL_GRACE_MS;

export class ConnectorProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  /** Whether all that it has started is to end with it. */
  readonly #endsGroup: boolean;
  /** Resolves with the status; null when a signal ended it. */
  readonly exited: Promise<number | null>;
  #lastWords = '';
  #silent = false;
  #forced = false;

  /** @throws the error of `connector.absent`, or Domain.Unreachable when the system refuses another process */
  static async start(connector: Connector, words: readonly string[]): Promise<ConnectorProcess> {
    const [program = '', ...given] = connector.command;
    // It can't start in a directory that has been removed.
    const directory = connector.directory ?? (hasWorkingDirectory() ? undefined : '/');
    const child = spawn(program, [...given, ...words], {
      env: connector.environment,
      // In a session of its own: Ctrl-C in the terminal is for us, and it can't ask anything there.
      detached: true,
      ...(directory !== undefined && { cwd: directory }),
    });
    const process = new ConnectorProcess(child, connector.leaves !== 'master');
    try {
      await once(child, 'spawn');
    } catch (thrown) {
      throw notStarted(connector, program, thrown as NodeJS.ErrnoException);
    }
    return process;
  }

  private constructor(child: ChildProcessWithoutNullStreams, endsGroup: boolean) {
    this.#child = child;
    this.#endsGroup = endsGroup;
    child.stdin.on('error', () => undefined); // that it reads no more is told by its end
    child.stdout.on('error', () => undefined);
    child.stderr.on('error', () => undefined);
    child.on('error', () => undefined); // a signal to another user's process (sudo) may not be sent
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-LAST_WORDS);
    });
    child.stderr.on('close', () => {
      this.#silent = true;
    });
    // Not 'close': whoever it leaves behind may hold its pipes open.
    this.exited = new Promise((resolve) => child.on('exit', (code) => resolve(code)));
    void this.exited.then(() => setTimeout(() => this.#letGo(), KILL_GRACE_MS).unref());
  }

  get stdin(): ChildProcessWithoutNullStreams['stdin'] {
    return this.#child.stdin;
  }

  get stdout(): ChildProcessWithoutNullStreams['stdout'] {
    return this.#child.stdout;
  }

  get exit(): Exit {
    return { code: this.#child.exitCode, signal: this.#child.signalCode };
  }

  get hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Whether it was us who ended it: then how it ended tells nothing. */
  get wasForced(): boolean {
    return this.#forced;
  }

  /** What it said on stderr last; complete, as far as it can be, once it has exited. */
  async lastWords(): Promise<string> {
    if (this.hasExited && !this.#silent) await inTime(once(this.#child.stderr, 'close'), LAST_WORDS_MS);
    return this.#lastWords.trim();
  }

  /** Closes its stdin, which ends a slave; after `graceMs` less politely. Resolves when it is gone. */
  async end(graceMs = END_GRACE_MS): Promise<void> {
    this.#child.stdin.end();
    await inTime(this.exited, graceMs);
    await this.kill();
  }

  /** Ends it now, unless it has ended by itself. Resolves when it is gone, or can't be ended by us. */
  async kill(): Promise<void> {
    this.#child.stdin.destroy();
    if (!this.hasExited) {
      this.#forced = true;
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        if (!this.#signal(signal)) break;
        await inTime(this.exited, KILL_GRACE_MS);
      }
    }
    this.#letGo();
  }

  /** It leads a group: what it has started, and has not led away, gets the signal too. @returns whether anybody was there */
  #signal(signal: NodeJS.Signals): boolean {
    const { pid } = this.#child;
    if (pid !== undefined && this.#endsGroup) {
      try {
        return process.kill(-pid, signal);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
      }
    }
    return !this.hasExited && this.#child.kill(signal);
  }

  #letGo(): void {
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
    this.#child.unref();
  }
}

/** How a process ended, in words. */
export function describeExit({ code, signal }: Exit): string {
  return signal === null ? `ended with status ${code}` : `was ended by ${signal}`;
}

/** `event`, or 'late' when it has not come by then. */
export async function inTime<T>(event: Promise<T>, timeoutMs: number): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, 'late');
  });
  try {
    return await Promise.race([event, late]);
  } finally {
    clearTimeout(timer);
  }
}

function notStarted(connector: Connector, program: string, cause: NodeJS.ErrnoException): HotwireError {
  const { address, absent } = connector;
  const [kind, advice] = absent;
  if (cause.code === 'ENOENT') return connectorError(kind, address, `there is no '${program}': ${advice}`, '', cause);
  const meaning = `'${program}' could not be started: ${REFUSALS[cause.code ?? ''] ?? cause.message}`;
  return connectorError('Domain.Unreachable', address, meaning, '', cause);
}

const REFUSALS: Readonly<Record<string, string>> = {
  EACCES: 'it may not be run (is it a program?)',
  EMFILE: 'too many open files in this process (ulimit -n says how many it may have)',
  ENFILE: 'too many open files in the system',
  EAGAIN: 'too many processes (ulimit -u says how many this user may have)',
};

/** As the system has it now: `process.cwd()` remembers. */
export function hasWorkingDirectory(): boolean {
  try {
    realpathSync.native('.');
    return true;
  } catch {
    return false;
  }
}
