import { realpathSync } from 'node:fs';
import { absolutePath, type RawPath, rawPath, shownArgument, toRaw } from '../../engine';
import { HotwireError } from '../../errors';

/** A file, and how a person calls it. */
export interface NamedFile {
  readonly file: RawPath;
  readonly shown: string;
}

const SLASH = '/'.charCodeAt(0);

/**
 * What an argument names, to be read or written: with a slash at the end nothing but a directory, as for every program.
 * @throws InvalidArgs for an empty one
 */
export function namedPath(cwd: string, argument: string): NamedFile {
  return { file: rawPath(absolutePath(cwd, argument)), shown: shownArgument(argument) };
}

/**
 * The entry of a directory that an argument names, to be made, moved, copied or removed: of a link the link itself, with
 * a slash at the end or without.
 * @throws InvalidArgs for an empty one
 */
export function namedFile(cwd: string, argument: string): NamedFile {
  const { file, shown } = namedPath(cwd, argument);
  return { file: withoutSlash(endsInDots(file) ? realPathOf(file) : file), shown };
}

/** Whether the last name in a path is `.` or `..`, which is no name of its own. */
export function endsInDots(file: RawPath): boolean {
  return ['.', '..'].includes(splitRaw(file).name.toString());
}

/** Resolved by the system. Of a path that leads nowhere the path: using it says why. */
function realPathOf(file: RawPath): RawPath {
  try {
    return toRaw(realpathSync.native(file, 'buffer'));
  } catch {
    return file;
  }
}

/** A path without the slashes at its end, but for that of the root. */
function withoutSlash(file: RawPath): RawPath {
  let end = file.length;
  while (end > 1 && (file[end - 1] === '/' || file[end - 1] === SLASH)) end -= 1;
  return typeof file === 'string' ? file.slice(0, end) : toRaw(file.subarray(0, end));
}

/** The path of an entry of a directory. */
export function joinRaw(directory: RawPath, name: Buffer): RawPath {
  const text = name.toString();
  if (typeof directory === 'string' && !text.includes('\ufffd'))
    return directory + (directory.endsWith('/') ? '' : '/') + text;
  const parent = Buffer.from(directory);
  return toRaw(Buffer.concat([parent, Buffer.from(parent.at(-1) === SLASH ? '' : '/'), name]));
}

/** The directory of an absolute path and its name there; the name of the root is empty. */
export function splitRaw(file: RawPath): { directory: RawPath; name: Buffer } {
  const bytes = Buffer.from(withoutSlash(file));
  const slash = bytes.lastIndexOf(SLASH);
  return { directory: slash > 0 ? toRaw(bytes.subarray(0, slash)) : '/', name: bytes.subarray(slash + 1) };
}

/** The path of a File that flows in, as `namedFile` has it. @throws InvalidArgs for an object without one, e.g. one that was fed */
export function pathOfFile(object: unknown): RawPath {
  const { path: shown, path_bytes: bytes } = (object ?? {}) as Readonly<Record<string, unknown>>;
  const file = typeof bytes === 'string' ? toRaw(Buffer.from(bytes, 'base64')) : shown;
  if ((typeof file === 'string' || Buffer.isBuffer(file)) && Buffer.from(file)[0] === SLASH && !file.includes('\0')) {
    return withoutSlash(file);
  }
  throw new HotwireError('InvalidArgs', 'an object has no absolute path: a File is needed, as ls and walk yield it');
}
