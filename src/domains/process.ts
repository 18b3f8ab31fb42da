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

export class ConnectorProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  /** Resolves with the status; null when a signal ended it. */
  readonly exited: Promise<number | null>;
  #lastWords = '';
  #silent = false;

  /** @throws the error of `connector.absent`, or Domain.Unreachable when the system refuses another process */
  static async start(connector: Connector, words: readonly string[]): Promise<ConnectorProcess> {
    const [program = '', ...given] = connector.command;
    const child = spawn(program, [...given, ...words], {
      env: connector.environment,
      // In a session of its own: Ctrl-C in the terminal is for us, and it can't ask anything there.
      detached: true,
      // It can't start in a directory that has been removed.
      ...(hasWorkingDirectory() ? {} : { cwd: '/' }),
    });
    const process = new ConnectorProcess(child);
    try {
      await once(child, 'spawn');
    } catch (thrown) {
      throw notStarted(connector, program, thrown as NodeJS.ErrnoException);
    }
    return process;
  }

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
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

  /** What it said on stderr last; complete, as far as it can be, once it has exited. */
  async lastWords(): Promise<string> {
    if (this.hasExited && !this.#silent) await elapsed(LAST_WORDS_MS, once(this.#child.stderr, 'close'));
    return this.#lastWords.trim();
  }

  /** Closes its stdin, which ends a slave; after `graceMs` less politely. Resolves when it is gone. */
  async end(graceMs = END_BOUND_MS + KILL_GRACE_MS): Promise<void> {
    this.#child.stdin.end();
    await elapsed(graceMs, this.exited);
    await this.kill();
  }

  /** Ends it now. Resolves when it is gone, or can't be ended by us. */
  async kill(): Promise<void> {
    this.#child.stdin.destroy();
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      if (this.hasExited) break;
      this.#child.kill(signal);
      await elapsed(KILL_GRACE_MS, this.exited);
    }
    this.#letGo();
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

/** Waits for `event`, but no longer than that. */
async function elapsed(timeoutMs: number, event: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([event, late]);
  clearTimeout(timer);
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
