/** What `pack` sends of the trees that are named: an entry for each file, directory and link, as they are met. */
import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { lstat, readlink } from 'node:fs/promises';
import { describe, toRaw } from '../../engine';
import { HotwireError } from '../../errors';
import { BATCH_OBJECTS } from './batches';
import { openSource } from './copy-content';
import { identityOf } from './identity';
import { isPartialsName } from './partial-names';
import { copiedMode, type Entry as Listed } from './piece';
import { codeOf } from './place';
import { type Emit, produced } from './produced';
import { namedFile, splitRaw } from './raw-path';
import { type Entry, type Visitor, walkTree } from './tree-walk';

const NS_PER_US = 1000n;
const US_PER_S = 1e6;
const HASHED_CHUNK_BYTES = 256 * 1024;

export interface ListOptions {
  readonly cwd: string;
  readonly signal: AbortSignal;
  /** Also the SHA-256 of each file: all of it is read for that. */
  readonly digests: boolean;
}

/**
 * All that is in the trees, in the order in which it can be made: a directory before what is in it. What can't be sent
 * (unreadable, a device, one of a name that another one has) is listed as failed, with its error.
 * @throws InvalidArgs for an empty argument
 */
export async function* listTrees(args: readonly string[], options: ListOptions): AsyncGenerator<Listed[]> {
  const { cwd, signal } = options;
  const taken = new Set<string>();
  let number = 0;
  for (const argument of args) {
    const { file, shown } = namedFile(cwd, argument);
    const { directory, name } = splitRaw(file);
    const key = name.toString('latin1');
    const why = refusal(name, taken.has(key));
    taken.add(key);
    const list = produced<Listed[]>(async (emit) => {
      const lister = new Lister(directory, () => number++, emit, options);
      if (why !== undefined) lister.failed([name.length > 0 ? name : Buffer.from(shown)], new Error(why));
      else {
        await walkTree(file, lister, signal).catch((error) => {
          signal.throwIfAborted();
          lister.failed([name], error);
        });
      }
      await lister.flush();
    });
    yield* list;
  }
}

function refusal(name: Buffer, isTaken: boolean): string | undefined {
  if (name.length === 0) return 'is the root directory: name what is in it';
  return isTaken ? 'would replace another one of that name: copy them one after the other' : undefined;
}

type Unnumbered = Omit<Listed, 'number'>;

class Lister implements Visitor {
  readonly #root: Listed['root'];
  readonly #next: () => number;
  readonly #emit: Emit<Listed[]>;
  readonly #options: ListOptions;
  readonly #above: Buffer[] = [];
  #flushed: Promise<void> = Promise.resolve();
  readonly #list: (Unnumbered | Promise<Unnumbered>)[] = [];

  constructor(root: Listed['root'], next: () => number, emit: Emit<Listed[]>, options: ListOptions) {
    this.#root = root;
    this.#next = next;
    this.#emit = emit;
    this.#options = options;
  }

  /** Several are looked at together, and listed in their order. */
  async file(entry: Entry): Promise<void> {
    const names = [...this.#above, entry.name];
    const found = this.#describe(entry, names).catch((error) => {
      this.#options.signal.throwIfAborted();
      return this.#lost(names, error);
    });
    this.#list.push(found);
    await found;
    if (this.#list.length >= BATCH_OBJECTS) await this.flush();
  }

  async enter({ name }: Entry, stats: BigIntStats): Promise<boolean> {
    if (isPartialsName(name)) return false; // of a transfer that was broken off: it has no other use
    this.#above.push(name);
    const identity = this.#above.length === 1 ? identityOf(stats) : undefined;
    const common = this.#common([...this.#above], stats);
    this.#list.push({ ...common, kind: 'directory', size: 0, ...(identity !== undefined && { identity }) });
    return true;
  }

  async leave(): Promise<void> {
    this.#above.pop();
  }

  async unreadable({ name }: Entry, error: Error): Promise<void> {
    const entered = this.#above.at(-1) === name;
    this.failed(entered ? [...this.#above] : [...this.#above, name], error);
  }

  failed(names: readonly Buffer[], cause: Error): void {
    this.#list.push(this.#lost(names, cause));
  }

  /** Hands the list on; one list after the other. */
  flush(): Promise<void> {
    const list = this.#list.splice(0);
    this.#flushed = this.#flushed.then(async () => {
      const entries = await Promise.all(list);
      if (entries.length > 0) await this.#emit(entries.map((entry) => ({ number: this.#next(), ...entry })));
    });
    return this.#flushed;
  }

  #lost(names: readonly Buffer[], cause: Error): Unnumbered {
    const system = cause instanceof HotwireError ? cause.cause : cause;
    const error = typeof codeOf(system) === 'string' ? describe(system as Error) : cause.message;
    return { ...this.#common(names), kind: 'failed', size: 0, error };
  }

  async #describe(entry: Entry, names: readonly Buffer[]): Promise<Unnumbered> {
    const stats = await lstat(entry.file, { bigint: true });
    const common = this.#common(names, stats);
    if (stats.isSymbolicLink()) {
      return { ...common, kind: 'link', size: 0, target: toRaw(await readlink(entry.file, 'buffer')) };
    }
    if (!stats.isFile()) throw new HotwireError('Failed', `is ${whatIs(stats)}: it is left out`);
    const size = Number(stats.size);
    if (!this.#options.digests) return { ...common, kind: 'file', size };
    return { ...common, kind: 'file', size, digest: await digestOf(entry, size, this.#options.signal) };
  }

  #common(names: readonly Buffer[], stats?: BigIntStats) {
    return {
      root: this.#root,
      names,
      mode: stats ? copiedMode(stats.isDirectory() ? 'directory' : 'file', Number(stats.mode)) : 0,
      mtime: stats ? secondsOf(stats.mtimeNs) : 0,
      offset: 0,
    };
  }
}

/** By microseconds: utimes, with which the copy gets it, is no finer. */
function secondsOf(nanoseconds: bigint): number {
  return Number(nanoseconds / NS_PER_US) / US_PER_S;
}

function whatIs(stats: BigIntStats): string {
  if (stats.isDirectory()) return 'a directory now';
  if (stats.isFIFO()) return 'a named pipe';
  return stats.isSocket() ? 'a socket' : 'a device';
}

async function digestOf({ file }: Entry, size: number, signal: AbortSignal): Promise<string> {
  const source = await openSource(file);
  try {
    return (await hashOf(source, size, signal)).digest('hex');
  } finally {
    await source.close();
  }
}

type Readable = Awaited<ReturnType<typeof openSource>>;

/** The hash of the first bytes of a file, which more can be added to; of fewer bytes, where there are not so many. */
export async function hashOf(source: Readable, bytes: number, signal: AbortSignal) {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(HASHED_CHUNK_BYTES, bytes)));
  for (let position = 0; position < bytes; ) {
    signal.throwIfAborted();
    const { bytesRead } = await source.read(buffer, 0, Math.min(buffer.length, bytes - position), position);
    if (bytesRead === 0) break;
    hash.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
  return hash;
}
