import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import {
  chmod,
  type FileHandle,
  lchown,
  lstat,
  lutimes,
  mkdir,
  open,
  readlink,
  symlink,
  utimes,
} from 'node:fs/promises';
import { type RawPath, readDirectory } from '../../engine';
import { HotwireError } from '../../errors';
import { slicesOf } from './batches';
import { joinRaw, splitRaw } from './raw-path';

/** Bytes that are copied between two looks at the signal, at most. */
const CHUNK_BYTES = 1024 * 1024;
/** And at least: the files of /proc have content without a size. */
const MIN_CHUNK_BYTES = 16 * 1024;
/** Small files wait more than they work: as many as there are threads for files, and some to follow. */
const FILES_AT_ONCE = 8;
const PERMISSIONS = 0o777;
/** Permissions, and the bits that change who a program runs as. */
const ALL_MODE_BITS = 0o7777;
const RANDOM_BYTES = 8;

export interface CopyOptions {
  readonly signal?: AbortSignal;
  /** Keep owner and group where we may, and with them the bits that change who it runs as: for a move. */
  readonly owner: boolean;
  /** Told of every chunk. */
  copied?(bytes: number): void;
}

/** A new name in the directory of `file`, for what will be renamed to it once it is whole. */
export function temporaryBeside(file: RawPath): RawPath {
  return joinRaw(splitRaw(file).directory, Buffer.from(`.hotwire-${randomBytes(RANDOM_BYTES).toString('hex')}`));
}

/**
 * Copies a file, a link as a link, or a directory with all that is in it, with modes and times.
 * @param to there must be nothing yet; what was made stays there on failure
 * @throws the system's errors; Failed for what has no content
 */
export async function copyTree(from: RawPath, to: RawPath, options: CopyOptions): Promise<void> {
  options.signal?.throwIfAborted();
  const stats = await lstat(from);
  if (stats.isSymbolicLink()) return copyLink(from, to, stats, options);
  if (!stats.isDirectory()) return copyRegularFile(from, to, options);
  await mkdir(to, { mode: 0o700 });
  await copyEntries(from, to, options);
  // Last: a directory may forbid to write in it, and making something in it changes its time.
  await takeOver(to, stats, options);
  await utimes(to, ...timesOf(stats));
}

/** Files a few at a time, directories one after the other: so the open files are few, whatever the tree. */
async function copyEntries(from: RawPath, to: RawPath, options: CopyOptions): Promise<void> {
  const entries = await readDirectory(from, true);
  const copy = ({ name }: { name: Buffer }) => copyTree(joinRaw(from, name), joinRaw(to, name), options);
  const files = entries.filter((entry) => !entry.isDirectory());
  for (const slice of slicesOf(files, FILES_AT_ONCE)) {
    // All have ended before a failure goes on: who cleans up must not meet one that still writes.
    const results = await Promise.allSettled(slice.map(copy));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }
  for (const directory of entries.filter((entry) => entry.isDirectory())) await copy(directory);
}

async function copyLink(from: RawPath, to: RawPath, stats: Stats, { owner }: CopyOptions): Promise<void> {
  await symlink(await readlink(from, 'buffer'), to);
  if (owner) await changeOwner(to, stats);
  await lutimes(to, ...timesOf(stats));
}

async function copyRegularFile(from: RawPath, to: RawPath, options: CopyOptions): Promise<void> {
  // Whatever came in its place since it was looked at: no link is followed, no pipe waited for.
  const source = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = await source.stat();
    if (!stats.isFile()) throw new HotwireError('Failed', `${from}: has no content to copy: leave it out`);
    const target = await open(to, 'wx', 0o600);
    try {
      await copyBytes(source, target, stats.size, options);
      await takeOver(to, stats, options);
      await target.utimes(...timesOf(stats));
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function copyBytes(source: FileHandle, target: FileHandle, size: number, options: CopyOptions): Promise<void> {
  const { signal, copied } = options;
  const buffer = Buffer.allocUnsafe(Math.max(MIN_CHUNK_BYTES, Math.min(CHUNK_BYTES, size)));
  for (;;) {
    signal?.throwIfAborted();
    const { bytesRead } = await source.read(buffer, 0, buffer.length, null);
    if (bytesRead === 0) return;
    await target.writeFile(buffer.subarray(0, bytesRead));
    copied?.(bytesRead);
  }
}

async function takeOver(file: RawPath, stats: Stats, { owner }: CopyOptions): Promise<void> {
  const kept = owner && (await changeOwner(file, stats));
  // A program that runs as its owner must not run as another one.
  await chmod(file, stats.mode & (kept ? ALL_MODE_BITS : PERMISSIONS));
}

/** @returns whether owner and group are those of `stats` now: only root can give files away */
async function changeOwner(file: RawPath, { uid, gid }: Stats): Promise<boolean> {
  return lchown(file, uid, gid).then(
    () => true,
    () => false,
  );
}

/** In seconds, with their fractions: a Date has whole milliseconds. */
function timesOf({ atimeMs, mtimeMs }: Stats): [atime: number, mtime: number] {
  return [atimeMs / 1000, mtimeMs / 1000];
}
