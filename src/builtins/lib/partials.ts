/**
 * Files that are being received, and those of which a part was: in a directory of their own beside where they belong,
 * for us alone. One that is left there is free for whoever goes on with it; one that is written has its owner in its name.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rmdir, symlink, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { RawPath } from '../../engine';
import { HotwireError } from '../../errors';
import { codeOf } from './place';
import { readProcFile } from './proc-file';
import { joinRaw } from './raw-path';
import { openPinned, pathOfHandle } from './way';

const PREFIX = '.hotwire-partial-';
const KEY_DIGITS = 32;
const HOST_DIGITS = 8;
const OTHERS = 0o077;
/** Times in a row that another transfer may remove the directory just after it was made. */
const MAX_ATTEMPTS = 20;
/** Field of /proc/PID/stat that tells when it started, counted behind the name of the program. */
const START_FIELD = 19;

/** Whether a directory of that name is one of these, of any user. */
export function isPartialsName(name: Buffer): boolean {
  return name.toString('latin1').startsWith(PREFIX);
}

/** What is received of a file, for whoever writes it. */
export interface Partial {
  readonly handle: FileHandle;
  /** Puts it in the place of whatever file is there. @throws the system's errors, EISDIR for a directory */
  place(target: RawPath): Promise<void>;
  /** Closes it and leaves it for another time. */
  keep(): Promise<void>;
  /** Closes and removes it. */
  discard(): Promise<void>;
}

let partials = 0;

export class Partials {
  readonly #above: RawPath;
  #directory: FileHandle;
  #names: Set<string>;

  private constructor(above: RawPath, directory: FileHandle, names: Set<string>) {
    this.#above = above;
    this.#directory = directory;
    this.#names = names;
  }

  /**
   * The one in a directory, which must stay open meanwhile.
   * @param above a short path of it
   * @returns undefined where there is none and none is to be made
   * @throws Failed when it is not ours alone
   */
  static async in(above: RawPath, make: 'make' | 'look'): Promise<Partials | undefined> {
    const directory = await openOurs(above, make);
    if (directory === undefined) return undefined;
    try {
      const { uid, mode } = await directory.stat();
      if (uid !== process.geteuid?.() || (mode & OTHERS) !== 0) {
        throw new HotwireError('Failed', `${nameOfOurs()} beside it is not ours alone: remove that first`);
      }
      return new Partials(above, directory, new Set(await readdir(pathOfHandle(directory))));
    } catch (error) {
      await directory.close();
      throw error;
    }
  }

  /** Opens what there is of a file and nobody writes, to read. */
  async look(name: Buffer): Promise<FileHandle | undefined> {
    const found = this.#free(keyOf(name));
    if (found === undefined) return undefined;
    return open(this.#at(found), 'r').catch(unlessGone);
  }

  /** Takes what there is of a file, to go on with it; undefined where another has taken it. */
  async take(name: Buffer): Promise<Partial | undefined> {
    const key = keyOf(name);
    const found = this.#free(key);
    if (found === undefined) return undefined;
    const own = ownName(key);
    const isTaken = await rename(this.#at(found), this.#at(own)).then(() => true, unlessGone);
    if (!isTaken) return undefined;
    this.#names.delete(found);
    return this.#partial(own, key, await open(this.#at(own), 'r+'));
  }

  /** Begins anew with a file: what nobody writes of it is removed. */
  async begin(name: Buffer): Promise<Partial> {
    const key = keyOf(name);
    for (let stale = this.#free(key); stale !== undefined; stale = this.#free(key)) {
      await unlink(this.#at(stale)).catch(unlessGone);
      this.#names.delete(stale);
    }
    const own = ownName(key);
    return this.#partial(own, key, await this.#making(() => open(this.#at(own), 'wx', 0o600)));
  }

  /** Makes a link in it, to be moved to its place. @returns a short path of it */
  async link(name: Buffer, target: RawPath): Promise<RawPath> {
    const own = ownName(keyOf(name));
    await this.#making(() => symlink(target, this.#at(own)));
    return this.#at(own);
  }

  /** Closes it and leaves it as it is. */
  async release(): Promise<void> {
    await this.#directory.close();
  }

  /** Closes it, and removes it if nothing is left in it. */
  async close(): Promise<void> {
    await this.release();
    await rmdir(joinRaw(this.#above, nameOfOurs())).catch((error) => {
      // what is left is for another time, and another transfer may be at it
      if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(codeOf(error) ?? '')) throw error;
    });
  }

  /** Another transfer may have removed the directory while it was empty: then it is made again. */
  async #making<T>(make: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await make();
      } catch (error) {
        if (codeOf(error) !== 'ENOENT' || attempt === MAX_ATTEMPTS) throw error;
        const again = (await Partials.in(this.#above, 'make')) as Partials; // it makes what there is not
        await this.#directory.close();
        this.#directory = again.#directory;
        this.#names = again.#names;
      }
    }
  }

  #partial(own: string, key: string, handle: FileHandle): Partial {
    const file = this.#at(own);
    return {
      handle,
      place: async (target) => {
        await handle.close();
        await rename(file, target);
      },
      keep: async () => {
        await handle.close();
        await rename(file, this.#at(key)).catch(unlessGone);
      },
      discard: async () => {
        await handle.close();
        await unlink(file).catch(unlessGone);
      },
    };
  }

  #free(key: string): string | undefined {
    if (this.#names.has(key)) return key;
    for (const name of this.#names) if (name.startsWith(`${key}.`) && !isOwned(name)) return name;
    return undefined;
  }

  #at(name: string): RawPath {
    return joinRaw(pathOfHandle(this.#directory), Buffer.from(name));
  }
}

async function openOurs(above: RawPath, make: 'make' | 'look'): Promise<FileHandle | undefined> {
  const file = joinRaw(above, nameOfOurs());
  for (let attempt = 1; ; attempt += 1) {
    if (make === 'make') {
      await mkdir(file, { mode: 0o700 }).catch((error) => {
        if (codeOf(error) !== 'EEXIST') throw error;
      });
    }
    try {
      return await openPinned(file, 'nofollow');
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      if (make === 'look') return undefined;
      if (attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

function nameOfOurs(): Buffer {
  return Buffer.from(`${PREFIX}${process.geteuid?.()}`);
}

function keyOf(name: Buffer): string {
  return createHash('sha256').update(name).digest('hex').slice(0, KEY_DIGITS);
}

/** Fresh, with what tells whether its owner still is: host, process and when that started. */
function ownName(key: string): string {
  partials += 1;
  return [key, HOST, process.pid, startOf('self'), partials].join('.');
}

const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, HOST_DIGITS);

/** Of another host nothing can be known. */
function isOwned(name: string): boolean {
  const [, host, pid = '', start] = name.split('.');
  return host !== HOST || (/^\d+$/.test(pid) && startOf(pid) === start);
}

function startOf(pid: string): string {
  const text = readProcFile(`/proc/${pid}/stat`) ?? '';
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[START_FIELD] ?? 'gone';
}

function unlessGone(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
  return undefined;
}
