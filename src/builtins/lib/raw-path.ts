import path from 'node:path';
import { type RawPath, rawPath, toRaw } from '../../engine';
import { HotwireError } from '../../errors';

/** A file, and how a person calls it. */
export interface NamedFile {
  readonly file: RawPath;
  readonly shown: string;
}

const SLASH = '/'.charCodeAt(0);

/** The file that an argument names. */
export function namedFile(cwd: string, argument: string): NamedFile {
  return { file: rawPath(path.resolve(cwd, argument)), shown: rawPath(argument).toString() };
}

/** The path of an entry of a directory. */
export function joinRaw(directory: RawPath, name: Buffer): RawPath {
  const text = name.toString();
  if (typeof directory === 'string' && !text.includes('\ufffd'))
    return directory + (directory === '/' ? '' : '/') + text;
  const parent = Buffer.from(directory);
  return toRaw(Buffer.concat([parent, Buffer.from(parent.at(-1) === SLASH ? '' : '/'), name]));
}

/** The directory of an absolute path and its name there; the name of the root is empty. */
export function splitRaw(file: RawPath): { directory: RawPath; name: Buffer } {
  const bytes = Buffer.from(file);
  const slash = bytes.lastIndexOf(SLASH);
  return { directory: slash > 0 ? toRaw(bytes.subarray(0, slash)) : '/', name: bytes.subarray(slash + 1) };
}

/** The path of a File that flows in. @throws InvalidArgs for an object without one, e.g. one that was fed */
export function pathOfFile(object: unknown): RawPath {
  const { path: shown, path_bytes: bytes } = (object ?? {}) as Readonly<Record<string, unknown>>;
  const file = typeof bytes === 'string' ? toRaw(Buffer.from(bytes, 'base64')) : shown;
  if ((typeof file === 'string' || Buffer.isBuffer(file)) && Buffer.from(file)[0] === SLASH && !file.includes('\0')) {
    return file;
  }
  throw new HotwireError('InvalidArgs', 'an object has no absolute path: a File is needed, as ls and walk yield it');
}
