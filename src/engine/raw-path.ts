/**
 * Paths that are not valid UTF-8. Node would replace the bad bytes in a text, and the file could not be found under it:
 * here they survive as bytes (RawPath), and in the arguments of a command as lone surrogates, as Python's
 * surrogateescape has it: U+DC80…U+DCFF for 0x80…0xFF. No text that comes from elsewhere holds those.
 */
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { HotwireError } from '../errors';

/** A path as the system has it: as text where it is valid UTF-8, else as bytes. */
export type RawPath = string | Buffer;

const DOT = '.'.charCodeAt(0);
/** Added to a bad byte. */
const ESCAPE_BASE = 0xdc00;
/** With the flag u: one that is half of a pair does not match. */
const ESCAPED = /[\udc80-\udcff]/u;
const SPLIT_ESCAPED = /([\udc80-\udcff])/u;
/** Of bytes, one a letter: a whole character of UTF-8 beyond ASCII (RFC 3629), or a byte that belongs to none. */
const CHARACTER_OR_BYTE =
  /([\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})|[\x80-\xff]/g;

/** Bytes of a path as text, if they are valid UTF-8. */
export function toRaw(bytes: Buffer): RawPath {
  const text = bytes.toString();
  return bytes.equals(Buffer.from(text)) ? text : bytes;
}

/** An argument, or a path made from one, as the system has it. */
export function rawPath(text: string): RawPath {
  if (!ESCAPED.test(text)) return text;
  const parts = text.split(SPLIT_ESCAPED);
  return toRaw(
    Buffer.concat(
      parts.map((part) => (ESCAPED.test(part) ? Buffer.from([part.charCodeAt(0) - ESCAPE_BASE]) : Buffer.from(part))),
    ),
  );
}

/**
 * The absolute path that an argument names from `cwd`. Only what the text alone decides is resolved: a `..` after a name
 * stays, as does a slash at the end, for the system: where the name is a link, `..` is not where the text has it.
 * @param cwd absolute and without links, so that a `..` before any name can be resolved
 * @throws InvalidArgs for an empty one: it names nothing, and not the directory itself
 */
export function absolutePath(cwd: string, argument: string): string {
  if (argument === '') throw new HotwireError('InvalidArgs', "'': no such file or directory: the name is empty");
  const names: string[] = [];
  let base = argument.startsWith('/') ? '/' : cwd;
  for (const name of argument.split('/')) {
    if (name === '' || name === '.') continue;
    if (name === '..' && names.length === 0) base = path.dirname(base);
    else names.push(name);
  }
  if (names.length === 0) return base;
  return `${base === '/' ? '' : base}/${names.join('/')}${/\/\.?$/.test(argument) ? '/' : ''}`;
}

/** A path as an argument: `rawPath` turns it back. */
export function argumentOf(file: RawPath): string {
  if (typeof file === 'string') return file;
  return file
    .toString('latin1')
    .replace(CHARACTER_OR_BYTE, (byte, character?: string) =>
      character === undefined
        ? String.fromCharCode(ESCAPE_BASE + byte.charCodeAt(0))
        : Buffer.from(character, 'latin1').toString(),
    );
}

/** An argument for people: bad bytes are U+FFFD. */
export function shownArgument(text: string): string {
  return rawPath(text).toString();
}

/**
 * Refuses arguments that something which takes text alone could not be given.
 * @throws InvalidArgs, naming the file with its bad bytes as \xff
 */
export function assertText(command: string, args: readonly string[]): void {
  const bad = args.find((argument) => ESCAPED.test(argument));
  if (bad === undefined) return;
  const parts = bad.split(SPLIT_ESCAPED);
  const name = parts
    .map((part) => (ESCAPED.test(part) ? `\\x${(part.charCodeAt(0) - ESCAPE_BASE).toString(16)}` : part))
    .join('');
  throw new HotwireError(
    'InvalidArgs',
    `${command}: the name ${name} is not valid UTF-8 and can't be passed on: rename the file (mv and a pattern), ` +
      `use a command that takes it (ls, cat, cp, rm), or let a shell expand the pattern (sh PROGRAM *)`,
  );
}

/** What is in a directory, sorted by name. Without `hidden`, names that start with a dot are left out. */
export async function readDirectory(directory: RawPath, hidden: boolean): Promise<Dirent<Buffer>[]> {
  const entries = (await readdir(directory, {
    withFileTypes: true,
    encoding: 'buffer',
  })) as unknown as Dirent<Buffer>[];
  const wanted = hidden ? entries : entries.filter((entry) => entry.name[0] !== DOT);
  return wanted.sort((a, b) => Buffer.compare(a.name, b.name));
}
