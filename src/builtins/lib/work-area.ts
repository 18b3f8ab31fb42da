import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { chmod, type FileHandle, lstat, mkdir, open, readdir, rmdir, unlink } from 'node:fs/promises';
import type { RawPath } from '../../engine';
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

/**
 * A fresh directory beside a target, for us alone: what is made in it nobody else sees or swaps before it is whole. It
 * and the target's directory are kept open, so it does not matter what becomes of their paths.
 */
export class WorkArea {
  readonly #into: FileHandle;
  readonly #work: FileHandle;
  readonly #name: Buffer;
  readonly #target: RawPath;

  private constructor(into: FileHandle, work: FileHandle, name: Buffer, target: Buffer) {
    this.#into = into;
    this.#work = work;
    this.#name = name;
    this.#target = joinRaw(pathOfHandle(into), target);
  }

  static async beside(target: RawPath): Promise<WorkArea> {
    const { directory, name } = splitRaw(target);
    const into = await openPinned(directory, 'follow');
    try {
      const own = Buffer.from(`.hotwire-${randomBytes(RANDOM_BYTES).toString('hex')}`);
      const file = joinRaw(pathOfHandle(into), own);
      await mkdir(file, { mode: 0o700 });
      const work = await openPinned(file, 'nofollow');
      const area = new WorkArea(into, work, own, name);
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
   * Puts the content to the target.
   * @returns what it is
   * @throws EEXIST when there is something
   */
  async moveOut(): Promise<Stats> {
    const { content } = this;
    const stats = await lstat(content);
    if (stats.isDirectory() && (stats.mode & OWNER_WRITES) === 0) await this.#moveClosed(stats.mode);
    else await place(content, this.#target);
    return stats;
  }

  /** Only a directory that can be written to can get another parent. */
  async #moveClosed(mode: number): Promise<void> {
    const pinned = await openPinned(this.content, 'nofollow');
    try {
      await chmod(pathOfHandle(pinned), mode | OWNER_WRITES);
      await place(this.content, this.#target);
      await chmod(pathOfHandle(pinned), mode);
    } finally {
      await pinned.close();
    }
  }

  /** Removes it with what is still in it. */
  async close(): Promise<void> {
    try {
      if (await this.#isRemoved()) return;
      const names = await readdir(pathOfHandle(this.#work), { encoding: 'buffer' });
      for (const slice of slicesOf(names)) await Promise.all(slice.map((name) => discardTree(this.at(name))));
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
