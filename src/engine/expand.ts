import { access } from 'node:fs/promises';
import type { PlannedArgument } from '../language';
import { absolutePath, argumentOf, rawPath, readDirectory, toRaw } from './raw-path';
import { isWildcard, literalText, wildcard } from './wildcard';

type Pieces = PlannedArgument['pieces'];

interface Surroundings {
  readonly cwd: string;
  readonly home: string;
  /** Ends a walk through directories: a pattern can name a whole disk. */
  readonly signal: AbortSignal;
}

/** What a quoted piece must not mean in a pattern. */
const SYNTAX = /[\\*?[\]]/g;

/**
 * The arguments of a command as it gets them: in unquoted parts of those declared as paths, a leading `~` is the home
 * directory and `*`, `?`, `[…]` are replaced by the names that match, sorted. A pattern that matches nothing stays as
 * written. Names that start with a dot are matched only by a dot. Names that are not UTF-8 are as `argumentOf` has them.
 */
export async function expandArguments(args: readonly PlannedArgument[], around: Surroundings): Promise<string[]> {
  const expanded: string[] = [];
  for (const argument of args) expanded.push(...(await expandArgument(argument, around)));
  return expanded;
}

/** One argument as one text, e.g. the target of a redirection: `~` is expanded, patterns are not. */
export function expandHome(argument: PlannedArgument, home: string): string {
  return textOf(withHome(argument.pieces, home));
}

async function expandArgument(argument: PlannedArgument, around: Surroundings): Promise<string[]> {
  if (argument.kind === 'program') return [expandHome(argument, around.home)];
  if (argument.kind !== 'path' && argument.kind !== 'directory') return [argument.text];
  const pieces = withHome(argument.pieces, around.home);
  const pattern = pieces.map(({ text, quoted }) => (quoted ? text.replace(SYNTAX, '\\$&') : text)).join('');
  if (!isWildcard(pattern)) return [textOf(pieces)];
  const found = await matchPaths(pattern, around);
  return found.length > 0 ? found.sort() : [textOf(pieces)];
}

function withHome(pieces: Pieces, home: string): Pieces {
  const [first, ...rest] = pieces;
  if (first === undefined || first.quoted || !first.text.startsWith('~')) return pieces;
  const alone = first.text === '~' && rest.length === 0;
  if (!alone && !first.text.startsWith('~/')) return pieces;
  return [{ text: home, quoted: true }, { text: first.text.slice(1), quoted: false }, ...rest];
}

function textOf(pieces: Pieces): string {
  return pieces.map((piece) => piece.text).join('');
}

/** Walks the pattern segment by segment, so that only directories on its way are read. */
async function matchPaths(pattern: string, around: Surroundings): Promise<string[]> {
  const ending = pattern.endsWith('/') ? '/' : '';
  const segments = pattern.split('/').filter((segment) => segment !== '');
  let bases = [pattern.startsWith('/') ? '/' : ''];
  for (const [index, segment] of segments.entries()) {
    const mayBeFile = index === segments.length - 1 && ending === '';
    const found: string[] = [];
    for (const base of bases) {
      around.signal.throwIfAborted();
      for (const name of await matchSegment(base, segment, mayBeFile, around.cwd)) found.push(name);
    }
    bases = found;
  }
  return bases.map((base) => base + ending);
}

async function matchSegment(base: string, segment: string, mayBeFile: boolean, cwd: string): Promise<string[]> {
  const prefix = base === '' || base.endsWith('/') ? base : `${base}/`;
  if (!isWildcard(segment)) {
    const file = prefix + literalText(segment);
    const exists = await access(rawPath(absolutePath(cwd, file))).then(
      () => true,
      () => false,
    );
    return exists ? [file] : [];
  }
  const matches = wildcard(segment);
  // What can't be read has no matches, as in a shell.
  const entries = await readDirectory(rawPath(absolutePath(cwd, base || '.')), true).catch(() => []);
  return entries
    .filter((entry) => mayBeFile || entry.isDirectory() || entry.isSymbolicLink())
    .map((entry) => argumentOf(toRaw(entry.name)))
    .filter(matches)
    .map((name) => prefix + name);
}
