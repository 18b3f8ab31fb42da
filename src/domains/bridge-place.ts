// Where the socket of a bridge lies: in a directory of its own, which only its user may enter. In the runtime directory, as
// it need not outlive the session; where there is none, beside the resident slave's.
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import path from 'node:path';
import { HotwireError } from '../errors';
import { MAX_SOCKET_PATH_BYTES, residentPlace } from './resident';

const PREFIX = 'bridge-';
const SOCKET = 'bus';
const OWNER_ONLY = { directory: 0o700, socket: 0o600 } as const;

/**
 * Lets the server listen in a new directory; what bridges that were killed have left beside it is removed.
 * @returns the path of the socket @throws Failed, or LimitExceeded where its path would be too long
 */
export async function listenInPlace(server: Server, environment: NodeJS.ProcessEnv): Promise<string> {
  const parent = parentOf(environment);
  let directory: string | undefined;
  try {
    await mkdir(parent, { recursive: true, mode: OWNER_ONLY.directory });
    await removeStale(parent);
    directory = await mkdtemp(path.join(parent, PREFIX));
    const socket = path.join(directory, SOCKET);
    // It has its name once it listens: whoever looks for stale ones never meets a socket that does not yet.
    const unnamed = path.join(directory, '.new');
    checkLength(unnamed, parent);
    server.listen(unnamed);
    await once(server, 'listening');
    await chmod(unnamed, OWNER_ONLY.socket);
    await rename(unnamed, socket);
    return socket;
  } catch (thrown) {
    server.close();
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
    const cause = HotwireError.from(thrown);
    if (cause.kind !== 'Failed') throw cause;
    throw new HotwireError('Failed', `can't make a socket for the bridge in ${parent}: ${cause.message}`, { cause });
  }
}

/** Removes the socket of a bridge with its directory. */
export async function removePlace(socket: string): Promise<void> {
  await rm(path.dirname(socket), { recursive: true, force: true });
}

function parentOf(environment: NodeJS.ProcessEnv): string {
  const { XDG_RUNTIME_DIR = '' } = environment;
  // After su(1) it may still be that of another user, who could then put a socket of his own there.
  const found = path.isAbsolute(XDG_RUNTIME_DIR) ? statSync(XDG_RUNTIME_DIR, { throwIfNoEntry: false }) : undefined;
  const isOurs = found?.isDirectory() && found.uid === process.getuid?.();
  return isOurs ? path.join(XDG_RUNTIME_DIR, 'hotwire') : residentPlace(environment).directory;
}

function checkLength(socket: string, parent: string): void {
  if (Buffer.byteLength(socket) <= MAX_SOCKET_PATH_BYTES) return;
  const message = `${socket}: too long for the path of a socket: let XDG_RUNTIME_DIR be a shorter one than ${parent}`;
  throw new HotwireError('LimitExceeded', message);
}

async function removeStale(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const socket = path.join(parent, name, SOCKET);
    if (name.startsWith(PREFIX) && (await isRefused(socket))) await removePlace(socket);
  }
}

/** Whether a socket is there to which nobody listens. */
async function isRefused(socket: string): Promise<boolean> {
  const attempt = connect(socket);
  try {
    await once(attempt, 'connect');
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
  } finally {
    attempt.destroy();
  }
}
