import type { BigIntStats } from 'node:fs';
import { chmod, chown, lchown, link, lstat, lutimes, mkdir, open, readlink, symlink, utimes } from 'node:fs/promises';
import type { RawPath } from '../../engine';
import { type ContentOptions, copyBytes, isDone, openSource, regular } from './copy-content';
import { codeOf, NO_LINKS } from './place';
import { type Entry, type Visitor, walkTree } from './tree-walk';
import { Way } from './way';

const PERMISSIONS = 0o777;
/** Permissions, and the bits that change who a program runs as. */
const ALL_MODE_BITS = 0o7777;
const NS_PER_S = 1e9;

export interface CopyOptions extends ContentOptions {
  /** Keep owner and group where we may, and with them the bits that change who it runs as: for a move. */
  readonly owner: boolean;
  /** Where one that has several names is kept under a short one, until its others come: they are joined again. */
  keep?(id: string): RawPath;
  /** Told what each looked like before it was read. */
  seen?(stats: BigIntStats): void;
}

/** What tells a file from all others. */
export function idOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

/**
 * Copies a file, a link as a link, or a directory with all that is in it, with modes and times.
 * @param to in a directory of ours where nobody else can write; there must be nothing yet; what was made stays there on failure
 * @throws the system's errors for the root, Failed for what is below or has no content
 */
export async function copyTree(from: RawPath, to: RawPath, options: CopyOptions): Promise<void> {
  options.signal?.throwIfAborted();
  const copy = new TreeCopy(to, options);
  try {
    await walkTree(from, copy, options.signal);
  } finally {
    await copy.close();
  }
}

/** Goes down in the copy while the walk goes down in what is copied. */
class TreeCopy implements Visitor {
  readonly #root: RawPath;
  readonly #options: CopyOptions;
  readonly #kept = new Map<string, Promise<void>>();
  #target: Way | undefined;

  constructor(root: RawPath, options: CopyOptions) {
    this.#root = root;
    this.#options = options;
  }

  async close(): Promise<void> {
    await this.#target?.close();
  }

  async file(entry: Entry): Promise<void> {
    const to = this.#target?.at(entry.name) ?? this.#root;
    const source = await openSource(entry.file).catch((error) => {
      if (codeOf(error) === 'ELOOP') return undefined;
      throw error;
    });
    if (source === undefined) return this.#copyLink(entry.file, to);
    try {
      const stats = await regular(source, entry.shown());
      this.#options.seen?.(stats);
      const copy = async () => {
        const target = await open(to, 'wx', 0o600);
        try {
          await copyBytes(source, target, stats, this.#options);
          await this.#takeOver(target, stats);
        } finally {
          await target.close();
        }
      };
      const { keep } = this.#options;
      await (keep && stats.nlink > 1n ? this.#copyOrJoin(to, stats, keep(idOf(stats)), copy) : copy());
    } finally {
      await source.close();
    }
  }

  async enter(entry: Entry, stats: BigIntStats): Promise<boolean> {
    this.#options.seen?.(stats);
    await mkdir(this.#target?.at(entry.name) ?? this.#root, { mode: 0o700 });
    if (this.#target) await this.#target.enter(entry.name);
    else this.#target = await Way.open(this.#root);
    return true;
  }

  /** Last: a directory may forbid to write in it, and making something in it changes its time. */
  async leave(_entry: Entry, stats: BigIntStats): Promise<void> {
    await this.#target?.leave((self) =>
      this.#takeOver(
        {
          chown: (uid, gid) => chown(self, uid, gid),
          chmod: (mode) => chmod(self, mode),
          utimes: (atime, mtime) => utimes(self, atime, mtime),
        },
        stats,
      ),
    );
  }

  /** Copies the first of several names of a file, and links the others to that. */
  async #copyOrJoin(to: RawPath, stats: BigIntStats, kept: RawPath, copy: () => Promise<void>): Promise<void> {
    const first = this.#kept.get(idOf(stats));
    if (first === undefined) {
      const made = copy().then(async () => void (await joined(to, kept)));
      this.#kept.set(idOf(stats), made);
      return made;
    }
    await first;
    if (await joined(kept, to)) this.#options.copied?.(Number(stats.size));
    else await copy();
  }

  async #copyLink(from: RawPath, to: RawPath): Promise<void> {
    const stats = await lstat(from, { bigint: true });
    this.#options.seen?.(stats);
    await symlink(await readlink(from, 'buffer'), to);
    if (this.#options.owner) await isDone(lchown(to, Number(stats.uid), Number(stats.gid)));
    await lutimes(to, ...timesOf(stats));
  }

  /** All by what is open: who may write above the copy could put a link there. */
  async #takeOver(made: Owned, stats: BigIntStats): Promise<void> {
    // Only root can give files away.
    const kept = this.#options.owner && (await isDone(made.chown(Number(stats.uid), Number(stats.gid))));
    // A program that runs as its owner must not run as another one.
    await made.chmod(Number(stats.mode) & (kept ? ALL_MODE_BITS : PERMISSIONS));
    await made.utimes(...timesOf(stats));
  }
}

/** What an open file and an open directory have in common. */
interface Owned {
  chown(uid: number, gid: number): Promise<void>;
  chmod(mode: number): Promise<void>;
  utimes(atime: number, mtime: number): Promise<void>;
}

/** @returns whether it has a second name now: some file systems have no hard links, and all a limit */
async function joined(from: RawPath, to: RawPath): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (NO_LINKS.has(codeOf(error)) || codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** In seconds, with their fractions: a Date has whole milliseconds. */
function timesOf({ atimeNs, mtimeNs }: BigIntStats): [atime: number, mtime: number] {
  return [Number(atimeNs) / NS_PER_S, Number(mtimeNs) / NS_PER_S];
}
