/**
 * The resident slave of a user: it holds what outlives a connection. It listens on a socket in the user's state directory,
 * not in the runtime directory: logind removes that one when the user's last session ends, which is just when a detached
 * pipeline has to be found again. One per host, as a home directory may be shared by several.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { homedir, hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EXIT, HotwireError } from '../errors';
import { HANDSHAKE_TIMEOUT_MS } from '../limits';
import { Connection, machineId } from '../wire';
import { checkPrivate, privateDirectory } from './private-directory';

/** Longest path of a socket, in bytes (`sun_path` without its NUL). */
export const MAX_SOCKET_PATH_BYTES = 107;
const HOST_KEY_LENGTH = 12;
/** While another process is starting the resident slave, its socket is tried again after so many milliseconds. */
const RETRY_MS = 50;
const OWN_DESCRIPTORS = '/proc/self/fd';
/** Exit status of flock(1) when somebody else has the lock: not one of ours. */
const LOCKED_STATUS = 75;
/** What it gets of the environment of whoever starts it; each pipeline brings its own. */
export const RESIDENT_VARIABLES = [
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'PATH',
  'LANG',
  'XDG_STATE_HOME',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'TMPDIR',
];

/** Where the resident slave of a user has its things. */
export interface ResidentPlace {
  readonly directory: string;
  readonly socket: string;
  /** Locked while it runs. */
  readonly lock: string;
}

/**
 * Where it is to be, whether or not there is anything. A relative XDG_STATE_HOME does not count, as its specification demands.
 * @throws LimitExceeded when the path is too long for a socket
 */
export function residentPlace({ XDG_STATE_HOME = '', HOME }: NodeJS.ProcessEnv): ResidentPlace {
  const state = path.isAbsolute(XDG_STATE_HOME) ? XDG_STATE_HOME : path.join(HOME || homedir(), '.local', 'state');
  const host = createHash('sha256')
    .update(`${machineId() ?? ''} ${hostname()}`)
    .digest('hex');
  return placeIn(path.join(state, 'hotwire', host.slice(0, HOST_KEY_LENGTH)));
}

/** The same, made, and ours alone. @throws AccessDenied where others could put what is theirs; LimitExceeded; Failed */
export function ownResidentPlace(environment: NodeJS.ProcessEnv): ResidentPlace {
  return placeIn(privateDirectory(residentPlace(environment).directory));
}

function placeIn(directory: string): ResidentPlace {
  const socket = path.join(directory, 'resident');
  if (Buffer.byteLength(socket) > MAX_SOCKET_PATH_BYTES) {
    const message = `${socket}: too long for the path of a socket: let XDG_STATE_HOME be a shorter one`;
    throw new HotwireError('LimitExceeded', message);
  }
  return { directory, socket, lock: path.join(directory, 'lock') };
}

/** A connection to the resident slave, if it runs. @throws AccessDenied, also where it may be another's; AuthFailed, TimedOut as any handshake */
export async function findResident(environment: NodeJS.ProcessEnv): Promise<Connection | undefined> {
  let place: ResidentPlace;
  try {
    place = residentPlace(environment);
  } catch {
    return undefined; // where none can be, none is
  }
  if (!existsSync(place.directory)) return undefined;
  const socket = await openSocket(placeIn(checkPrivate(place.directory)).socket);
  if (socket === undefined) return undefined;
  return Connection.connect(socket, { timeoutMs: HANDSHAKE_TIMEOUT_MS }).catch((thrown: unknown) => {
    // It was just leaving: there is none now.
    if (HotwireError.from(thrown).kind === 'Disconnected') return undefined;
    throw thrown;
  });
}

/**
 * A connection to the resident slave, which is started unless it runs.
 * @param program the slave's program, and words before it (the interpreter)
 * @throws Domain.ProgramMissing, Domain.TimedOut when it can't be started; AccessDenied where it has no place of its own
 */
