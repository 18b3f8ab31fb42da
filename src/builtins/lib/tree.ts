/** Trees of files, entry by entry, so that a cancel ends the work at the next one. */

import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { chmod, lstat, readlink, rmdir, unlink } from 'node:fs/promises';
import type { RawPath } from '../../engine';
import { HotwireError } from '../../errors';
import { codeOf } from './place';
import { type Entry, type Visitor, walkTree } from './tree-walk';

/** Times are compared by microseconds: utimes, with which undo gives them back, is no finer. */
export const NS_PER_US = 1000n;

/**
 * How many bytes a copy of it has.
 * @throws Failed for what can't be copied: named pipes, sockets and devices, naming them
 */
export async function sizeOfTree(root: RawPath, signal?: AbortSignal): Promise<number> {
  let bytes = 0;
  const file = async (entry: Entry) => {
    const stats = await lstat(entry.file, { bigint: true });
    if (stats.isFile()) bytes += Number(stats.size);
    else if (!stats.isDirectory() && !stats.isSymbolicLink()) {
      throw new HotwireError(
        'Failed',
        `${entry.shown()}: is ${kindOf(stats)}, which has no content to copy: leave it out`,
      );
    }
  };
  await walkTree(root, { file }, signal);
  return bytes;
}

function kindOf(stats: BigIntStats): string {
  if (stats.isFIFO()) return 'a named pipe';
  return stats.isSocket() ? 'a socket' : 'a device';
}

const remover: Visitor = {
  mayVanish: true,
  file: (entry) => unlink(entry.file).catch(unlessGone),
  leave: (entry) => rmdir(entry.file).catch(unlessGone),
};

/** Removes it and all below it, for good. One that vanishes meanwhile is gone, too. */
export async function removeTree(root: RawPath, signal?: AbortSignal): Promise<void> {
  await walkTree(root, remover, signal);
}

/** Removes what we have made ourselves, also where a directory in it forbids to write. */
export async function discardTree(root: RawPath): Promise<void> {
  await walkTree(root, {
    ...remover,
    async enter(_entry, _stats, self) {
      await chmod(self, 0o700); // of what is open: not of what may have come in its place
      return true;
    },
  });
}

function unlessGone(error: unknown): void {
  if (codeOf(error) !== 'ENOENT') throw error;
}

/**
 * What changes when anything of it does: inodes, sizes, times and modes of all that is there, links with what they
 * hold. Moving it changes nothing, nor does what was done in it and undone: a directory counts by what is in it.
 */
export async function fingerprint(root: RawPath): Promise<string> {
  const sum = Buffer.alloc(createHash('sha256').digest().length);
  // No two are alike, so the order in which they are added does not matter; a path is told by the directory it is in.
  const add = (entry: Entry, fields: readonly unknown[], content: Buffer = Buffer.alloc(0)) => {
    const above = entry.above?.stats;
    const place = entry.isRoot ? '' : [above?.dev, above?.ino].join(' ');
    const name = entry.isRoot ? Buffer.alloc(0) : entry.name;
    const hash = createHash('sha256')
      .update(`${place}\0`)
      .update(name)
      .update(`\0${fields.join(' ')}\0`);
    for (const [index, byte] of hash.update(content).digest().entries()) sum[index] = (sum[index] ?? 0) ^ byte;
  };
  await walkTree(root, {
    async file(entry) {
      const stats = await lstat(entry.file, { bigint: true });
      const { dev, ino, mode, mtimeNs, size } = stats;
      const content = stats.isSymbolicLink() ? await readlink(entry.file, 'buffer') : undefined;
      add(entry, [dev, ino, mode, mtimeNs / NS_PER_US, size], content);
    },
    async enter(entry, { dev, ino, mode }) {
      add(entry, [dev, ino, mode]);
      return true;
    },
  });
  return sum.toString('hex');
}
