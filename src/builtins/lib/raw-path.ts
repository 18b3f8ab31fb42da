import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';

/**
 * A path as the system has it: as text where it is valid UTF-8, else as bytes. Node would replace bad bytes in a text,
 * and the file could not be found under it.
 */
export type RawPath = string | Buffer;

/** What is in a directory, sorted by name. Without `hidden`, names that start with a dot are left out. */
export async function readDirectory(directory: RawPath, hidden: boolean): Promise<Dirent<Buffer>[]> {
  const entries = (await readdir(directory, {
    withFileTypes: true,
    encoding: 'buffer',
  })) as unknown as Dirent<Buffer>[];
  const wanted = hidden ? entries : entries.filter((entry) => entry.name[0] !== DOT);
  return wanted.sort((a, b) => Buffer.compare(a.name, b.name));
}

const DOT = '.'.charCodeAt(0);
const SLASH = '/'.charCodeAt(0);

/** The path of an entry of a directory. */
export function joinRaw(directory: RawPath, name: Buffer): RawPath {
  const text = name.toString();
  if (typeof directory === 'string' && !text.includes('\ufffd'))
    return directory + (directory === '/' ? '' : '/') + text;
  const parent = Buffer.from(directory);
  const joined = Buffer.concat([parent, Buffer.from(parent.at(-1) === SLASH ? '' : '/'), name]);
  return joined.equals(Buffer.from(joined.toString())) ? joined.toString() : joined;
}