export async function openResident(program: readonly string[], environment: NodeJS.ProcessEnv): Promise<Connection> {
  if (program.length < 2) {
    const message = "this slave was sent here and could not be kept in the user's ~/.cache, so it can start no other";
    throw new HotwireError('Domain.ProgramMissing', `${message}: make that writable, or install hotwire here`);
  }
  const place = ownResidentPlace(environment);
  const deadline = performance.now() + HANDSHAKE_TIMEOUT_MS;
  let started = false;
  while (performance.now() < deadline) {
    const found = await findResident(environment);
    if (found !== undefined) return found;
    // Locked, and nobody listens: it is just starting, or just leaving. So it is looked for again.
    if (started) await delay(RETRY_MS);
    started = true;
    await start(place, program, environment);
  }
  const seconds = HANDSHAKE_TIMEOUT_MS / 1000;
  throw new HotwireError('Domain.TimedOut', `the resident slave did not listen on ${place.socket} within ${seconds} s`);
}

async function openSocket(file: string): Promise<Socket | undefined> {
  const socket = connect({ path: file });
  try {
    await once(socket, 'connect');
    return socket;
  } catch (thrown) {
    socket.destroy();
    const { code, message } = thrown as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined;
    const kind = code === 'EACCES' ? 'AccessDenied' : 'Disconnected';
    throw new HotwireError(kind, `can't connect to the resident slave at ${file}: ${message}`, { cause: thrown });
  }
}

/**
 * Becomes the only one at a place: unless this process has the lock, a child that has it does what was asked of us.
 * @returns the exit status of that child; undefined when the lock is ours
 * @throws InvalidState when another has the lock; Domain.ProgramMissing without flock(1)
 */
export async function rerunLocked(place: ResidentPlace): Promise<number | undefined> {
  if (hasOpen(place.lock)) return undefined;
  const child = spawn('flock', [...flockOptions(place), process.execPath, ...process.argv.slice(1)], {
    stdio: 'inherit',
  });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  const [status] = (await once(child, 'exit').catch((error: unknown) => {
    throw notStarted(error);
  })) as [number | null];
  if (status !== LOCKED_STATUS) return status ?? EXIT.failed;
  throw new HotwireError('InvalidState', `a resident slave of this user runs already: it listens on ${place.socket}`);
}

/** flock's lock belongs to the process that it becomes, and ends with it, however that ends: no stale lock, no race. */
function flockOptions({ lock }: ResidentPlace): string[] {
  return ['--nonblock', '--conflict-exit-code', String(LOCKED_STATUS), '--no-fork', lock];
}

/** Whether this process has a file open: flock leaves its lock to it so. */
function hasOpen(file: string): boolean {
  return readdirSync(OWN_DESCRIPTORS).some((descriptor) => {
    try {
      return readlinkSync(path.join(OWN_DESCRIPTORS, descriptor)) === file;
    } catch {
      return false; // the descriptor that they were listed by
    }
  });
}

function notStarted(cause: unknown): HotwireError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const reason = code === 'ENOENT' ? "there is no 'flock' on PATH (it is of util-linux)" : message;
  return new HotwireError('Domain.ProgramMissing', `the resident slave could not be started: ${reason}`, { cause });
}

/** Resolves when it listens, or when another has the lock. */
async function start(place: ResidentPlace, program: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn('flock', [...flockOptions(place), ...program, '--resident'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    cwd: '/',
    env: Object.fromEntries(Object.entries(environment).filter(([name]) => RESIDENT_VARIABLES.includes(name))),
  });
  child.unref();
  const ready = once(child.stdout, 'data').then(() => undefined);
  const exited = once(child, 'exit');
  try {
    const status = await Promise.race([ready, exited.then(([code, signal]) => code ?? signal)]);
    if (status === undefined || status === LOCKED_STATUS) return;
    const message = `the resident slave could not be started (${status}): run '${program.at(-1)} --resident' to see why`;
    throw new HotwireError('Domain.ProgramMissing', message);
  } catch (thrown) {
    if (thrown instanceof HotwireError) throw thrown;
    throw notStarted(thrown);
  } finally {
    child.stdout.destroy();
  }
}
