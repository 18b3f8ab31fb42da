import { constants } from 'node:fs';
import { access, lstat, realpath, rename, unlink } from 'node:fs/promises';
import { describe, type RawPath, toRaw, UndoImpossible } from '../../engine';
import { HotwireError } from '../../errors';
import { type ContentOptions, copyContent } from './copy-content';
import { mountOf, readMounts } from './mounts';
import { codeOf, inTheWay, place } from './place';
import { joinRaw, splitRaw } from './raw-path';
import { homeTrash, reservePlace, type TrashFolder, type TrashPlace, topTrash } from './trash-folder';

/** Something in the trash. */
export interface Trashed {
  readonly file: RawPath;
  /** Puts it back where it was. @throws Failed when something newer is there, or it is in the trash no more */
  restore(): Promise<void>;
  /** Forgets it: for a copy that is not needed. */
  discard(): Promise<void>;
}

/** The user's trash, on whatever file system a file is. One for each run of a command: it remembers the folders. */
export class Trash {
  readonly #environment: Readonly<Record<string, string>>;
  #home: Promise<TrashFolder> | undefined;
  readonly #tops = new Map<string, Promise<TrashFolder>>();

  constructor(environment: Readonly<Record<string, string>>) {
    this.#environment = environment;
  }

  /**
   * Moves a file, a link or a whole directory to the trash. Nothing that is there already is replaced.
   * @param file absolute
   * @throws the system's error when there is no such file; Failed when its file system has no trash for us
   */
  async put(file: RawPath): Promise<Trashed> {
    const { dev } = await lstat(file);
    const original = await withoutLinks(file);
    await access(splitRaw(original).directory, constants.W_OK | constants.X_OK); // else nothing can be taken out of it
    const home = await this.#homeTrash().catch(() => undefined); // a user may have none: then each file system has
    if (home !== undefined && (await lstat(home.files)).dev === dev) {
      try {
        return await move(file, original, home);
      } catch (error) {
        if (codeOf(error) !== 'EXDEV') throw error; // the same device, mounted a second time
      }
    }
    return move(file, original, await this.#topTrash(original)).catch((error) => {
      if (codeOf(error) !== 'EXDEV' && codeOf(error) !== 'EBUSY') throw error;
      throw unmovable(error);
    });
  }

  /**
   * Keeps a copy of a regular file, for one that will be overwritten in place.
   * @throws the system's error when it can't be read or there is no trash in the user's home
   */
  async keepCopy(file: RawPath, options: ContentOptions = {}): Promise<Trashed> {
    const original = await withoutLinks(file);
    const taken = await reservePlace(await this.#homeTrash(), original, splitRaw(original).name);
    try {
      await copyContent(file, taken.file, options);
    } catch (error) {
      await unlink(taken.info);
      throw error;
    }
    return trashed(taken, file);
  }

  #homeTrash(): Promise<TrashFolder> {
    this.#home ??= homeTrash(this.#environment);
    return this.#home;
  }

  async #topTrash(original: RawPath): Promise<TrashFolder> {
    const { directory } = splitRaw(original);
    const mounts = await readMounts();
    if (mountOf(original.toString(), mounts)?.mount_point === original.toString()) throw unmovable();
    const top = mountOf(directory.toString(), mounts)?.mount_point ?? '/';
    const known = this.#tops.get(top) ?? topTrash(top);
    this.#tops.set(top, known);
    return known;
  }
}

/** What makes a file that file: the same after it was moved, and whoever writes to it. `still`: an info file, to which nobody does. */
async function idOf(file: RawPath, still = false): Promise<string | undefined> {
  const stats = await lstat(file, { bigint: true }).catch(() => undefined);
  return stats && [stats.dev, stats.ino, ...(still ? [stats.size, stats.mtimeNs] : [])].join(' ');
}

/** The path by which it is found again: its directory without links, its own name as it is. */
async function withoutLinks(file: RawPath): Promise<RawPath> {
  const { directory, name } = splitRaw(file);
  return joinRaw(toRaw(await realpath(directory, 'buffer')), name);
}

function unmovable(cause?: unknown): HotwireError {
  const why = "can't be moved to the trash: it is a mount point, or part of the image of a container";
  return new HotwireError('Failed', `${why}: rm -u removes without one`, { cause });
}

async function move(file: RawPath, original: RawPath, folder: TrashFolder): Promise<Trashed> {
  const taken = await reservePlace(folder, original, splitRaw(original).name);
  try {
    await rename(file, taken.file);
  } catch (error) {
    await unlink(taken.info);
    throw error;
  }
  return trashed(taken, file);
}

async function trashed({ file, info }: TrashPlace, original: RawPath): Promise<Trashed> {
  const [id, infoId] = [await idOf(file), await idOf(info, true)];
  return {
    file,
    async restore() {
      // Who empties the trash makes room for another of that name, and its inode for another, too: the info file tells.
      if ((await idOf(file)) !== id || (await idOf(info, true)) !== infoId) {
        throw new UndoImpossible(`${original}: can't be put back: it is in the trash no more (it was ${file})`);
      }
      try {
        await place(file, original);
      } catch (error) {
        if (codeOf(error) === 'EEXIST') throw inTheWay(original, error);
        const why = describe(error as NodeJS.ErrnoException);
        throw new HotwireError('Failed', `${original}: can't be put back: ${why}. It is in the trash: ${file}`, {
          cause: error,
        });
      }
      await unlink(info).catch(() => undefined); // somebody was faster
    },
    async discard() {
      await unlink(file);
      await unlink(info);
    },
  };
}
