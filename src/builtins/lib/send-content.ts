/** The content of files that are listed, in pieces. */
import type { FileHandle } from 'node:fs/promises';
import { argumentOf, type Batch, describe } from '../../engine';
import { HotwireError } from '../../errors';
import { MAX_BATCH_BYTES, TRANSFER_CHUNK_BYTES } from '../../limits';
import { openSource, regular } from './copy-content';
import { hashOf } from './list-trees';
import { type Entry, PIECE, pieceOfEntry, pieceOfPart, shownPath } from './piece';
import { TreeCursor } from './tree-cursor';

/** What a piece takes beside its data, in bytes, about. */
const PIECE_BYTES = 300;

/** Entries with the content of files after each, from its offset on if what is before that has its digest. */
export async function* withContent(
  entries: AsyncIterable<readonly Entry[]>,
  { signal, status }: { signal: AbortSignal; status(text: string, percent: number): void },
): AsyncGenerator<Batch> {
  const sources = new Sources();
  let objects: unknown[] = [];
  let bytes = 0;
  try {
    for await (const list of entries) {
      for (const entry of list) {
        signal.throwIfAborted();
        status(shownPath(entry), -1);
        const pieces = entry.kind === 'file' ? contentOf(entry, sources, signal) : [pieceOfEntry(entry)];
        for await (const piece of pieces) {
          objects.push(piece);
          bytes += PIECE_BYTES + (typeof piece.data === 'string' ? piece.data.length : 0);
          if (bytes < MAX_BATCH_BYTES) continue;
          yield { className: PIECE, objects };
          objects = [];
          bytes = 0;
        }
      }
      if (objects.length > 0) yield { className: PIECE, objects };
      objects = [];
      bytes = 0;
    }
  } finally {
    await sources.close();
  }
}

/** The directories that are read from. */
class Sources {
  #root: string | undefined;
  #cursor: TreeCursor | undefined;

  async open({ root, names }: Entry): Promise<FileHandle> {
    const key = argumentOf(root);
    if (this.#root !== key) {
      await this.close();
      this.#cursor = await TreeCursor.open(root);
      this.#root = key;
    }
    const cursor = this.#cursor as TreeCursor; // opened above
    await cursor.to(names.slice(0, -1));
    return openSource(cursor.at(names.at(-1) as Buffer)); // a path has a last name
  }

  async close(): Promise<void> {
    this.#root = undefined;
    await this.#cursor?.close();
    this.#cursor = undefined;
  }
}

async function* contentOf(
  entry: Entry,
  sources: Sources,
  signal: AbortSignal,
): AsyncGenerator<Record<string, unknown>> {
  const { number } = entry;
  let source: FileHandle | undefined;
  let ahead: ReadAhead | undefined;
  let first: Record<string, unknown> | undefined = pieceOfEntry({ ...entry, offset: 0 });
  let position = 0;
  try {
    source = await sources.open(entry);
    await regular(source, shownPath(entry));
    let hash = await hashOf(source, entry.offset, signal);
    if (entry.offset > 0 && hash.copy().digest('hex') === entry.digest) position = entry.offset;
    else hash = await hashOf(source, 0, signal);
    first.offset = position;
    delete first.digest;
    ahead = new ReadAhead(source, entry.size);
    for (let isLast = false; !isLast; ) {
      signal.throwIfAborted();
      const data = await ahead.next(position);
      hash.update(data);
      const offset = position;
      position += data.length;
      isLast = position === entry.size;
      if (isLast) await assertStill(source, entry, hash.copy().digest('hex'), signal);
      const part = pieceOfPart({ number, offset, data, ...(isLast && { digest: hash.digest('hex') }) });
      yield { ...first, ...part };
      first = undefined;
    }
  } catch (error) {
    signal.throwIfAborted();
    const why = error instanceof HotwireError ? error.message : describe(error as NodeJS.ErrnoException);
    yield { ...first, number, offset: position, error: why };
  } finally {
    await ahead?.end();
    await source?.close();
  }
}

/** Reads a file to its end in chunks, the next one while the last one is worked on. */
class ReadAhead {
  readonly #source: FileHandle;
  readonly #size: number;
  /** One is read into while the other one is worked on. */
  readonly #buffers: Buffer[] = [];
  #next: Promise<Buffer> | undefined;

  constructor(source: FileHandle, size: number) {
    this.#source = source;
    this.#size = size;
  }

  /** @returns what is at `position`, good until the next but one. @throws Failed when the file has become shorter */
  async next(position: number): Promise<Buffer> {
    const data = await (this.#next ?? this.#read(position));
    const end = position + data.length;
    this.#next = end < this.#size ? this.#read(end) : undefined;
    this.#next?.catch(() => undefined); // thrown when it is asked for
    return data;
  }

  /** Resolves once nothing is read any more. */
  async end(): Promise<void> {
    await this.#next?.catch(() => undefined); // nobody asks for it any more
  }

  async #read(position: number): Promise<Buffer> {
    const wanted = Math.min(TRANSFER_CHUNK_BYTES, this.#size - position);
    if (wanted === 0) return Buffer.alloc(0);
    const buffer = this.#buffers.length > 1 ? (this.#buffers.shift() as Buffer) : Buffer.allocUnsafe(wanted);
    this.#buffers.push(buffer);
    const { bytesRead } = await this.#source.read(buffer, 0, wanted, position);
    if (bytesRead === 0) throw new HotwireError('Failed', 'became shorter while it was read');
    return buffer.subarray(0, bytesRead);
  }
}

/** A log may have grown meanwhile: what was there of it is whole. */
async function assertStill(source: FileHandle, entry: Entry, digest: string, signal: AbortSignal): Promise<void> {
  const stats = await source.stat();
  if (stats.size === entry.size && Math.abs(stats.mtimeMs / 1000 - entry.mtime) < 1e-3) {
    // the files of /proc and /sys tell no size, or one that is made up
    if (entry.size > 0 || (await source.read(Buffer.alloc(1), 0, 1, 0)).bytesRead === 0) return;
    throw new HotwireError('Failed', 'has content but tells no size: use cat and write');
  }
  const again = await hashOf(source, entry.size, signal);
  if (stats.size >= entry.size && again.digest('hex') === digest) return;
  throw new HotwireError('Failed', 'changed while it was read: copy it again');
}
