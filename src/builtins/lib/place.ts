import { link, lstat, mkdir, rename, rmdir, unlink } from 'node:fs/promises';
import type { RawPath } from '../../engine';
import { HotwireError } from '../../errors';

/** A file system without hard links says one of these. */
export const NO_LINKS: ReadonlySet<string | undefined> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EMLINK',
]);

/**
 * Renames within a file system, and never over something: rename(2) alone would replace it.
 * @throws EEXIST when there is something; EXDEV when it is another file system
 */
export async function place(from: RawPath, to: RawPath): Promise<void> {
  const stats = await lstat(from);
  if (stats.isDirectory()) return placeDirectory(from, to);
  // A second name of somebody else's file could not be taken away again where the directory is sticky.
  if (!isOurs(stats.uid)) {
    await assertFree(to);
    return rename(from, to);
  }
  try {
    await link(from, to); // fails where there is something, which no check before a rename could promise
  } catch (error) {
    if (!NO_LINKS.has(codeOf(error))) throw error;
    await assertFree(to);
    return rename(from, to);
  }
  try {
    await unlink(from);
  } catch (error) {
    await unlink(to);
    throw error;
  }
}

/** Whether a sticky directory lets us remove what belongs to `uid`. */
export function isOurs(uid: number): boolean {
  const own = process.geteuid?.();
  return own === 0 || own === uid;
}

/** An empty directory is a place that rename takes, and that nobody else can have made. */
async function placeDirectory(from: RawPath, to: RawPath): Promise<void> {
  await mkdir(to);
  try {
    await rename(from, to);
  } catch (error) {
    await rmdir(to);
    throw error;
  }
}

/** @throws EEXIST when there is something under that name */
async function assertFree(file: RawPath): Promise<void> {
  if (await exists(file)) throw Object.assign(new Error(`${file}: already exists`), { code: 'EEXIST' });
}

/** Whether there is something under that name, be it a link to nothing. */
export async function exists(file: RawPath): Promise<boolean> {
  try {
    await lstat(file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** The system's name of a failure, e.g. ENOENT. */
export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

/** Undo never overwrites: the failure that says so. */
export function inTheWay(file: RawPath, cause: unknown): HotwireError {
  return new HotwireError(
    'Failed',
    `${file}: can't be put back, something else is there now: move that away and undo again`,
    { cause },
  );
}
