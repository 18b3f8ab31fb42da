import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import picomatch from 'picomatch';
import type { PlannedArgument } from '../language';

type Pieces = PlannedArgument['pieces'];

const MAGIC = /[*?[]/;
const ESCAPED = /\\(.)/g;
/** What picomatch would take for syntax beyond the patterns of a POSIX shell, and with them those. */
const FOREIGN_SYNTAX = /[\\(){}!+@|]/g;
const ALL_SYNTAX = /[\\(){}!+@|*?[\]]/g;

/**
 * The arguments of a command as it gets them: in unquoted parts of those declared as paths, a leading `~` is the home
 * directory and `*`, `?`, `[…]` are replaced by the names that match, sorted. A pattern that matches nothing stays as
 * written. Names that start with a dot are matched only by a dot.
 */
export function expandArguments(args: readonly PlannedArgument[], cwd: string, home: string): string[] {
  return args.flatMap((argument) => {
    if (argument.kind === 'program') return [expandHome(argument, home)];
    if (argument.kind !== 'path' && argument.kind !== 'directory') return [argument.text];
    const pieces = withHome(argument.pieces, home);
    if (!pieces.some((piece) => !piece.quoted && MAGIC.test(piece.text))) return [textOf(pieces)];
    const found = matchPaths(patternOf(pieces), cwd);
    return found.length > 0 ? found.sort() : [textOf(pieces)];
  });
}

/** One argument as one text, e.g. the target of a redirection: `~` is expanded, patterns are not. */
export function expandHome(argument: PlannedArgument, home: string): string {
  return textOf(withHome(argument.pieces, home));
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

function patternOf(pieces: Pieces): string {
  return pieces
    .map((piece) => (piece.quoted ? piece.text.replace(ALL_SYNTAX, '\\$&') : unquotedPattern(piece.text)))
    .join('');
}

/** picomatch knows the negated set of regular expressions alone: `[!a]` of a shell is its `[^a]`. */
function unquotedPattern(text: string): string {
  return text.replace(FOREIGN_SYNTAX, '\\$&').replace(/\[\\!/g, '[^');
}

/** Walks the pattern segment by segment, so that only directories on its way are read. */
function matchPaths(pattern: string, cwd: string): string[] {
  const ending = pattern.endsWith('/') ? '/' : '';
  const segments = pattern.split('/').filter((segment) => segment !== '');
  let bases = [pattern.startsWith('/') ? '/' : ''];
  segments.forEach((segment, index) => {
    const mayBeFile = index === segments.length - 1 && ending === '';
    bases = bases.flatMap((base) => matchSegment(base, segment, mayBeFile, cwd));
  });
  return bases.map((base) => base + ending);
}

function matchSegment(base: string, segment: string, mayBeFile: boolean, cwd: string): string[] {
  const prefix = base === '' || base.endsWith('/') ? base : `${base}/`;
  if (!MAGIC.test(segment.replace(ESCAPED, ''))) {
    const file = prefix + segment.replace(ESCAPED, '$1');
    return existsSync(path.resolve(cwd, file)) ? [file] : [];
  }
  const matches = picomatch(segment, { dot: segment.startsWith('.'), nonegate: true, noglobstar: true, posix: true });
  try {
    return readdirSync(path.resolve(cwd, base), { withFileTypes: true })
      .filter((entry) => (mayBeFile || entry.isDirectory() || entry.isSymbolicLink()) && matches(entry.name))
      .map((entry) => prefix + entry.name);
  } catch {
    return []; // what can't be read has no matches, as in a shell
  }
}
