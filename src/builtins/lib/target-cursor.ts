import { lstat } from 'node:fs/promises';
import type { RawPath } from '../../engine';
import { HotwireError } from '../../errors';
import { Partials } from './partials';
import { codeOf } from './place';
import { type AtLeave, TreeCursor } from './tree-cursor';

const SLASH = Buffer.from('/');

/** Where in a target something is looked at or written, with the half-received files that are there. */
export class TargetCursor {
  readonly #cursor: TreeCursor;
  readonly #mode: 'make' | 'look';
  #here: { readonly at: string; partials?: Partials | undefined } | undefined;

  private constructor(cursor: TreeCursor, mode: 'make' | 'look') {
    this.#cursor = cursor;
    this.#mode = mode;
  }

  /** @param mode whether half-received files are only looked at */
  static async open(directory: RawPath, mode: 'make' | 'look'): Promise<TargetCursor> {
    return new TargetCursor(await TreeCursor.open(directory), mode);
  }

  /** A short path of something in the directory where it is. */
  at(name: Buffer): RawPath {
    return this.#cursor.at(name);
  }

  /** What the directory where it is looks like by its short path. */
  get self(): string {
    return this.#cursor.self;
  }

  /** @throws as TreeCursor.to */
  async to(directory: readonly Buffer[]): Promise<void> {
    const at = Buffer.concat(directory.flatMap((name) => [name, SLASH])).toString('latin1');
    if (this.#here?.at === at) return;
    await this.#leave();
    await this.#cursor.to(directory);
    this.#here = { at };
  }

  onLeave(action: AtLeave): void {
    this.#cursor.onLeave(action);
  }

  /** The half-received files of the directory where it is; undefined where they are only looked at and there are none. */
  async partials(): Promise<Partials | undefined> {
    const here = this.#here;
    if (here === undefined) throw new HotwireError('Failed', 'it is in no directory');
    if (!('partials' in here)) here.partials = await Partials.in(this.self, this.#mode);
    return here.partials;
  }

  /** Leaves all directories in good order. */
  async finish(): Promise<void> {
    await this.#leave();
    await this.#cursor.finish();
  }

  /** Closes it where it is. */
  async close(): Promise<void> {
    await this.#leave();
    await this.#cursor.close();
  }

  async #leave(): Promise<void> {
    const here = this.#here;
    this.#here = undefined;
    if (this.#mode === 'make') await here?.partials?.close();
    else await here?.partials?.release();
  }
}

/** What there is under a name; undefined when there is nothing. */
export async function statsThere(file: RawPath) {
  return lstat(file, { bigint: true }).catch((error) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
}
