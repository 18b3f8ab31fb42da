import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { RawPath } from '../../engine';
import { HotwireError } from '../../errors';
import { codeOf } from './place';
import { joinRaw } from './raw-path';

/** Linux: a descriptor that only stands for what is there. It needs no permission on that itself. Node has no name for it. */
const O_PATH = 0o10000000;
const FOLLOWING = O_PATH | constants.O_DIRECTORY;
const NOT_FOLLOWING = FOLLOWING | constants.O_NOFOLLOW;
/** Of the directories on the way so many are open, the deepest ones, however deep it goes. */
const MAX_OPEN = 16;
const PARENT = Buffer.from('..');
/** Of a longer path a message has the end. */
const MAX_SHOWN_UNITS = 1000;

/** Opens what stands under that name if it is a directory, not a link to one. */
export async function openPinned(directory: RawPath, follow: 'follow' | 'nofollow'): Promise<FileHandle> {
  return open(directory, follow === 'follow' ? FOLLOWING : NOT_FOLLOWING);
}

/** Opens what stands under that name, be it a link, as what it is: it can be looked at even when the name is gone. */
export async function openPath(file: RawPath): Promise<FileHandle> {
  return open(file, O_PATH | constants.O_NOFOLLOW);
}

/** A path of what is open, whatever became of its name. */
export function pathOfHandle({ fd }: FileHandle): string {
  return `/proc/self/fd/${fd}`;
}

interface Level {
  readonly name: Buffer;
  readonly stats: BigIntStats;
  handle: FileHandle | undefined;
}

/**
 * The way from a directory down to one far below it. What is there is named from its open directory: so it can't be led
 * astray by who swaps a directory above for a link, and no path is too long.
 */
export class Way {
  readonly #shown: string;
  readonly #levels: Level[];

  private constructor(shown: string, top: Level) {
    this.#shown = shown;
    this.#levels = [top];
  }

  /** @param directory where it begins: links in this path are followed, the user has named it */
  static async open(directory: RawPath): Promise<Way> {
    const top = await levelOf(Buffer.alloc(0), await openPinned(directory, 'follow'));
    return new Way(directory === '/' ? '' : directory.toString(), top);
  }

  /** What its directory looked like when it was opened. */
  get stats(): BigIntStats {
    return this.#last.stats;
  }

  /** A short path of its directory, good until it is left. */
  get self(): string {
    return pathOfHandle(this.#last.handle as FileHandle); // the last one is always open
  }

  /** A short path of something in its directory. */
  at(name: Buffer): RawPath {
    return joinRaw(this.self, name);
  }

  /** How many directories it is below where it began. */
  get depth(): number {
    return this.#levels.length - 1;
  }

  /** The whole path of something in the directory at `depth` of this way, for people. */
  shown(name: Buffer, depth: number = this.depth): string {
    const names = [...this.#levels.slice(1, depth + 1).map((level) => level.name), name];
    const text = `${this.#shown}/${names.join('/')}`;
    return text.length > MAX_SHOWN_UNITS ? `…${text.slice(-MAX_SHOWN_UNITS)}` : text;
  }

  /** Goes down. @throws Failed when it is a directory no more */
  async enter(name: Buffer): Promise<void> {
    const handle = await openPinned(this.at(name), 'nofollow').catch((error) => {
      if (codeOf(error) !== 'ENOTDIR' && codeOf(error) !== 'ELOOP') throw error;
      throw new HotwireError('Failed', `${this.shown(name)}: was a directory and is replaced now: look at it first`);
    });
    this.#levels.push(await levelOf(name, handle));
    const far = this.#levels.at(-1 - MAX_OPEN);
    await far?.handle?.close();
    if (far) far.handle = undefined;
  }

  /**
   * Goes up again, to the very directory that it came from.
   * @param finish what is done last with the directory that is left, which may be closed by that
   * @throws Failed when it has been moved elsewhere meanwhile
   */
  async leave(finish?: (self: string) => Promise<void>): Promise<void> {
    const above = this.#levels.at(-2);
    if (above && !above.handle) above.handle = await this.#reopen(above);
    await finish?.(this.self);
    await this.#levels.pop()?.handle?.close();
  }

  async close(): Promise<void> {
    for (const { handle } of this.#levels.splice(0)) await handle?.close();
  }

  get #last(): Level {
    return this.#levels.at(-1) as Level; // there is one until it is closed
  }

  async #reopen({ stats: { dev, ino } }: Level): Promise<FileHandle> {
    const handle = await openPinned(this.at(PARENT), 'nofollow');
    const found = await handle.stat({ bigint: true });
    if (found.dev === dev && found.ino === ino) return handle;
    await handle.close();
    const [name] = this.#levels.slice(-1).map((level) => level.name);
    throw new HotwireError('Failed', `${name}: was moved to another directory meanwhile: look where it is first`);
  }
}

async function levelOf(name: Buffer, handle: FileHandle): Promise<Level> {
  try {
    return { name, handle, stats: await handle.stat({ bigint: true }) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}
