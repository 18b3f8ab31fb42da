import { mkdir, stat } from 'node:fs/promises';
import { describe, type RawPath } from '../../engine';
import { HotwireError } from '../../errors';
import { isPartialsName } from './partials';
import type { Entry } from './piece';
import { namedPath, splitRaw } from './raw-path';

/** What the target of `unpack` is: a directory to put all into, the name of the one copy, or that which it turns out to be. */
export type TargetKind = 'into' | 'exact' | 'auto';

/** Where what is received goes. */
export class TargetPlace {
  /** The directory that all is in. */
  readonly directory: RawPath;
  /** The name that the first name of every path becomes. */
  readonly #name: Buffer | undefined;
  readonly #shown: string;
  #root: Buffer | undefined;

  private constructor(directory: RawPath, name: Buffer | undefined, shown: string) {
    this.directory = directory;
    this.#name = name;
    this.#shown = shown;
  }

  /** @throws InvalidArgs, Failed, naming the target */
  static async find(cwd: string, argument: string, kind: TargetKind): Promise<TargetPlace> {
    const { file, shown } = namedPath(cwd, argument);
    const into = kind === 'into' || (kind === 'auto' && (argument.endsWith('/') || (await isDirectory(file))));
    try {
      if (into) {
        await mkdir(file, { recursive: true });
        return new TargetPlace(file, undefined, shown);
      }
      const { directory, name } = splitRaw(file);
      if (name.length === 0) throw new HotwireError('InvalidArgs', 'is the root directory');
      if (!(await isDirectory(directory))) {
        throw new HotwireError('Failed', `there is no directory ${directory} to put it into`);
      }
      return new TargetPlace(directory, name, shown);
    } catch (error) {
      const ours = error instanceof HotwireError ? error : undefined;
      const why = ours?.message ?? describe(error as NodeJS.ErrnoException);
      throw new HotwireError(ours?.kind ?? 'Failed', `unpack: ${shown}: ${why}`, { cause: error });
    }
  }

  /**
   * The names of an entry, from the directory on.
   * @throws InvalidArgs for a second tree where there is one name only, and for names that are ours
   */
  namesOf({ names }: Pick<Entry, 'names'>): Buffer[] {
    const [root = Buffer.alloc(0), ...below] = names;
    const ours = names.find(isPartialsName);
    if (ours) throw new HotwireError('InvalidArgs', `unpack: ${ours}: is a name for files that are half received`);
    if (this.#name === undefined) return [root, ...below];
    this.#root ??= root;
    if (this.#root.equals(root)) return [this.#name, ...below];
    throw new HotwireError(
      'InvalidArgs',
      `unpack: ${this.#shown}: is not a directory to put several into: end it with / to have it made`,
    );
  }
}

async function isDirectory(file: RawPath): Promise<boolean> {
  return stat(file).then(
    (found) => found.isDirectory(),
    () => false, // making it, or something in it, says why
  );
}
