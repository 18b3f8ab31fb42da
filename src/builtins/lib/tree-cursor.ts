import type { RawPath } from '../../engine';
import { Way } from './way';

/** What is done with a directory when the cursor goes out of it, which is open as `self`. */
export type AtLeave = (self: string) => Promise<void>;

/** Goes from directory to directory of a tree, by open directories: no link in it leads astray (see Way). */
export class TreeCursor {
  readonly #way: Way;
  readonly #levels: { readonly name: Buffer; readonly atLeave: AtLeave[] }[] = [];
  readonly #atEnd: AtLeave[] = [];

  private constructor(way: Way) {
    this.#way = way;
  }

  /** @param directory where the tree is: links in this path are followed */
  static async open(directory: RawPath): Promise<TreeCursor> {
    return new TreeCursor(await Way.open(directory));
  }

  /** A short path of the directory where it is, good until it goes on. */
  get self(): string {
    return this.#way.self;
  }

  /** A short path of something there. */
  at(name: Buffer): RawPath {
    return this.#way.at(name);
  }

  /** Goes to a directory by its names from the top on. @throws ENOENT, and as Way.enter; it then is somewhere on the way */
  async to(names: readonly Buffer[]): Promise<void> {
    let shared = 0;
    while (shared < names.length && this.#levels[shared]?.name.equals(names[shared] as Buffer)) shared += 1;
    while (this.#levels.length > shared) await this.#leave();
    for (const name of names.slice(shared)) {
      await this.#way.enter(name);
      this.#levels.push({ name, atLeave: [] });
    }
  }

  /** Has something done when it leaves the directory where it is; the last first. */
  onLeave(action: AtLeave): void {
    (this.#levels.at(-1)?.atLeave ?? this.#atEnd).push(action);
  }

  /** Leaves all directories. */
  async finish(): Promise<void> {
    await this.to([]);
    for (const action of this.#atEnd.splice(0).reverse()) await action(this.self);
  }

  /** Closes it where it is; what was to be done is not. */
  async close(): Promise<void> {
    this.#levels.length = 0;
    await this.#way.close();
  }

  async #leave(): Promise<void> {
    const level = this.#levels.pop();
    await this.#way.leave(async (self) => {
      for (const action of level?.atLeave.reverse() ?? []) await action(self);
    });
  }
}
