/** Candidates that are files. What can't be read has none, as in a shell. */
import type { Dirent } from 'node:fs';
import { access, constants, opendir, stat } from 'node:fs/promises';
import path from 'node:path';
import { MAX_CANDIDATES, MAX_COMPLETED_NAMES } from '../limits';
import type { Suggestion } from './complete-words';
import { expandTilde } from './context';
import { directoriesOf } from './programs';
import { absolutePath } from './raw-path';

/** Entries that are read at once, while others wait. */
const READ_AHEAD = 512;
/** In a name that is not UTF-8: the text does not name the file. */
const NOT_UTF8 = '\ufffd';

interface Around {
  readonly cwd: string;
  /** What a leading `~` stands for; undefined where it is only a sign. */
  readonly home: string | undefined;
}

/** Files, directories, or what may be run as a program (and directories on the way), whose path begins with `typed`. */
export async function completePaths(
  typed: string,
  want: 'path' | 'directory' | 'program',
  { cwd, home }: Around,
): Promise<Suggestion[]> {
  if (home !== undefined && typed === '~') return [{ value: '~/', description: home }];
  const slash = typed.lastIndexOf('/') + 1;
  const parent = typed.slice(0, slash);
  const begun = typed.slice(slash);
  if (begun === '..') return [{ value: `${typed}/`, description: '' }];

  const directory = absolutePath(cwd, (home === undefined ? parent : expandTilde(parent, home)) || '.');
  const wanted = (entry: Dirent) => want !== 'directory' || !entry.isFile();
  const entries = (await readNames(directory, begun, wanted)).slice(0, MAX_CANDIDATES);
  const found = await Promise.all(
    entries.map(async (entry) => {
      const file = path.join(directory, entry.name);
      // a name that would be taken for an option
      const value = (typed === '' && entry.name.startsWith('-') ? './' : parent) + entry.name;
      if (await isDirectory(entry, file)) return `${value}/`;
      if (want === 'directory' || (want === 'program' && !(await mayRun(file)))) return undefined;
      return value;
    }),
  );
  return found.filter((value) => value !== undefined).map((value) => ({ value, description: '' }));
}

/** Programs on a PATH whose name begins with `typed`; of several with one name the first, as it is that which runs. */
export async function completePrograms(typed: string, searchPath: string, cwd: string): Promise<Suggestion[]> {
  const found = new Map<string, string>();
  for (const part of directoriesOf(searchPath)) {
    const room = MAX_CANDIDATES - found.size;
    if (room === 0) break;
    const directory = path.resolve(cwd, part);
    const names = (await readNames(directory, typed, (entry) => !entry.isDirectory()))
      .filter(({ name }) => !found.has(name))
      .slice(0, room)
      .map(({ name }) => ({ name, file: path.join(directory, name) }));
    const runnable = await Promise.all(names.map(({ file }) => mayRun(file)));
    for (const [index, { name, file }] of names.entries()) if (runnable[index]) found.set(name, file);
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([value, description]) => ({ value, description }));
}

/** Entries whose name begins with `begun`, sorted; hidden ones only if that begins with a dot. */
async function readNames(directory: string, begun: string, wanted: (entry: Dirent) => boolean): Promise<Dirent[]> {
  const entries: Dirent[] = [];
  let left = MAX_COMPLETED_NAMES;
  try {
    for await (const entry of await opendir(directory, { bufferSize: READ_AHEAD })) {
      const { name } = entry;
      const shown = name.startsWith(begun) && (begun !== '' || !name.startsWith('.')) && !name.includes(NOT_UTF8);
      if (shown && wanted(entry)) entries.push(entry);
      left -= 1;
      if (left === 0) break;
    }
  } catch {
    // PATH may name directories that do not exist, and so may a word that is half typed.
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function isDirectory(entry: Dirent, file: string): Promise<boolean> {
  if (entry.isDirectory() || entry.isFile()) return entry.isDirectory();
  return stat(file).then(
    (found) => found.isDirectory(),
    () => false, // a link to nothing
  );
}

function mayRun(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
