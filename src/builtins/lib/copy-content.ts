import { type BigIntStats, constants } from 'node:fs';
import { copyFile, type FileHandle, open, unlink } from 'node:fs/promises';
import type { RawPath } from '../../engine';
import { HotwireError } from '../../errors';

/** Bytes that are copied between two looks at the signal, at most. */
const CHUNK_BYTES = 1024 * 1024;
/** And at least: the files of /proc have content without a size. */
const MIN_CHUNK_BYTES = 16 * 1024;
/** What `blocks` of a file counts. */
const STATS_BLOCK_BYTES = 512;
/** Zeros that are left out of a file with holes: blocks of the usual file systems. */
const HOLE_BYTES = 4096;
const ZEROS = Buffer.alloc(CHUNK_BYTES);

export interface ContentOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told of every chunk. */
  copied?(bytes: number): void;
}

/** Opens a file to be copied, whatever came in its place since it was looked at: no link is followed, no pipe waited for. */
export async function openSource(file: RawPath): Promise<FileHandle> {
  return open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
}

/**
 * Copies what is in a regular file under a new name, for its owner alone; at no cost where the file system can share it.
 * @param to there must be nothing yet, and is nothing after a failure
 */
export async function copyContent(from: RawPath, to: RawPath, options: ContentOptions): Promise<void> {
  const shared = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE;
  // Few file systems can; whatever else is wrong is met again below.
  if (await isDone(copyFile(from, to, shared))) return;
  const source = await open(from, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await regular(source, from);
    const target = await open(to, 'wx', 0o600);
    try {
      await copyBytes(source, target, stats, options);
    } catch (error) {
      await unlink(to);
      throw error;
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** Whether it could be done: for what is only wished for. */
export function isDone(change: Promise<void>): Promise<boolean> {
  return change.then(
    () => true,
    () => false,
  );
}

/** @throws Failed for what has no content */
export async function regular(source: FileHandle, shown: RawPath): Promise<BigIntStats> {
  const stats = await source.stat({ bigint: true });
  if (!stats.isFile()) throw new HotwireError('Failed', `${shown}: has no content to copy: leave it out`);
  return stats;
}

/** Copies all of a file into an empty one. One with holes gets no block for its zeros. */
export async function copyBytes(
  source: FileHandle,
  target: FileHandle,
  { size, blocks }: Pick<BigIntStats, 'size' | 'blocks'>,
  { signal, copied }: ContentOptions,
): Promise<void> {
  const hasHoles = Number(blocks) * STATS_BLOCK_BYTES < size;
  const buffer = Buffer.allocUnsafe(Math.max(MIN_CHUNK_BYTES, Math.min(CHUNK_BYTES, Number(size))));
  let position = 0;
  for (;;) {
    signal?.throwIfAborted();
    const { bytesRead } = await source.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) break;
    const chunk = buffer.subarray(0, bytesRead);
    for (const [start, end] of hasHoles ? dataOf(chunk) : [[0, bytesRead] as const]) {
      await writeAll(target, chunk.subarray(start, end), position + start);
    }
    position += bytesRead;
    copied?.(bytesRead);
  }
  if (hasHoles) await target.truncate(position); // it may end in a hole
}

/** Where there is something else than zeros. */
function* dataOf(chunk: Buffer): Generator<readonly [start: number, end: number]> {
  if (isZero(chunk)) return;
  let start: number | undefined;
  for (let at = 0; at < chunk.length; at += HOLE_BYTES) {
    const empty = isZero(chunk.subarray(at, at + HOLE_BYTES));
    if (empty && start !== undefined) yield [start, at];
    start = empty ? undefined : (start ?? at);
  }
  if (start !== undefined) yield [start, chunk.length];
}

function isZero(bytes: Buffer): boolean {
  return bytes.equals(ZEROS.subarray(0, bytes.length));
}

/** Writes all of it at a position. */
export async function writeAll(target: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await target.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}
