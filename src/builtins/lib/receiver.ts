/** Writes what `pack` sent: each file under another name until all of it is there and is what was sent. */
import type { Hash } from 'node:crypto';
import { type BigIntStats, constants } from 'node:fs';
import { chmod, lutimes, mkdir, rename, unlink, utimes } from 'node:fs/promises';
import { describe, type RawPath } from '../../engine';
import { HotwireError } from '../../errors';
import { writeAll } from './copy-content';
import { hashOf } from './list-trees';
import { type Partial, Partials } from './partials';
import {
  beginsEntry,
  copiedMode,
  type Entry,
  type Part,
  type Receipt,
  readEntry,
  readPart,
  receiptOf,
  shownPath,
  timesOf,
} from './piece';
import { codeOf } from './place';
import { statsThere, type TargetCursor } from './target-cursor';
import type { TargetPlace } from './target-place';

const OWNER_ALL = 0o700;
/** No other file can be written either. */
const FATAL: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO']);

/** What is kept of a file keeps these so: it is hidden, and in nobody's way but there. */
const FULL: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT']);

/** A file that is received now. */
interface Open {
  readonly entry: Entry;
  readonly name: Buffer;
  readonly partial: Partial;
  readonly hash: Hash;
  position: number;
}

export class Receiver {
  readonly #place: TargetPlace;
  readonly #cursor: TargetCursor;
  readonly #signal: AbortSignal;
  #open: Open | undefined;
  /** Number of the entry whose parts are expected: those of one that failed are dropped. */
  #number: number | undefined;
  #receipts: Receipt[] = [];
  #closed: Promise<void> | undefined;

  private constructor(place: TargetPlace, cursor: TargetCursor, signal: AbortSignal) {
    this.#place = place;
    this.#cursor = cursor;
    this.#signal = signal;
  }

  static async open(place: TargetPlace, signal: AbortSignal): Promise<Receiver> {
    return new Receiver(place, await place.make(), signal);
  }

  /**
   * @returns what became of the entries that have ended
   * @throws InvalidArgs for what no pack yields; Failed when nothing can be written any more
   */
  async receive(pieces: readonly unknown[]): Promise<Receipt[]> {
    for (const piece of pieces) {
      this.#signal.throwIfAborted();
      if (beginsEntry(piece)) {
        await this.#endEarly();
        const entry = readEntry(piece);
        this.#number = entry.number;
        const names = await this.#place.admit(entry);
        await this.#attempt(entry, () => this.#begin(entry, names));
      }
      await this.#receivePart(piece);
    }
    return this.#receipts.splice(0);
  }

  /** All has come: directories get their modes and times. */
  async finish(): Promise<Receipt[]> {
    await this.#endEarly();
    await this.#cursor.finish();
    return this.#receipts.splice(0);
  }

