import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, stat, truncate, unlink, utimes } from 'node:fs/promises';
import { describe, type FilesInUse, openFile, type RawPath, type Stage } from '../../engine';
import { HotwireError } from '../../errors';
import { attempt } from './attempt';
import { codeOf } from './place';
import type { Trash, Trashed } from './trash';
import { NS_PER_US } from './tree';

/** Bytes that are copied back at a time. */
const CHUNK_BYTES = 1024 * 1024;
const US_PER_S = 1e6;

type WritingStage = Pick<Stage, 'undo' | 'signal' | 'inUse' | 'status'>;

/** A file that is written in place, and how to take that back: it keeps its links, its owner and its mode. */
export class WrittenFile {
  readonly #file: RawPath;
  readonly #handle: FileHandle;
  /** Its size before anything was added, 0 for one that was emptied. */
  #base = 0;
  #written = 0;
  #mark: string | undefined;
  #closed: Promise<void> | undefined;

  private constructor(file: RawPath, handle: FileHandle) {
    this.#file = file;
    this.#handle = handle;
  }

  /**
   * Opens `file`; without `append` what is in it goes to the trash as a copy.
   * @param stage told at once how to take back what will be written
   * @throws Failed, naming it as `shown`
   */
  static async open(
    file: RawPath,
    shown: string,
    { append, trash, stage }: { append: boolean; trash: Trash; stage: WritingStage },
  ): Promise<WrittenFile> {
    const { handle, isNew } = await openAtEnd(file, shown, stage.inUse);
    const written = new WrittenFile(file, handle);
    try {
      const stats = await handle.stat({ bigint: true });
      if (isNew) stage.undo(() => written.#takeBack(() => unlink(file)));
      else if (stats.isFile()) await written.#keepOld(append, stats, trash, shown, stage);
      return written; // a device (/dev/null) keeps nothing that could be taken back
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async write(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    await this.#handle.writeFile(bytes);
    this.#written += bytes.length;
  }

  /** Closes it, and remembers what it looks like: undo touches it only if it still does. Again does nothing. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    try {
      const stats = await this.#handle.stat({ bigint: true });
      // Else somebody else has written to it meanwhile.
      if (Number(stats.size) === this.#base + this.#written) this.#mark = markOf(stats);
    } finally {
      await this.#handle.close();
    }
  }

  async #keepOld(append: boolean, stats: BigIntStats, trash: Trash, shown: string, stage: WritingStage): Promise<void> {
    const { undo, signal } = stage;
    const size = Number(stats.size);
    const undoWith = (action: () => Promise<void>) => {
      undo(() =>
        this.#takeBack(async () => {
          await action();
          await utimes(this.#file, ...timesOf(stats)); // what came before it can then be undone, too
        }),
      );
    };
    if (append) {
      this.#base = size;
      undoWith(() => truncate(this.#file, size));
      return;
    }
    const old = size === 0 ? undefined : await keepCopy(this.#file, shown, trash, stage);
    if (signal.aborted) {
      await old?.discard();
      throw signal.reason;
    }
    await this.#handle.truncate(0);
    undoWith(() => (old ? writeBack(old, this.#file) : truncate(this.#file, 0)));
  }

  async #takeBack(action: () => Promise<void>): Promise<void> {
    await attempt('undo of write', this.#file.toString(), async () => {
      if (markOf(await stat(this.#file, { bigint: true })) !== this.#mark) {
        const why =
          'has changed since it was written and stays as it is: what it replaced, if anything, is in the trash';
        throw new HotwireError('Failed', why);
      }
      await action();
    });
  }
}

/** For writing at the end, whether it was there or not. */
async function openAtEnd(
  file: RawPath,
  shown: string,
  inUse: FilesInUse,
): Promise<{ handle: FileHandle; isNew: boolean }> {
  try {
    return { handle: await openFile(file, 'wx', shown, inUse), isNew: true };
  } catch (error) {
    if (codeOf((error as HotwireError).cause) !== 'EEXIST') throw error;
    return { handle: await openFile(file, 'a', shown, inUse), isNew: false };
  }
}

async function keepCopy(
  file: RawPath,
  shown: string,
  trash: Trash,
  { signal, status }: WritingStage,
): Promise<Trashed> {
  let kept = 0;
  const copied = (bytes: number) => {
    kept += bytes;
    status(`${shown}: keeping what is in it: ${kept} bytes`, -1);
  };
  return trash.keepCopy(file, { signal, copied }).catch((error) => {
    signal.throwIfAborted();
    const why = describe(error);
    throw new HotwireError('Failed', `${shown}: what is in it can't be kept for undo: ${why}: use > instead`, {
      cause: error,
    });
  });
}

/** Copies what was kept into the file itself. */
async function writeBack(old: Trashed, file: RawPath): Promise<void> {
  const source = await open(old.file, 'r');
  try {
    const target = await open(file, 'r+');
    try {
      await target.truncate(0);
      for await (const chunk of source.createReadStream({ highWaterMark: CHUNK_BYTES, autoClose: false })) {
        await target.writeFile(chunk as Buffer);
      }
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
  await old.discard();
}

/** For utimes, which rounds: the middle of a microsecond stays within it. */
function timesOf(stats: BigIntStats): [atime: number, mtime: number] {
  const seconds = (ns: bigint) => (Number(ns / NS_PER_US) + 0.5) / US_PER_S;
  return [seconds(stats.atimeNs), seconds(stats.mtimeNs)];
}

function markOf({ dev, ino, size, mtimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs / NS_PER_US].join(' ');
}
