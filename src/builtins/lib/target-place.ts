import { mkdir, stat } from 'node:fs/promises';
import { describe, type RawPath } from '../../engine';
import { HotwireError } from '../../errors';
import { assertOutside } from './identity';
import { isPartialsName } from './partial-names';
import { Partials } from './partials';
import { type Entry, shownPath } from './piece';
import { codeOf } from './place';
import { joinRaw, namedPath, splitRaw } from './raw-path';
import { TargetCursor } from './target-cursor';

/** What the target of `unpack` is: a directory to put all into, the name of the one copy, or that which it turns out to be. */
export type TargetKind = 'into' | 'exact' | 'auto';

/** Where what is received goes. */
export class TargetPlace {
  /** The directory that all is in. */
  readonly directory: RawPath;
  /** The name that the first name of every path becomes. */
  readonly #name: Buffer | undefined;
  readonly #shown: string;
  readonly #kind: TargetKind;
  #root: Buffer | undefined;

  private constructor(directory: RawPath, name: Buffer | undefined, shown: string, kind: TargetKind) {
    this.directory = directory;
    this.#name = name;
    this.#shown = shown;
    this.#kind = kind;
  }

  /**
   * @param first the first entry that comes: a directory that is there as the unfinished copy of that is not one to put it into
   * @throws InvalidArgs, Failed, naming the target
   */
  static async find(cwd: string, argument: string, kind: TargetKind, first?: Entry): Promise<TargetPlace> {
    const { file, shown } = namedPath(cwd, argument);
    return told(shown, async () => {
      const isMeant = kind === 'into' || (kind === 'auto' && argument.endsWith('/'));
      const isThere = kind === 'auto' && !isMeant && (await isDirectory(file));
      if (isMeant || (isThere && !(await isUnfinished(file, first)))) {
        return new TargetPlace(file, undefined, shown, kind);
      }
      const { directory, name } = splitRaw(file);
      if (name.length === 0) throw new HotwireError('InvalidArgs', 'is the root directory');
      if (!(await isDirectory(directory))) {
        throw new HotwireError('Failed', `there is no directory ${directory} to put it into`);
      }
      return new TargetPlace(directory, name, shown, kind);
    });
  }

  /** To write there: the directory is made if need be. @throws Failed, naming the target */
  make(): Promise<TargetCursor> {
    return told(this.#shown, async () => {
      if (this.#name === undefined) await mkdir(this.directory, { recursive: true });
      return TargetCursor.open(this.directory, 'make');
    });
  }

  /** To look at what is there; undefined where nothing is. @throws Failed, naming the target */
  look(): Promise<TargetCursor | undefined> {
    return told(this.#shown, async () => {
      try {
        return await TargetCursor.open(this.directory, 'look');
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return undefined;
        throw error;
      }
    });
  }

  /**
   * Where an entry would turn the target into its copy, what that is a copy of: to be noted in it until it is finished.
   * A second time it could not be told from a directory to put it into.
   */
  treeOf(entry: Entry): Buffer | undefined {
    const isCopy = this.#kind === 'auto' && this.#name !== undefined && entry.names.length === 1;
    return isCopy ? treeOf(entry) : undefined;
  }

  /**
   * @returns the names of an entry, from the directory on
   * @throws InvalidArgs for a second tree where there is one name only, for names that are ours, and for a directory
   * that would go into itself
   */
  async admit(entry: Entry): Promise<Buffer[]> {
    const names = this.#namesOf(entry);
    if (entry.identity !== undefined && entry.names.length === 1) {
      await assertOutside(this.directory, entry.identity, shownPath(entry));
    }
    return names;
  }

  #namesOf({ names }: Pick<Entry, 'names'>): Buffer[] {
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

const SLASH = Buffer.from('/');

function treeOf({ root, names: [name = Buffer.alloc(0)] }: Entry): Buffer {
  return Buffer.concat([Buffer.from(root), SLASH, name]);
}

/** Whether a directory is a copy of the tree that an entry begins, and was broken off. */
async function isUnfinished(directory: RawPath, first: Entry | undefined): Promise<boolean> {
  if (first?.kind !== 'directory') return false;
  const partials = await Partials.in(joinRaw(directory, Buffer.from('.')), 'look');
  await partials?.release();
  return partials?.hasMark(treeOf(first)) === true;
}

/** Errors are told with the target. */
async function told<T>(shown: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const ours = error instanceof HotwireError ? error : undefined;
    const why = ours?.message ?? describe(error as NodeJS.ErrnoException);
    throw new HotwireError(ours?.kind ?? 'Failed', `unpack: ${shown}: ${why}`, { cause: error });
  }
}

async function isDirectory(file: RawPath): Promise<boolean> {
  return stat(file).then(
    (found) => found.isDirectory(),
    () => false, // making it, or something in it, says why
  );
}
