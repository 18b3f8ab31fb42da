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
    const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(TRANSFER_CHUNK_BYTES, entry.size - position)));
    for (let isLast = false; !isLast; ) {
      signal.throwIfAborted();
      const wanted = Math.min(buffer.length, entry.size - position);
      const { bytesRead } = await source.read(buffer, 0, wanted, position);
      if (bytesRead < wanted && bytesRead === 0) throw new HotwireError('Failed', 'became shorter while it was read');
      const data = buffer.subarray(0, wanted === 0 ? 0 : bytesRead);
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
    await source?.close();
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
