/** Files and trees from one domain to another, joined here: neither side needs to know of the other. */
import { HotwireError } from '../errors';
import type { Domain } from './api';
import { SourceNames } from './copy-names';
import { Copying } from './copying';

/** One end of a copy. */
export interface CopySide {
  readonly domain: Domain;
  /** Where relative paths start from there, if not in the domain's own working directory. */
  readonly cwd?: string;
  /** What messages call it; the domain's address, or `this host`, if not given. */
  readonly name?: string;
}

/** How far a copy is. */
export interface CopyProgress {
  /** Bytes of content that the target has taken. */
  readonly bytes: number;
  /** How many it will be; undefined while files are still being found. */
  readonly total: number | undefined;
  /** Files, directories and links that are in their place. */
  readonly placed: number;
  /** The file that is on its way. */
  readonly path: string;
}

export interface CopyOptions {
  /** Stops it when aborted; what has arrived of a file is kept, and another copy goes on from there. */
  readonly signal?: AbortSignal;
  progress?(progress: CopyProgress): void;
  /** Compares files that look the same by their SHA-256, too. */
  readonly checksum?: boolean;
  /** Patterns in the sources are expanded where they are, `~` too. */
  readonly patterns?: boolean;
  /**
   * `directory`: the target is one to put all into, and is made if need be; `copy`: it is the name of the copy itself.
   * If not given, as for cp: a directory if it is one, or ends with a slash, or there are several sources.
   */
  readonly target?: 'directory' | 'copy';
  /** A leading `~` of the target is the home directory there. */
  readonly home?: boolean;
}

/** Something that was not copied. */
export interface CopyFailure {
  /** Where it failed, as `CopySide.name`. */
  readonly side: string;
  readonly path: string;
  readonly message: string;
}

export interface CopySummary {
  /** Files, directories and links that are in their place, checked. */
  readonly placed: number;
  /** Files and links that were there already. */
  readonly same: number;
  readonly failed: number;
  /** The first of those that failed (MAX_TOLD_FAILURES). */
  readonly failures: readonly CopyFailure[];
  /** Bytes of content that went over. */
  readonly bytes: number;
}

/**
 * Copies files, directories with all that is in them, and links as links. A file takes its place only when all of it has
 * arrived and its SHA-256 is right; what is there with the same size, time and mode is left. One that fails does not keep
 * the others from being copied: see `failures` of the summary.
 * @throws when a side fails as a whole, naming it, e.g. when a source lists or sends what it was not asked for; the
 * signal's reason when it aborts
 */
export async function copy(
  from: CopySide,
  sources: readonly string[],
  to: CopySide,
  target: string,
  options: CopyOptions = {},
): Promise<CopySummary> {
  if (sources.length === 0)
    throw new HotwireError('InvalidArgs', 'there is nothing to copy: name a file or a directory');
  const into = options.target ?? (sources.length > 1 ? 'directory' : undefined);
  const switches = into === undefined ? '' : into === 'directory' ? ' --into' : ' --exact';
  const list = `pack --list${options.checksum ? ' --digests' : ''} --`;
  const word = options.patterns ? patternWord : literalWord;
  const there = targetWord(target, options);
  const copying = new Copying(from, to, new SourceNames(sources, options.patterns === true), options);
  return copying.run({
    list: `${list} ${sources.map(word).join(' ')}`,
    check: `unpack --check${switches} -- ${there}`,
    send: 'pack',
    receive: `unpack${switches} -- ${there}`,
  });
}

/** A text as one word of a pipeline that means exactly that. */
function literalWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** @throws InvalidArgs for the home directory of another user, which a slave does not look for */
function targetWord(target: string, { home }: CopyOptions): string {
  const [, user, below = ''] = (home ? /^~([^/]*)(\/.*)?$/s.exec(target) : undefined) ?? [];
  if (user === undefined) return literalWord(target);
  if (user === '') return below === '' ? '~' : `~/${literalWord(below.slice(1))}`;
  const words = `${target}: only ~ itself is expanded: write the whole path, or ./${target} for that name`;
  throw new HotwireError('InvalidArgs', words);
}

/** A pattern as one word: only what has a meaning in a pattern keeps it. */
function patternWord(text: string): string {
  return text === '' ? "''" : text.replace(/[^\w,./:@%+=\-*?[\]!^~]+/g, literalWord);
}
