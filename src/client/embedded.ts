/** A slave of our own, as a child that speaks D-Bus on its stdio: nothing to install, nothing to start. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { hasWorkingDirectory } from '../domains';
import { HotwireError } from '../errors';
import { KILL_GRACE_MS } from '../limits';
import { Connection, stdioStream } from '../wire';

/** How long a slave whose stdin has ended may take to end its pipelines before it is killed, in milliseconds. */
const END_BOUND_MS = 10_000;
/** How much of a failed slave's stderr is shown, in characters. */
const LAST_WORDS = 2000;

export interface EmbeddedSlave {
  readonly connection: Connection;
  /** Resolves when the process is gone; call it after closing the connection. `cut`: it is told to go, and soon killed. */
  ended(cut?: boolean): Promise<void>;
}

/** Path of `bin/hotwire-slave` of this installation. */
export function slaveProgram(): string {
  for (let directory = __dirname; ; directory = path.dirname(directory)) {
    const program = path.join(directory, 'bin', 'hotwire-slave');
    if (existsSync(program)) return program;
    if (directory === path.dirname(directory)) break;
  }
  throw new HotwireError('Domain.ProgramMissing', 'bin/hotwire-slave is missing from this installation of hotwire');
}

/** Why the process of a slave could not be started, in words. */
export function notSpawned(cause: unknown): HotwireError {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const reason = SPAWN_FAILURES[code] ?? message;
  return new HotwireError('Domain.ProgramMissing', `can't start a slave: ${reason}`, { cause });
}

const SPAWN_FAILURES: Readonly<Record<string, string>> = {
  EMFILE: 'too many open files in this process (ulimit -n says how many it may have)',
  ENFILE: 'too many open files in the system',
  EAGAIN: 'too many processes (ulimit -u says how many this user may have)',
  ENOENT: `${process.execPath} is gone`,
};

export interface EmbeddedOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  /** Gives up when aborted. */
  readonly signal: AbortSignal;
}

/**
 * @throws Domain.ProgramMissing, or what went wrong with the handshake, with the slave's last words; the reason of the
 * signal, when its process is gone
 */
export async function startEmbedded({ environment, timeoutMs, signal }: EmbeddedOptions): Promise<EmbeddedSlave> {
  signal.throwIfAborted();
  const child = spawn(process.execPath, [slaveProgram(), '--stdio'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...environment, HOTWIRE_LOG: environment.HOTWIRE_LOG ?? 'warn' },
    // Not in our process group: Ctrl-C in the terminal is for us, who then cancel what runs there in good order.
    detached: true,
    // It can't start in a directory that has been removed.
    ...(hasWorkingDirectory() ? {} : { cwd: '/' }),
  });
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw notSpawned(cause);
  }
  let lastWords = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-LAST_WORDS);
  });
  const exited = once(child, 'exit');
  const ended = async (cut = false) => {
    if (cut) child.kill();
    const timer = setTimeout(() => child.kill('SIGKILL'), cut ? KILL_GRACE_MS : END_BOUND_MS);
    await exited;
    clearTimeout(timer);
  };
  const onAbort = () => child.kill('SIGKILL');
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    if (signal.aborted) onAbort();
    const connection = await Connection.connect(stdioStream(child.stdout, child.stdin), { timeoutMs });
    return { connection, ended };
  } catch (thrown) {
    child.kill('SIGKILL');
    await ended();
    signal.throwIfAborted();
    const error = HotwireError.from(thrown);
    const words = lastWords.trim();
    throw new HotwireError(error.kind, `the slave did not start: ${error.message}${words && `\n${words}`}`, {
      cause: thrown,
    });
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
