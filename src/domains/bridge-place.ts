// Where the socket of a bridge lies: in a directory of its own, which only its user may enter. In the runtime directory, as
// it need not outlive the session; where there is none, beside the resident slave's.
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { chmod, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import path from 'node:path';
import { HotwireError } from '../errors';
import { privateDirectory } from './private-directory';
import { MAX_SOCKET_PATH_BYTES, residentPlace } from './resident';

const PREFIX = 'bridge-';
const SOCKET = 'bus';
/** Of a socket until it listens: whoever looks for stale ones never meets one that does not yet. */
const UNNAMED = '.new';
/** From a directory to a socket with its name in it takes a moment; after so many milliseconds none will come. */
const UNNAMED_MS = 60_000;
const OWNER_ONLY = 0o600;

/**
 * Lets the server listen in a new directory; what bridges that were killed have left beside it is removed.
 * @returns the path of the socket @throws AccessDenied where others could put theirs in its place; LimitExceeded where its path
 * would be too long; Failed
 */
export async function listenInPlace(server: Server, environment: NodeJS.ProcessEnv): Promise<string> {
  const parent = ownParent(environment);
  let directory: string | undefined;
  try {
    await removeStale(parent);
    directory = await mkdtemp(path.join(parent, PREFIX));
    const socket = path.join(directory, SOCKET);
    const unnamed = path.join(directory, UNNAMED);
    checkLength(unnamed, parent);
    server.listen(unnamed);
    await once(server, 'listening');
    await chmod(unnamed, OWNER_ONLY);
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

/** Where nobody else can put another directory under the name that we give to our clients. @throws AccessDenied; Failed */
function ownParent(environment: NodeJS.ProcessEnv): string {
  const { XDG_RUNTIME_DIR = '' } = environment;
  // After su(1) it may still be that of another user, and is no place to make anything in.
  const found = path.isAbsolute(XDG_RUNTIME_DIR) ? statSync(XDG_RUNTIME_DIR, { throwIfNoEntry: false }) : undefined;
  if (found?.isDirectory() && found.uid === process.getuid?.()) {
    try {
      return privateDirectory(path.join(XDG_RUNTIME_DIR, 'hotwire'));
    } catch (thrown) {
      if (HotwireError.from(thrown).kind !== 'AccessDenied') throw thrown;
      // Others may change it: the other place may do.
    }
  }
  return privateDirectory(residentPlace(environment).directory);
}

function checkLength(socket: string, parent: string): void {
  if (Buffer.byteLength(socket) <= MAX_SOCKET_PATH_BYTES) return;
  const message = `${socket}: too long for the path of a socket: let XDG_RUNTIME_DIR be a shorter one than ${parent}`;
  throw new HotwireError('LimitExceeded', message);
}

/** What was killed has left a socket to which nobody listens; or, before that had its name, at most a nameless one. */
async function removeStale(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(PREFIX)) continue;
    const directory = path.join(parent, name);
    const state = await stateOf(path.join(directory, SOCKET));
    const isStale = state === 'refused' || (state === 'absent' && (await isAbandoned(directory)));
    if (isStale) await rm(directory, { recursive: true, force: true });
  }
}

/** Whether a directory without a socket is too old to be one that is just made. */
async function isAbandoned(directory: string): Promise<boolean> {
  const made = await stat(directory).catch(() => undefined); // its bridge may just be leaving
  if (made === undefined || Date.now() - made.mtimeMs < UNNAMED_MS) return false;
  return (await stateOf(path.join(directory, UNNAMED))) !== 'listening';
}

async function stateOf(socket: string): Promise<'listening' | 'refused' | 'absent' | 'unknown'> {
  const attempt = connect(socket);
  try {
    await once(attempt, 'connect');
    return 'listening';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ECONNREFUSED' ? 'refused' : code === 'ENOENT' ? 'absent' : 'unknown';
  } finally {
    attempt.destroy();
  }
}
