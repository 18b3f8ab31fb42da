import type { Stats } from 'node:fs';
import { constants } from 'node:fs';
import { lstat, readlink, stat } from 'node:fs/promises';
import path from 'node:path';
import { describe, type RawPath } from '../../engine';
import { HotwireError } from '../../errors';
import { groupNames, type NameOf, userNames } from './names';

/** See the class hotwire.sysdep.fs.File. */
export interface FileObject {
  readonly path: string;
  readonly basename: string;
  readonly size: number | null;
  readonly is_directory: boolean;
  readonly is_executable: boolean;
  readonly is_link: boolean;
  readonly hidden: boolean;
  readonly file_type_char: string | null;
  readonly permissions_string: string | null;
  readonly mode: number | null;
  readonly mtime: number | null;
  readonly owner: number | null;
  readonly group: number | null;
  readonly owner_name: string | null;
  readonly group_name: string | null;
  readonly link_target: string | null;
  readonly stat_error: string | null;
  readonly path_bytes?: string;
}

const TYPE_CHARS: Readonly<Record<number, string>> = {
  [constants.S_IFREG]: '-',
  [constants.S_IFDIR]: 'd',
  [constants.S_IFLNK]: 'l',
  [constants.S_IFIFO]: 'p',
  [constants.S_IFSOCK]: 's',
  [constants.S_IFCHR]: 'c',
  [constants.S_IFBLK]: 'b',
};

/** Files as objects, in order. One that can't be looked at says why in stat_error; none is left out. */
export function describeFiles(paths: readonly RawPath[]): Promise<FileObject[]> {
  const [userName, groupName] = [userNames(), groupNames()];
  return Promise.all(paths.map((file) => describeFile(file, userName, groupName)));
}

async function describeFile(file: RawPath, userName: NameOf, groupName: NameOf): Promise<FileObject> {
  try {
    const own = await lstat(file);
    if (!own.isSymbolicLink()) return toObject(file, own, own, null, userName, groupName);
    const target = await readlink(file, 'buffer');
    const followed = await stat(file).catch(() => undefined); // a link to nothing is a file all the same
    return toObject(file, own, followed, target.toString(), userName, groupName);
  } catch (error) {
    return unreadableFile(file, error as NodeJS.ErrnoException);
  }
}

/** Why a file that was named can't be had: unlike one that was only found, it fails the command. */
export function unusable(shown: string, cause: unknown): HotwireError {
  return new HotwireError('Failed', `${shown}: ${describe(cause as NodeJS.ErrnoException)}`, { cause });
}

/** A file of which nothing is known but why. */
export function unreadableFile(file: RawPath, error: NodeJS.ErrnoException, isDirectory = false): FileObject {
  const shown = file.toString();
  const basename = basenameOf(shown);
  return withBytes(file, {
    path: shown,
    basename,
    size: null,
    is_directory: isDirectory,
    is_executable: false,
    is_link: false,
    hidden: basename.startsWith('.'),
    file_type_char: null,
    permissions_string: null,
    mode: null,
    mtime: null,
    owner: null,
    group: null,
    owner_name: null,
    group_name: null,
    link_target: null,
    stat_error: describe(error),
  });
}

/** @param followed what a link leads to, `own` for anything else; undefined for a link to nothing */
function toObject(
  file: RawPath,
  own: Stats,
  followed: Stats | undefined,
  linkTarget: string | null,
  userName: NameOf,
  groupName: NameOf,
): FileObject {
  const shown = file.toString();
  const basename = basenameOf(shown);
  return withBytes(file, {
    path: shown,
    basename,
    size: own.isFile() ? own.size : null,
    is_directory: followed?.isDirectory() ?? false,
    is_executable: isExecutable(followed),
    is_link: own.isSymbolicLink(),
    hidden: basename.startsWith('.'),
    file_type_char: TYPE_CHARS[own.mode & constants.S_IFMT] ?? '?',
    permissions_string: permissionsOf(own.mode),
    mode: own.mode,
    mtime: own.mtimeMs / 1000,
    owner: own.uid,
    group: own.gid,
    owner_name: userName(own.uid),
    group_name: groupName(own.gid),
    link_target: linkTarget,
    stat_error: null,
  });
}

/** @param followed what it is or leads to */
function isExecutable(followed: Stats | undefined): boolean {
  return followed?.isFile() === true && (followed.mode & 0o111) !== 0;
}

/** The root's own name is `/`. */
function basenameOf(shown: string): string {
  return path.basename(shown) || shown;
}

function withBytes(file: RawPath, object: FileObject): FileObject {
  return typeof file === 'string' ? object : { ...object, path_bytes: file.toString('base64') };
}

/** `rwxr-xr-x`, with s and t for the bits that change who it runs as and who may delete in it. */
function permissionsOf(mode: number): string {
  const letters = (bits: number, special: boolean, letter: string) => {
    const execute = bits & 1 ? (special ? letter : 'x') : special ? letter.toUpperCase() : '-';
    return (bits & 4 ? 'r' : '-') + (bits & 2 ? 'w' : '-') + execute;
  };
  return (
    letters(mode >> 6, (mode & 0o4000) !== 0, 's') +
    letters(mode >> 3, (mode & 0o2000) !== 0, 's') +
    letters(mode, (mode & 0o1000) !== 0, 't')
  );
}
