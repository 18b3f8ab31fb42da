import { readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';

/** The names of one database of the system, by number; read again when the file has changed. */
class NameTable {
  readonly #file: string;
  #mtimeMs = -1;
  #names = new Map<number, string>();

  constructor(file: string) {
    this.#file = file;
  }

  /** Names as they are now; where there is no such file, none. */
  read(): ReadonlyMap<number, string> {
    const mtimeMs = statSync(this.#file, { throwIfNoEntry: false })?.mtimeMs;
    if (mtimeMs === undefined || mtimeMs === this.#mtimeMs) return this.#names;
    this.#names = new Map();
    for (const line of readFileSync(this.#file, 'utf8').split('\n')) {
      const [name, , id] = line.split(':');
      if (name && id && !this.#names.has(Number(id))) this.#names.set(Number(id), name);
    }
    this.#mtimeMs = mtimeMs;
    return this.#names;
  }
}

const USERS = new NameTable('/etc/passwd');
const GROUPS = new NameTable('/etc/group');

/** Looks up names of users or groups; a number without a name is its own digits, as in ps and ls. */
export type NameOf = (id: number) => string;

/** Names of users as they are now. Our own user is known even where a directory service has it and no file. */
export function userNames(): NameOf {
  const names = USERS.read();
  const own = process.getuid?.();
  return (id) => names.get(id) ?? (id === own ? ownName(id) : String(id));
}

/** Names of groups as they are now. */
export function groupNames(): NameOf {
  const names = GROUPS.read();
  return (id) => names.get(id) ?? String(id);
}

function ownName(id: number): string {
  try {
    return userInfo().username;
  } catch {
    return String(id); // a container may run under a number that nobody has named
  }
}
