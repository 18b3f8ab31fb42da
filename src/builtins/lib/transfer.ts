/** What `cp` and `mv` have in common: which file goes where, what is refused, and how something takes its place. */
import type { Stats } from 'node:fs';
import { lstat, realpath, stat } from 'node:fs/promises';
import { argumentOf, describe, type RawPath, type Stage, toRaw } from '../../engine';
import { HotwireError } from '../../errors';
import { attempt } from './attempt';
import { type CopyOptions, copyTree } from './copy-tree';
import { assertRemovable, Original } from './original';
import { codeOf, exists, place } from './place';
import { joinRaw, namedFile, splitRaw } from './raw-path';
import type { Trash, Trashed } from './trash';
import { discardTree, sizeOfTree } from './tree';
import type { WorkAreas } from './work-area';

export interface Transfer {
  /** Absolute. */
  readonly source: RawPath;
  readonly target: RawPath;
  /** As the user wrote it. */
  readonly shown: string;
}

/**
 * Which source goes to which target, all checked before anything is done.
 * @param args sources, then a file, or a directory to put them into
 * @throws InvalidArgs for what makes no sense, Failed for what is not there; each names the file
 */
export async function planTransfers(command: string, args: readonly string[], cwd: string): Promise<Transfer[]> {
  const { file: target, shown: last } = namedFile(cwd, args.at(-1) ?? '');
  const into = await isDirectory(target);
  if (!into && (args.length > 2 || last.endsWith('/'))) {
    throw refused(command, last, 'is not a directory to put files into: mkdir makes one');
  }
  const transfers = args.slice(0, -1).map((argument): Transfer => {
    const { file: source, shown } = namedFile(cwd, argument);
    return { shown, source, target: into ? joinRaw(target, splitRaw(source).name) : target };
  });
  const taken = new Set<string>();
  for (const transfer of transfers) {
    await check(command, transfer);
    const key = argumentOf(transfer.target);
    if (taken.has(key)) throw refused(command, transfer.shown, `would replace another one in ${last}`);
    taken.add(key);
  }
  return transfers;
}

async function check(command: string, { shown, source, target }: Transfer): Promise<void> {
  const found = await attempt(command, shown, () => lstat(source));
  if (source === '/') throw refused(command, shown, 'is the root directory');
  const into = splitRaw(target).directory;
  const directory = await attempt(command, into.toString(), () => realPath(into));
  const { directory: above, name } = splitRaw(source);
  const realSource = joinRaw(await realPath(above), name);
  if (found.isDirectory() && `${argumentOf(directory)}/`.startsWith(`${argumentOf(realSource)}/`)) {
    throw refused(command, shown, 'is a directory and would go into itself');
  }
  const there = await lstat(target).catch(() => undefined); // where it can't be looked at, putting it there says why
  if (there === undefined) return;
  if (same(found, there) || same(await follow(source), await follow(target))) {
    throw refused(command, shown, `and ${target} are the same file`);
  }
  if (there.isDirectory()) {
    throw refused(
      command,
      shown,
      `can't replace the directory ${target}: move that away first (rm takes it to the trash)`,
    );
  }
}

/** Its path without links. */
async function realPath(file: RawPath): Promise<RawPath> {
  return toRaw(await realpath(file, 'buffer'));
}

function follow(file: RawPath): Promise<Stats | undefined> {
  return stat(file).catch(() => undefined); // a link to nothing
}

type Identity = Pick<Stats, 'dev' | 'ino'>;

function same(a: Identity | undefined, b: Identity | undefined): boolean {
  return a !== undefined && a.dev === b?.dev && a.ino === b.ino;
}

async function isDirectory(file: RawPath): Promise<boolean> {
  return (await follow(file))?.isDirectory() === true;
}

function refused(command: string, shown: string, why: string): HotwireError {
  return new HotwireError('InvalidArgs', `${command}: ${shown}: ${why}`);
}

/** Progress of a command by bytes. */
export class Progress {
  readonly #stage: Pick<Stage, 'status'>;
  #total = 0;
  #done = 0;
  #text = '';

  constructor(stage: Pick<Stage, 'status'>) {
    this.#stage = stage;
  }

  expect(bytes: number): void {
    this.#total += bytes;
  }

  begin(text: string): void {
    this.#text = text;
    this.add(0);
  }

  add(bytes: number): void {
    this.#done += bytes;
    // A file may grow while it is copied.
    this.#stage.status(this.#text, this.#total > 0 ? Math.min(100, Math.round((this.#done / this.#total) * 100)) : -1);
  }
}

/** What happens to what was at a target. */
export class Replaced {
  readonly #trash: Trash;
  readonly #target: RawPath;
  old: Trashed | undefined;

  constructor(trash: Trash, target: RawPath) {
    this.#trash = trash;
    this.#target = target;
  }

  /** Moves it to the trash, if there is something. */
  async clear(): Promise<void> {
    try {
      this.old = await this.#trash.put(this.#target);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
  }

  /** Puts it back, if what was to come in its place did not. */
  async restore(): Promise<void> {
    if (!(await exists(this.#target))) await this.old?.restore();
  }
}

/**
 * Puts a whole copy of `source` to `target`, made beside it in a directory of ours: nobody sees half of it.
 * @param ready told just before it takes its place, to make room
 * @returns what tells the copy from others
 */
export async function copyTo(
  source: RawPath,
  target: RawPath,
  { areas, ...options }: CopyOptions & { areas: WorkAreas },
  ready: (copy: RawPath) => Promise<void> = async () => undefined,
): Promise<Identity> {
  const area = await areas.beside(target);
  let isEmpty = false;
  try {
    // In a move what has several names keeps them.
    const keep = options.owner ? { keep: (id: string) => area.at(Buffer.from(id)) } : {};
    await copyTree(source, area.content, { ...options, ...keep });
    await ready(area.content);
    const copy = await area.moveOut(splitRaw(target).name);
    isEmpty = !options.owner; // else names are kept there
    return copy;
  } finally {
    if (!isEmpty) await area.clear();
  }
}

/**
 * Moves a file or a directory, by copying where the target is on another file system; never over something.
 * @param ready told just before it takes its place, to make room
 * @throws Failed when not all can be removed here: if nothing was, the copy is taken back
 */
export async function moveTo(
  source: RawPath,
  target: RawPath,
  options: Pick<CopyOptions, 'signal'> & { areas: WorkAreas; progress?: Progress },
  ready: () => Promise<void> = async () => undefined,
): Promise<void> {
  const { signal, progress } = options;
  if ((await lstat(source)).dev === (await stat(splitRaw(target).directory)).dev) {
    await ready();
    try {
      return await place(source, target);
    } catch (error) {
      if (codeOf(error) !== 'EXDEV') throw error; // the same device, mounted a second time
    }
  }
  progress?.expect(await sizeOfTree(source, signal));
  await assertRemovable(source, signal);
  const original = new Original();
  const copied = (bytes: number) => progress?.add(bytes);
  const copy = await copyTo(source, target, { ...options, owner: true, copied, seen: original.add }, ready);
  try {
    await original.remove(source);
  } catch (error) {
    if (original.removed === 0 && same(copy, await lstat(target))) {
      await discardTree(target);
      throw error;
    }
    const why = `it is copied whole to ${target}, but not all can be removed here: ${describe(error as Error)}`;
    throw new HotwireError('Failed', why, { cause: error });
  }
}
