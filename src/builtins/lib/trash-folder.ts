/** Where trash is kept: one folder in the user's home, one on each other file system (freedesktop.org trash specification 1.0). */

import { randomBytes } from 'node:crypto';
import { lstat, mkdir, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, homeOf, type RawPath } from '../../engine';
import { HotwireError } from '../../errors';
import { codeOf, exists } from './place';
import { joinRaw } from './raw-path';

/** For nobody else: it holds what others were not to see. */
const PRIVATE = 0o700;
const STICKY = 0o1000;
/** Longest name of a file on the usual file systems, in bytes. */
const MAX_NAME_BYTES = 255;
const INFO_ENDING = '.trashinfo';
/** Random bytes of a name whose like is in the trash already. */
const SUFFIX_BYTES = 4;
/** Names to try; with that many taken something else is wrong. */
const MAX_TRIES = 100;
/** Bytes that stand for themselves in the path of an info file (RFC 2396). */
const PLAIN_BYTE = /[A-Za-z0-9\-_.!~*'()/]/;

/** A folder for trash that is there and ours. */
export interface TrashFolder {
  readonly files: string;
  readonly info: string;
  /** What paths in its info files are relative to; undefined: they are absolute. */
  readonly top: string | undefined;
}

/** A name that was free and is now ours. */
export interface TrashPlace {
  readonly file: RawPath;
  readonly info: RawPath;
}

/** The folder in the user's home. @throws the system's error when there is none and it can't be made */
export async function homeTrash(environment: Readonly<Record<string, string>>): Promise<TrashFolder> {
  const { XDG_DATA_HOME: data = '' } = environment;
  // A relative path is invalid and to be ignored (XDG base directory specification).
  const base = path.isAbsolute(data) ? data : path.join(homeOf(environment), '.local', 'share');
  return makeFolder(path.join(base, 'Trash'), undefined);
}

/** The user's folder on the file system that is mounted at `top`. @throws Failed when it can't be had, saying why */
export async function topTrash(top: string): Promise<TrashFolder> {
  const uid = process.getuid?.() ?? 0;
  const shared = path.join(top, '.Trash');
  const found = await lstat(shared).catch(() => undefined); // there mostly is none
  if (found?.isDirectory() && (found.mode & STICKY) !== 0) {
    // One that can't be used is passed over, as the specification has it.
    const own = await makeOwn(path.join(shared, String(uid)), uid, top).catch(() => undefined);
    if (own) return own;
  }
  return makeOwn(path.join(top, `.Trash-${uid}`), uid, top);
}

async function makeOwn(folder: string, uid: number, top: string): Promise<TrashFolder> {
  try {
    await mkdir(folder, { mode: PRIVATE });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') {
      const why = describe(error as NodeJS.ErrnoException);
      throw new HotwireError(
        'Failed',
        `the trash of its file system can't be made: ${folder}: ${why}: rm -u removes without one`,
        {
          cause: error,
        },
      );
    }
  }
  const found = await lstat(folder);
  // Somebody else could have made it, to see what is deleted.
  if (!found.isDirectory() || found.uid !== uid) {
    throw new HotwireError(
      'Failed',
      `the trash of its file system can't be used: ${folder} is not a directory of yours: rm -u removes without one`,
    );
  }
  return makeFolder(folder, top);
}

async function makeFolder(folder: string, top: string | undefined): Promise<TrashFolder> {
  const [files, info] = [path.join(folder, 'files'), path.join(folder, 'info')];
  for (const directory of [files, info]) await mkdir(directory, { recursive: true, mode: PRIVATE });
  return { files, info, top };
}

/**
 * Takes a free name in a folder, by writing the info file first: whoever comes second fails to make it.
 * @param original absolute path of what will lie there
 */
export async function reservePlace(folder: TrashFolder, original: RawPath, name: Buffer): Promise<TrashPlace> {
  const text = infoText(original, folder.top, new Date());
  for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
    const candidate =
      attempt === 0 ? nameWith(name, '') : nameWith(name, `.${randomBytes(SUFFIX_BYTES).toString('hex')}`);
    const info = joinRaw(folder.info, Buffer.concat([candidate, Buffer.from(INFO_ENDING)]));
    try {
      await writeFile(info, text, { flag: 'wx', mode: 0o600 });
    } catch (error) {
      if (codeOf(error) === 'EEXIST') continue;
      throw error;
    }
    const file = joinRaw(folder.files, candidate);
    if (!(await exists(file))) return { file, info };
    await unlink(info); // something lies there without an info file: it stays
  }
  throw new HotwireError('Failed', `${folder.files}: no free name for ${name}: empty the trash`);
}

/** A name with a suffix, cut where the info file's would be too long, at the end of a character. */
function nameWith(name: Buffer, suffix: string): Buffer {
  const room = MAX_NAME_BYTES - INFO_ENDING.length - suffix.length;
  let end = Math.min(name.length, room);
  if (end < name.length) while (end > 1 && ((name[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return Buffer.concat([name.subarray(0, end), Buffer.from(suffix)]);
}

function infoText(original: RawPath, top: string | undefined, now: Date): string {
  const bytes = Buffer.from(original);
  const below = top === undefined ? 0 : Buffer.byteLength(top === '/' ? top : `${top}/`);
  const encoded = [...bytes.subarray(below)].map((byte) => {
    const letter = String.fromCharCode(byte);
    return PLAIN_BYTE.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  });
  const two = (value: number) => String(value).padStart(2, '0');
  const date = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join('-');
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join(':');
  return `[Trash Info]\nPath=${encoded.join('')}\nDeletionDate=${date}T${time}\n`;
}
