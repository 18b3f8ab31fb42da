import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { chmod, type FileHandle, lstat, mkdir, open, readdir, rmdir, unlink } from 'node:fs/promises';
import { argumentOf, type RawPath } from '../../engine';
import { HotwireError } from '../../errors';
import { slicesOf } from './batches';
import { codeOf, place } from './place';
import { joinRaw, splitRaw } from './raw-path';
import { discardTree } from './tree';
import { openPinned, pathOfHandle } from './way';

const RANDOM_BYTES = 8;
const OWNER_WRITES = 0o200;
const CONTENT = Buffer.from('content');
const PROBE = Buffer.from('probe');
/** It is not empty; or somebody who may has moved it away, or put something in its place, which stays. */
const NOT_OURS: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENOTDIR', 'ENOTEMPTY', 'EEXIST']);

/** The work areas of a command, one for each directory that it puts something into. */
export class WorkAreas {
  readonly #areas = new Map<string, Promise<WorkArea>>();
  #closed: Promise<void> = Promise.resolve();

  /** The one beside a target; empty, unless a copy is being made there. */
  beside(target: RawPath): Promise<WorkArea> {
    const { directory } = splitRaw(target);
    const key = argumentOf(directory);
    const area = this.#areas.get(key) ?? WorkArea.in(directory);
    this.#areas.set(key, area);
    return area;
  }

  /** Removes all of them. Resolves once they are gone, for whoever asks. */
  close(): Promise<void> {
    this.#closed = this.#closed.then(() => this.#close());
    return this.#closed;
  }

  async #close(): Promise<void> {
    const areas = [...this.#areas.values()];
    this.#areas.clear();
    for (const result of await Promise.allSettled(areas)) {
      if (result.status === 'fulfilled') await result.value.close(); // who asked for another one has its failure
    }
  }
}

/**
 * A fresh directory beside targets, for us alone: what is made in it nobody else sees or swaps before it is whole. It
 * and the targets' directory are kept open, so it does not matter what becomes of their paths.
 */
export class WorkArea {
  readonly #into: FileHandle;
  readonly #work: FileHandle;
  readonly #name: Buffer;

  private constructor(into: FileHandle, work: FileHandle, name: Buffer) {
    this.#into = into;
    this.#work = work;
    this.#name = name;
  }

  static async in(directory: RawPath): Promise<WorkArea> {
    const into = await openPinned(directory, 'follow');
    try {
      const own = Buffer.from(`.hotwire-${randomBytes(RANDOM_BYTES).toString('hex')}`);
      const file = joinRaw(pathOfHandle(into), own);
      await mkdir(file, { mode: 0o700 });
      const work = await openPinned(file, 'nofollow');
      const area = new WorkArea(into, work, own);
      await area.#assertOurs(directory);
      return area;
    } catch (error) {
      await into.close();
      throw error;
    }
  }

  /** Where what is to take the target's place is made. */
  get content(): RawPath {
    return this.at(CONTENT);
  }

  /** Another name in it. */
  at(name: Buffer): RawPath {
    return joinRaw(pathOfHandle(this.#work), name);
  }

  /**
   * Puts the content beside it.
   * @returns what it is
   * @throws EEXIST when there is something
   */
  async moveOut(name: Buffer): Promise<Stats> {
    const { content } = this;
    const target = joinRaw(pathOfHandle(this.#into), name);
    const stats = await lstat(content);
    if (stats.isDirectory() && (stats.mode & OWNER_WRITES) === 0) await this.#moveClosed(target, stats.mode);
    else await place(content, target);
    return stats;
  }

  /** Only a directory that can be written to can get another parent. */
  async #moveClosed(target: RawPath, mode: number): Promise<void> {
    const pinned = await openPinned(this.content, 'nofollow');
    try {
      await chmod(pathOfHandle(pinned), mode | OWNER_WRITES);
      await place(this.content, target);
      await chmod(pathOfHandle(pinned), mode);
    } finally {
      await pinned.close();
    }
  }

  /** Removes what is in it. */
  async clear(): Promise<void> {
    const names = await readdir(pathOfHandle(this.#work), { encoding: 'buffer' });
    for (const slice of slicesOf(names)) await Promise.all(slice.map((name) => discardTree(this.at(name))));
  }

  /** Removes it with what is still in it. */
  async close(): Promise<void> {
    try {
      if (await this.#isRemoved()) return;
      await this.clear();
      await this.#isRemoved();
    } finally {
      await this.#work.close();
      await this.#into.close();
    }
  }

  async #isRemoved(): Promise<boolean> {
    try {
      await rmdir(joinRaw(pathOfHandle(this.#into), this.#name));
      return true;
    } catch (error) {
      if (!NOT_OURS.has(codeOf(error))) throw error;
      return false;
    }
  }

  /** Somebody who may write in the directory could have swapped it before it was open. */
  async #assertOurs(directory: RawPath): Promise<void> {
    try {
      const { uid } = await this.#work.stat();
      if (uid === process.geteuid?.() || uid === (await this.#ownerOfNew())) return;
      throw new HotwireError('Failed', `${directory}: somebody replaces what is made in it: use another directory`);
    } catch (error) {
      await this.#work.close();
      throw error;
    }
  }

  /** On some file systems (FAT, NFS) what we make is somebody else's. */
  async #ownerOfNew(): Promise<number> {
    const probe = await open(this.at(PROBE), 'wx', 0o600);
    try {
      await unlink(this.at(PROBE));
      return (await probe.stat()).uid;
    } finally {
      await probe.close();
    }
  }
}