  /** What was not received whole is kept for another time. Resolves once that is done, for whoever asks. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await keepOf(open);
    await this.#cursor.close();
  }

  async #receivePart(piece: unknown): Promise<void> {
    const part = readPart(piece);
    if (part.number !== this.#number) throw new HotwireError('InvalidArgs', 'unpack: a piece belongs to no entry');
    const open = this.#open;
    if (open === undefined) return;
    await this.#attempt(open.entry, () => this.#write(open, part));
  }

  /** One that fails is told, and the others go on. */
  async #attempt(entry: Entry, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const open = this.#open;
      this.#open = undefined;
      const isFull = FULL.has(codeOf(error));
      await (isFull ? open?.partial.discard() : keepOf(open));
      const why = error instanceof HotwireError ? error.message : describe(error as NodeJS.ErrnoException);
      if (FATAL.has(codeOf(error))) {
        const removed = isFull && open !== undefined ? ': what had come of it is removed, make room for all of it' : '';
        throw new HotwireError('Failed', `unpack: ${shownPath(entry)}: ${why}${removed}`, { cause: error });
      }
      this.#receipts.push(receiptOf(entry, 'failed', { error: why }));
    }
  }

  async #begin(entry: Entry, names: readonly Buffer[]): Promise<void> {
    if (entry.kind === 'failed') {
      this.#receipts.push(receiptOf(entry, 'unreadable', { error: entry.error ?? 'could not be read' }));
      return;
    }
    const name = names.at(-1) as Buffer; // a path has a last name
    await this.#cursor.to(names.slice(0, -1));
    const there = await statsThere(this.#cursor.at(name));
    if (entry.kind === 'directory') return this.#makeDirectory(entry, names, there);
    if (there?.isDirectory()) throw new HotwireError('Failed', 'is a directory there, which is never replaced');
    if (entry.kind === 'link') return this.#makeLink(entry, name);
    this.#open = { entry, name, ...(await this.#beginFile(entry, name)) };
  }

  async #makeDirectory(entry: Entry, names: readonly Buffer[], there: BigIntStats | undefined): Promise<void> {
    if (there === undefined) await mkdir(this.#cursor.at(names.at(-1) as Buffer), { mode: OWNER_ALL });
    await this.#cursor.to(names);
    const { self } = this.#cursor;
    const isOurs = there === undefined || Number(there.uid) === process.geteuid?.();
    if (there && isOurs && (Number(there.mode) & OWNER_ALL) !== OWNER_ALL) {
      await chmod(self, (Number(there.mode) & ~constants.S_IFMT) | OWNER_ALL); // for as long as something is put into it
    }
    const tree = this.#place.treeOf(entry);
    if (tree !== undefined) await (await this.#cursor.partials())?.mark(tree);
    this.#cursor.onLeave(async (left) => {
      await this.#attempt(entry, async () => {
        if (tree !== undefined) await unmark(left, tree);
        if (isOurs) {
          await chmod(left, copiedMode(entry.kind, entry.mode));
          await utimes(left, ...timesOf(entry));
        }
        this.#receipts.push(receiptOf(entry, 'placed'));
      });
    });
  }

  async #makeLink(entry: Entry, name: Buffer): Promise<void> {
    const partials = await this.#cursor.partials();
    if (partials === undefined) throw new HotwireError('Failed', 'there is no place to make a link in');
    const temporary = await partials.link(name, Buffer.from(entry.target ?? ''));
    try {
      await lutimes(temporary, ...timesOf(entry));
      await rename(temporary, this.#cursor.at(name));
    } catch (error) {
      await unlink(temporary);
      throw error;
    }
    this.#receipts.push(receiptOf(entry, 'placed'));
  }

  async #beginFile(entry: Entry, name: Buffer): Promise<Pick<Open, 'partial' | 'hash' | 'position'>> {
    const { offset } = entry;
    const partials = await this.#cursor.partials();
    const partial = offset > 0 ? await partials?.take(name) : await partials?.begin(name);
    if (partial === undefined) throw new HotwireError('Failed', 'what was there of it is gone: copy it again');
    try {
      if ((await partial.handle.stat()).size < offset) {
        throw new HotwireError('Failed', 'what was there of it is gone: copy it again');
      }
      await partial.handle.truncate(offset);
      return { partial, hash: await hashOf(partial.handle, offset, this.#signal), position: offset };
    } catch (error) {
      await partial.keep();
      throw error;
    }
  }

  async #write(open: Open, part: Part): Promise<void> {
    const { entry, hash, partial } = open;
    if (part.error !== undefined) {
      this.#open = undefined;
      await partial.discard(); // a file that changes is not gone on with
      this.#receipts.push(receiptOf(entry, 'unreadable', { error: part.error }));
      return;
    }
    if (part.offset !== open.position || open.position + part.data.length > entry.size) {
      throw new HotwireError('Failed', 'its content does not come as it was announced: copy it again');
    }
    const written = writeAll(partial.handle, part.data, open.position);
    hash.update(part.data); // while it is written
    await written;
    open.position += part.data.length;
    if (part.digest !== undefined) await this.#placeFile(open, part.digest);
  }

  async #placeFile({ entry, name, partial, hash, position }: Open, digest: string): Promise<void> {
    this.#open = undefined;
    try {
      if (position !== entry.size || hash.digest('hex') !== digest) {
        throw new HotwireError('Failed', 'it did not arrive as it was sent: copy it again');
      }
      await partial.handle.chmod(copiedMode(entry.kind, entry.mode));
      await partial.handle.utimes(...timesOf(entry));
      await partial.place(this.#cursor.at(name));
    } catch (error) {
      await partial.discard();
      throw error;
    }
    this.#receipts.push(receiptOf(entry, 'placed'));
  }

  /** The content of a file has ended before all of it came. */
  async #endEarly(): Promise<void> {
    const open = this.#open;
    if (open === undefined) return;
    await this.#attempt(open.entry, async () => {
      throw new HotwireError('Failed', 'not all of it came: copy it again');
    });
  }
}

/** Keeps what there is of a file for another time. */
async function keepOf(open: Open | undefined): Promise<void> {
  if (open === undefined) return;
  await (open.position > 0 ? open.partial.keep() : open.partial.discard());
}

/** The directory is the whole copy now. */
async function unmark(directory: RawPath, tree: Buffer): Promise<void> {
  const partials = await Partials.in(directory, 'look');
  await partials?.unmark(tree);
  await partials?.close();
}
