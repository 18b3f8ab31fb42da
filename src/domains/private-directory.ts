/** A directory for sockets: whoever could put one of his own there, under a name that we look for, would be taken for us. */
import { chmodSync, lstatSync, mkdirSync, readFileSync, realpathSync, type Stats } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import { HotwireError } from '../errors';

const OWNER_ONLY = 0o700;
const OPEN_TO_OTHERS = 0o077;
const GROUP_WRITES = 0o020;
const ALL_WRITE = 0o002;
/** In such a directory, as /tmp, nobody can rename or remove what is another's. */
const STICKY = 0o1000;
const ROOT_UID = 0;
const ELSEWHERE = 'let XDG_STATE_HOME be a directory of your own';

/**
 * Makes sure, as ssh's StrictModes does, that there is a directory which is ours alone and that nobody but root can put
 * another in its place. It is made unless it is there.
 * @returns its path without symbolic links: nobody can lead that one elsewhere
 * @throws AccessDenied, naming what others may change; Failed when it can't be made
 */
export function privateDirectory(directory: string): string {
  try {
    mkdirSync(directory, { recursive: true, mode: OWNER_ONLY });
  } catch (cause) {
    throw new HotwireError('Failed', `${directory}: can't be made: ${(cause as Error).message}: ${ELSEWHERE}`, {
      cause,
    });
  }
  return checkPrivate(directory);
}

/** The same of a directory that is there. @throws AccessDenied; Failed when there is none */
export function checkPrivate(directory: string): string {
  try {
    const found = lstatSync(directory);
    const flaw = flawOf(found);
    if (flaw !== undefined) throw refused(directory, flaw, 'move it away, and a new one will be made');
    const real = realpathSync.native(directory);
    checkParents(real);
    // Nobody else could write there before either: what is in it is our own.
    if (found.mode & OPEN_TO_OTHERS) chmodSync(real, OWNER_ONLY);
    return real;
  } catch (thrown) {
    throw HotwireError.from(thrown);
  }
}

function flawOf(found: Stats): string | undefined {
  if (!found.isDirectory()) return 'it is no directory';
  if (found.uid !== process.getuid?.()) return `it belongs to another user (uid ${found.uid})`;
  return found.mode & (GROUP_WRITES | ALL_WRITE) ? 'others may write to it' : undefined;
}

/** Whoever can write to a directory can rename what is in it, and put something else there. */
function checkParents(directory: string): void {
  const parent = path.dirname(directory);
  if (parent === directory) return;
  const found = lstatSync(parent);
  const advice = `make it your own alone (chown, chmod go-w), or ${ELSEWHERE}`;
  if (found.uid !== ROOT_UID && found.uid !== process.getuid?.()) {
    throw refused(parent, `it belongs to another user (uid ${found.uid})`, advice);
  }
  const groupWrites = found.mode & GROUP_WRITES && !isOurGroup(found.gid);
  if ((groupWrites || found.mode & ALL_WRITE) && !(found.mode & STICKY)) {
    throw refused(parent, 'others may write to it', advice);
  }
  checkParents(parent);
}

/** Whether a group is that of this user alone, as many systems give one to each: then its right to write means nothing. */
function isOurGroup(gid: number): boolean {
  if (gid !== process.getgid?.()) return false;
  try {
    const { username } = userInfo();
    const groups = readFileSync('/etc/group', 'utf8').split('\n');
    const [name, , , members = ''] = groups.map((line) => line.split(':')).find(([, , id]) => id === String(gid)) ?? [];
    return name === username && members.split(',').every((member) => member === '' || member === username);
  } catch {
    return false; // a user or a group that is not listed: nobody can tell who else is in it
  }
}

function refused(place: string, flaw: string, advice: string): HotwireError {
  return new HotwireError('AccessDenied', `${place}: ${flaw}, so it is no place for sockets: ${advice}`);
}
