/** What a target needs of the entries that it is offered: nothing, all, or the rest of a file. */
import type { BigIntStats } from 'node:fs';
import { type FileHandle, readlink } from 'node:fs/promises';
import { describe, type RawPath } from '../../engine';
import { HotwireError } from '../../errors';
import { openSource } from './copy-content';
import { hashOf } from './list-trees';
import { copiedMode, type Entry, type Receipt, receiptOf } from './piece';
import { codeOf } from './place';
import { statsThere, type TargetCursor } from './target-cursor';
import type { TargetPlace } from './target-place';

const NS_PER_S = 1e9;
/** Times that differ by less are the same, in seconds: some are kept by microseconds. */
const SAME_TIME_S = 2e-6;

export class EntryChecker {
  readonly #place: TargetPlace;
  /** Undefined where the target is still to be made. */
  readonly #cursor: TargetCursor | undefined;
  readonly #signal: AbortSignal;

  private constructor(place: TargetPlace, cursor: TargetCursor | undefined, signal: AbortSignal) {
    this.#place = place;
    this.#cursor = cursor;
    this.#signal = signal;
  }

  static async open(place: TargetPlace, signal: AbortSignal): Promise<EntryChecker> {
    return new EntryChecker(place, await place.look(), signal);
  }

  async close(): Promise<void> {
    await this.#cursor?.close();
  }

  /** @throws as TargetPlace.admit */
  async check(entry: Entry): Promise<Receipt> {
    this.#signal.throwIfAborted();
    const names = await this.#place.admit(entry);
    try {
      if (this.#cursor === undefined) return receiptOf(entry, 'wanted');
      return await this.#check(entry, names, this.#cursor);
    } catch (error) {
      this.#signal.throwIfAborted();
      if (codeOf(error) === 'ENOENT') return receiptOf(entry, 'wanted'); // nor is what it will be in
      const why = error instanceof HotwireError ? error.message : describe(error as NodeJS.ErrnoException);
      return receiptOf(entry, 'failed', { error: why });
    }
  }

  async #check(entry: Entry, names: readonly Buffer[], cursor: TargetCursor): Promise<Receipt> {
    const name = names.at(-1) as Buffer; // a path has a last name
    await cursor.to(names.slice(0, -1));
    const there = await statsThere(cursor.at(name));
    if (entry.kind === 'directory') {
      if (there === undefined || there.isDirectory()) return receiptOf(entry, 'wanted');
      throw new HotwireError('Failed', 'is no directory there: move that away first');
    }
    if (there?.isDirectory()) throw new HotwireError('Failed', 'is a directory there, which is never replaced');
    if (there !== undefined && (await this.#isSame(entry, there, cursor.at(name)))) {
      return receiptOf(entry, 'same');
    }
    return entry.kind === 'file'
      ? this.#wanted(entry, await (await cursor.partials())?.look(name))
      : receiptOf(entry, 'wanted');
  }

  async #isSame(entry: Entry, there: BigIntStats, file: RawPath): Promise<boolean> {
    if (entry.kind === 'link') {
      return there.isSymbolicLink() && (await readlink(file, 'buffer')).equals(Buffer.from(entry.target ?? ''));
    }
    if (!there.isFile() || there.size !== BigInt(entry.size)) return false;
    if (copiedMode('file', Number(there.mode)) !== copiedMode('file', entry.mode)) return false;
    if (Math.abs(Number(there.mtimeNs) / NS_PER_S - entry.mtime) > SAME_TIME_S) return false;
    return entry.digest === undefined || (await this.#digest(file, entry.size)) === entry.digest;
  }

  async #digest(file: RawPath, bytes: number): Promise<string> {
    const handle = await openSource(file);
    try {
      return (await hashOf(handle, bytes, this.#signal)).digest('hex');
    } finally {
      await handle.close();
    }
  }

  /** @param handle what there is of it */
  async #wanted(entry: Entry, handle: FileHandle | undefined): Promise<Receipt> {
    if (handle === undefined) return receiptOf(entry, 'wanted');
    try {
      const { size } = await handle.stat();
      if (size === 0 || size > entry.size) return receiptOf(entry, 'wanted');
      const digest = (await hashOf(handle, size, this.#signal)).digest('hex');
      return receiptOf(entry, 'wanted', { offset: size, digest });
    } finally {
      await handle.close();
    }
  }
}
