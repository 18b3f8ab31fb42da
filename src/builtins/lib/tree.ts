/** Trees of files, entry by entry, so that a cancel ends the work at the next one. */

import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { chmod, lstat, readlink, rmdir, unlink } from 'node:fs/promises';
import { type RawPath, readDirectory } from '../../engine';
import { HotwireError } from '../../errors';
import { codeOf } from './place';
import { joinRaw } from './raw-path';

/** Times are compared by microseconds: utimes, with which undo gives them back, is no finer. */
export const NS_PER_US = 1000n;

interface Entry {
  readonly file: RawPath;
  readonly stats: BigIntStats;
}

/** What is at `root`, and all below it, in the order of their names; a directory comes before what is in it. */
async function* entriesOf(root: RawPath, signal?: AbortSignal): AsyncGenerator<Entry> {
  const waiting: RawPath[] = [root];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    signal?.throwIfAborted();
    const stats = await lstat(file, { bigint: true });
    yield { file, stats };
    if (!stats.isDirectory()) continue;
    for (const { name } of (await readDirectory(file, true)).reverse()) waiting.push(joinRaw(file, name));
  }
}

/**
 * How many bytes a copy of it has.
 * @throws Failed for what can't be copied: named pipes, sockets and devices, naming them
 */
export async function sizeOfTree(root: RawPath, signal?: AbortSignal): Promise<number> {
  let bytes = 0;
  for await (const { file, stats } of entriesOf(root, signal)) {
    if (stats.isFile()) bytes += Number(stats.size);
    else if (!stats.isDirectory() && !stats.isSymbolicLink()) {
      throw new HotwireError('Failed', `${file}: is ${kindOf(stats)}, which has no content to copy: leave it out`);
    }
  }
  return bytes;
}

function kindOf(stats: BigIntStats): string {
  if (stats.isFIFO()) return 'a named pipe';
  return stats.isSocket() ? 'a socket' : 'a device';
}

/** Removes it and all below it, for good. One that vanishes meanwhile is gone, too. */
export async function removeTree(root: RawPath, signal?: AbortSignal): Promise<void> {
  const directories: RawPath[] = [];
  for await (const { file, stats } of entriesOf(root, signal)) {
    if (stats.isDirectory()) directories.push(file);
    else await unlink(file).catch(unlessGone);
  }
  for (const directory of directories.reverse()) await rmdir(directory).catch(unlessGone);
}

/** Removes what we have made ourselves, also where a directory in it forbids to write. */
export async function discardTree(root: RawPath): Promise<void> {
  // Each is opened up before it is read.
  for await (const { file, stats } of entriesOf(root)) if (stats.isDirectory()) await chmod(file, 0o700);
  await removeTree(root);
}

function unlessGone(error: unknown): void {
  if (codeOf(error) !== 'ENOENT') throw error;
}

/**
 * What changes when anything of it does: inodes, sizes, times and modes of all that is there, links with what they
 * hold. Moving it changes nothing, nor does what was done in it and undone: a directory counts by what is in it.
 */
export async function fingerprint(root: RawPath): Promise<string> {
  const hash = createHash('sha256');
  const length = Buffer.from(root).length;
  for await (const { file, stats } of entriesOf(root)) {
    hash.update(Buffer.from(file).subarray(length));
    const { dev, ino, mode, mtimeNs, size } = stats;
    hash.update(`\0${[dev, ino, mode, ...(stats.isDirectory() ? [] : [mtimeNs / NS_PER_US, size])].join(' ')}\0`);
    if (stats.isSymbolicLink()) hash.update(await readlink(file, 'buffer'));
  }
  return hash.digest('hex');
}
