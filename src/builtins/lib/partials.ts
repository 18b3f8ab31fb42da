/**
 * Files that are being received, and those of which a part was: in a directory of their own beside where they belong,
 * for us alone. One that is left there is free for whoever goes on with it; one that is written has its owner in its name.
 */
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rmdir, symlink, unlink } from 'node:fs/promises';
import type { RawPath } from '../../engine';
import { HotwireError } from '../../errors';
import { isOwned, keyOf, LINK, MARK, nameOfOurs, ownName } from './partial-names';
import { codeOf } from './place';
import { joinRaw } from './raw-path';
import { openPinned, pathOfHandle } from './way';

const OTHERS = 0o077;
/** Times in a row that another transfer may remove the directory just after it was made. */
const MAX_ATTEMPTS = 20;
/** What is left of a file is opened so: no link is followed, no pipe waited for, and all of it is ours to write. */
const OPEN_FLAGS = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** These say that it is nothing to go on with: a link, a directory, one that was read-only already. */
const UNFIT: ReadonlySet<string | undefined> = new Set(['ELOOP', 'EISDIR', 'ENXIO', 'EACCES', 'EPERM']);

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

  /** Opens what there is of a file and nobody writes, if it can be gone on with. */
  async look(name: Buffer): Promise<FileHandle | undefined> {
    const found = this.#free(keyOf(name));
    if (found === undefined) return undefined;
    return openPart(this.#at(found));
  }

  /** Takes what there is of a file, to go on with it; undefined where another has taken it, or it is no file of ours. */
  async take(name: Buffer): Promise<Partial | undefined> {
    const key = keyOf(name);
    const found = this.#free(key);
    if (found === undefined) return undefined;
    const own = ownName(key);
    const isTaken = await rename(this.#at(found), this.#at(own)).then(() => true, unlessGone);
    if (!isTaken) return undefined;
    this.#names.delete(found);
    const handle = await openPart(this.#at(own));
    if (handle !== undefined) return this.#partial(own, key, handle);
    await unlink(this.#at(own)).catch(unlessGone);
    return undefined;
  }

  /** Begins anew with a file: what nobody writes of it is removed. */
  async begin(name: Buffer): Promise<Partial> {
    const key = keyOf(name);
    await this.#clear(key);
    const own = ownName(key);
    return this.#partial(own, key, await this.#making(() => open(this.#at(own), 'wx', 0o600)));
  }

  /** Makes a link in it, to be moved to its place. @returns a short path of it */
  async link(name: Buffer, target: RawPath): Promise<RawPath> {
    const key = keyOf(name);
    await this.#clear(key);
    const own = LINK + ownName(key);
    await this.#making(() => symlink(target, this.#at(own)));
    return this.#at(own);
  }

  /** Notes that the directory above becomes the copy of a tree. */
  async mark(tree: Buffer): Promise<void> {
    if (this.hasMark(tree)) return;
    await this.#making(async () => (await open(this.#at(MARK + keyOf(tree)), 'a', 0o600)).close());
  }

  hasMark(tree: Buffer): boolean {
    return this.#names.has(MARK + keyOf(tree));
  }

  /** It is the whole copy now. */
  async unmark(tree: Buffer): Promise<void> {
    await unlink(this.#at(MARK + keyOf(tree))).catch(unlessGone);
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

  /** Removes what nobody writes of a file or a link. */
  async #clear(key: string): Promise<void> {
    for (;;) {
      const stale = this.#free(key) ?? this.#free(LINK + key);
      if (stale === undefined) return;
      await unlink(this.#at(stale)).catch(unlessGone);
      this.#names.delete(stale);
    }
  }

  #free(key: string): string | undefined {
    if (this.#names.has(key)) return key;
    for (const name of this.#names) if (name.startsWith(`${key}.`) && !isOwned(name.slice(key.length))) return name;
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
      if (['ENOTDIR', 'ELOOP'].includes(codeOf(error) ?? '')) {
        throw new HotwireError('Failed', `${nameOfOurs()} beside it is no directory: remove that first`);
      }
      if (codeOf(error) !== 'ENOENT') throw error;
      if (make === 'look') return undefined;
      if (attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

async function openPart(file: RawPath): Promise<FileHandle | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, OPEN_FLAGS);
    if ((await handle.stat()).isFile()) return handle;
  } catch (error) {
    if (!UNFIT.has(codeOf(error))) unlessGone(error);
  }
  await handle?.close();
  return undefined;
}

function unlessGone(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
  return undefined;
}
