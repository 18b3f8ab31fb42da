import type { EventEmitter } from 'node:events';
import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { stat } from 'node:fs/promises';
import { HotwireError } from '../errors';
import type { RawPath } from './raw-path';

type Use = 'read' | 'written';

/**
 * Which regular files a pipeline has open, whatever they are called. To write to one that is being read would lose what
 * is in it, or go on until the disk is full. One that was read to its end may be written.
 */
export class FilesInUse {
  readonly #open = new Set<{ readonly id: string; readonly use: Use }>();

  /** Notes an open file until it is closed. @throws Failed when the pipeline uses it the other way, naming it as `shown`, if given */
  async hold(handle: FileHandle, use: Use, shown?: string): Promise<void> {
    const release = this.#note(await handle.stat({ bigint: true }), use, shown);
    (handle as FileHandle & EventEmitter).once('close', release);
  }

  /**
   * The same for one that a program will have, which is not open yet.
   * @returns to be called when it has it no more
   */
  async holdPath(file: RawPath, use: Use, shown: string): Promise<() => void> {
    const stats = await stat(file, { bigint: true }).catch(() => undefined); // opening it will make it, or say why not
    return stats === undefined ? () => undefined : this.#note(stats, use, shown);
  }

  #note(stats: BigIntStats, use: Use, shown?: string): () => void {
    if (!stats.isFile()) return () => undefined;
    const id = `${stats.dev}:${stats.ino}`;
    for (const other of this.#open) {
      if (other.id !== id || other.use === use) continue;
      const why = 'is read and written by the same pipeline: write to another file, and mv that over this one';
      throw new HotwireError('Failed', shown === undefined ? why : `${shown}: ${why}`);
    }
    const entry = { id, use };
    this.#open.add(entry);
    return () => this.#open.delete(entry);
  }
}
