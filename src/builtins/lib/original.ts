/** What a move to another file system has copied, and how it is removed where it was. */
import { type BigIntStats, constants } from 'node:fs';
import { access, lstat, rmdir, stat, unlink } from 'node:fs/promises';
import { describe, type RawPath } from '../../engine';
import { HotwireError } from '../../errors';
import { idOf } from './copy-tree';
import { codeOf, isOurs } from './place';
import { splitRaw } from './raw-path';
import { type Entry, walkTree } from './tree-walk';
import { openPath } from './way';

const STICKY = 0o1000n;
/** So many of what was kept a message names. */
const MAX_NAMED = 5;

/**
 * Looks before anything is copied whether all of it may be removed afterwards.
 * @throws Failed, naming the first that may not
 */
export async function assertRemovable(root: RawPath, signal?: AbortSignal): Promise<void> {
  /** Directories are asked once. */
  const asked = new WeakSet<BigIntStats>();
  const check = async (entry: Entry) => {
    try {
      const { self, stats } = entry.above ?? (await directoryOf(entry.file));
      if (!asked.has(stats)) await access(self, constants.W_OK | constants.X_OK);
      asked.add(stats);
      if ((stats.mode & STICKY) === 0n || isOurs(Number(stats.uid))) return;
      if (!isOurs((await lstat(entry.file)).uid)) throw Object.assign(new Error(), { code: 'EPERM' });
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return; // it is gone: the copy says so
      const why = describe(error as NodeJS.ErrnoException);
      throw new HotwireError('Failed', `${entry.shown()}: can't be removed from its directory: ${why}: cp copies it`, {
        cause: error,
      });
    }
  };
  const enter = async (entry: Entry) => {
    await check(entry);
    return true;
  };
  await walkTree(root, { file: check, enter }, signal);
}

async function directoryOf(file: RawPath): Promise<{ self: RawPath; stats: BigIntStats }> {
  const { directory } = splitRaw(file);
  return { self: directory, stats: await stat(directory, { bigint: true }) };
}

/** What a file looked like when it was copied; one with several names changes when another of them goes. */
interface Mark {
  text: string;
  readonly hasNames: boolean;
}

/** What was copied, by how it looked then: what has changed since, or came later, is in no copy and stays. */
export class Original {
  readonly #marks = new Map<string, Mark>();
  readonly #kept: string[] = [];
  /** Files with several names go one after the other. */
  #named: Promise<void> = Promise.resolve();
  #removed = 0;

  /** How many things were removed. */
  get removed(): number {
    return this.#removed;
  }

  /** Told before each is copied. */
  readonly add = (stats: BigIntStats): void => {
    const id = idOf(stats);
    // Under another name it was copied before: whatever was written between the two may be in one of the copies only.
    if (!this.#marks.has(id)) this.#marks.set(id, { text: markOf(stats), hasNames: stats.nlink > 1n });
  };

  /**
   * Removes what was copied and has not changed since.
   * @throws Failed, naming what was kept
   */
  async remove(root: RawPath): Promise<void> {
    await walkTree(root, {
      mayVanish: true,
      file: (entry) => this.#removeFile(entry),
      enter: async (entry, stats) => this.#marks.has(idOf(stats)) || this.#keep(entry),
      leave: (entry) => this.#removeDirectory(entry),
    });
    if (this.#kept.length === 0) return;
    const more = this.#kept.length - MAX_NAMED;
    // Sorted: a directory is read in whatever order its file system has.
    const names = `${this.#kept.sort().slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    throw new HotwireError('Failed', `${names}: changed or new since it was copied, kept: move it again`);
  }

  async #removeFile(entry: Entry): Promise<void> {
    const stats = await lstat(entry.file, { bigint: true }).catch(unlessGone);
    const mark = stats && this.#marks.get(idOf(stats));
    if (!mark?.hasNames) return void (await this.#removeIfSame(entry, stats, mark));
    const done = this.#named.then(() => this.#removeOneName(entry, mark));
    this.#named = done.catch(() => undefined); // whoever waits for it gets the failure
    return done;
  }

  /** @returns whether it did */
  async #removeIfSame(entry: Entry, stats: BigIntStats | undefined, mark: Mark | undefined): Promise<boolean> {
    if (stats === undefined) return false;
    if (mark?.text !== markOf(stats)) return this.#keep(entry);
    await unlink(entry.file);
    this.#removed += 1;
    return true;
  }

  /** The change that is ours is noted for the other names. */
  async #removeOneName(entry: Entry, mark: Mark): Promise<void> {
    const pinned = await openPath(entry.file);
    try {
      const stats = await pinned.stat({ bigint: true });
      if (await this.#removeIfSame(entry, stats, mark)) mark.text = markOf(await pinned.stat({ bigint: true }));
    } finally {
      await pinned.close();
    }
  }

  async #removeDirectory(entry: Entry): Promise<void> {
    const kept = this.#kept.length;
    try {
      await rmdir(entry.file);
      this.#removed += 1;
    } catch (error) {
      if (codeOf(error) !== 'ENOTEMPTY') return unlessGone(error);
      if (kept === 0) this.#keep(entry); // something came while it was emptied; else what was kept is named already
    }
  }

  /** @returns false: it is not gone into, nor removed */
  #keep(entry: Entry): false {
    this.#kept.push(entry.shown());
    return false;
  }
}

function markOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

function unlessGone(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
}
