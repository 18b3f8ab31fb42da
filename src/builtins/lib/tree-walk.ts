import type { BigIntStats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { describe, type RawPath, readDirectory } from '../../engine';
import { HotwireError } from '../../errors';
import { slicesOf } from './batches';
import { codeOf } from './place';
import { splitRaw } from './raw-path';
import { Way } from './way';

/** Small files wait more than they work: as many as there are threads for files, and some to follow. */
const FILES_AT_ONCE = 8;

/** Something in a tree, or its root. */
export interface Entry {
  readonly name: Buffer;
  /** A short path of it, good while it is visited. */
  readonly file: RawPath;
  /** The directory that it is in; a root that is no directory is reached without opening that. */
  readonly above: { readonly self: string; readonly stats: BigIntStats } | undefined;
  readonly isRoot: boolean;
  /** Its whole path, for people. */
  shown(): string;
}

/** What is done in a tree. */
export interface Visitor {
  /** Something that is no directory, or was none when it was listed. A few are visited at the same time. */
  file(entry: Entry): Promise<void>;
  /** A directory that is open as `self`, before it is read. @returns false to pass over it */
  enter?(entry: Entry, stats: BigIntStats, self: string): Promise<boolean>;
  /** A directory, after all that is in it. */
  leave?(entry: Entry, stats: BigIntStats): Promise<void>;
  /** Told of a directory that can't be entered or read, which is then passed over; without it the walk fails. */
  unreadable?(entry: Entry, error: Error): Promise<void>;
  /** A directory that is not there any more is passed over. */
  readonly mayVanish?: boolean;
}

/**
 * Visits `root` and all below it, by open directories: see Way. Links in it are never followed.
 * @throws what the visitor throws; errors of the system below the root become Failed, naming where
 */
export async function walkTree(root: RawPath, visitor: Visitor, signal?: AbortSignal): Promise<void> {
  const { directory, name } = splitRaw(root);
  if (!(await lstat(root)).isDirectory()) {
    return visitor.file({ name, file: root, above: undefined, isRoot: true, shown: () => root.toString() });
  }
  const way = await Way.open(directory);
  try {
    await walkDirectory(way, name, visitor, signal);
  } finally {
    await way.close();
  }
}

async function walkDirectory(way: Way, root: Buffer, visitor: Visitor, signal?: AbortSignal): Promise<void> {
  /** For each directory on the way those in it that are still to come; and the way itself. */
  const waiting: Buffer[][] = [[root]];
  const names: Buffer[] = [];
  while (waiting.length > 0) {
    signal?.throwIfAborted();
    const next = waiting.at(-1)?.pop();
    if (next !== undefined) {
      const below = await visitDirectory(way, entryOf(way, next, names.length === 0), visitor, signal);
      if (below === undefined) continue;
      waiting.push(below);
      names.push(next);
      continue;
    }
    waiting.pop();
    const left = names.pop();
    if (left === undefined) return;
    const { stats } = way;
    await way.leave();
    const entry = entryOf(way, left, names.length === 0);
    await named(entry, async () => visitor.leave?.(entry, stats));
  }
}

/** @returns the directories in it, the last one first; undefined when it is passed over */
async function visitDirectory(
  way: Way,
  entry: Entry,
  visitor: Visitor,
  signal?: AbortSignal,
): Promise<Buffer[] | undefined> {
  const isGone = (error: Error) => visitor.mayVanish === true && codeOf(error.cause ?? error) === 'ENOENT';
  try {
    await named(entry, () => way.enter(entry.name));
  } catch (error) {
    if (isGone(error as Error)) return undefined;
    if (!visitor.unreadable) throw error;
    await visitor.unreadable(entry, error as Error);
    return undefined;
  }
  if ((await named(entry, async () => visitor.enter?.(entry, way.stats, way.self))) === false) {
    await way.leave();
    return undefined;
  }
  const entries = await named(entry, () => readDirectory(way.self, true)).catch(async (error) => {
    if (isGone(error)) return [];
    if (!visitor.unreadable) throw error;
    await visitor.unreadable(entry, error);
    return [];
  });
  const files = entries.filter((found) => !found.isDirectory());
  for (const slice of slicesOf(files, FILES_AT_ONCE)) {
    signal?.throwIfAborted();
    await visitFiles(
      slice.map((found) => entryOf(way, found.name, false)),
      visitor,
    );
  }
  return entries
    .filter((found) => found.isDirectory())
    .map((found) => found.name)
    .reverse();
}

/** All have ended before a failure goes on: who cleans up must not meet one that still works. */
async function visitFiles(entries: readonly Entry[], visitor: Visitor): Promise<void> {
  const results = await Promise.allSettled(entries.map((entry) => named(entry, () => visitor.file(entry))));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

function entryOf(way: Way, name: Buffer, isRoot: boolean): Entry {
  const { self, stats, depth } = way;
  return { name, isRoot, above: { self, stats }, file: way.at(name), shown: () => way.shown(name, depth) };
}

/** The root is named by who asked for it. */
async function named<T>(entry: Entry, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (entry.isRoot || error instanceof HotwireError || typeof codeOf(error) !== 'string') throw error;
    throw new HotwireError('Failed', `${entry.shown()}: ${describe(error as NodeJS.ErrnoException)}`, { cause: error });
  }
}
