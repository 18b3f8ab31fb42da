import { constants } from 'node:fs';
import { access, lstat, stat } from 'node:fs/promises';
import { type Batch, type Builtin, type RawPath, readDirectory, type Stage, textOf } from '../engine';
import { slicesOf } from './lib/batches';
import { describeFiles, unreadableFile, unusable } from './lib/files';
import { joinRaw, namedPath } from './lib/raw-path';

const FILE = 'hotwire.sysdep.fs.File';

export const ls: Builtin = {
  name: 'ls',
  aliases: ['dir'],
  summary: 'Files: what is in directories, or the files that are named',
  help:
    'Without a path it lists the directory that you are in. Each directory is listed sorted by name. A path that is named and ' +
    'can not be looked at is an error; what is found in a directory, or comes from the input, has a stat_error then. Every File has all its properties, so -l changes nothing; it is there for the habit. ' +
    'It takes input with -i alone.',
  options: [
    { name: 'long', short: 'l', summary: 'No effect: every File has all its properties' },
    { name: 'all', short: 'a', summary: 'Also names that start with a dot' },
    { name: 'input', short: 'i', summary: 'List the paths that flow in, too' },
  ],
  arguments: [{ name: 'path', kind: 'path', optional: true, repeated: true }],
  input: { type: 'string', optional: true, unless: ({ options }) => !options.has('input') },
  output: FILE,
  idempotent: true,
  examples: [
    {
      text: 'ls | prop basename',
      shows: 'the names in this directory',
      files: { 'b.txt': '', 'a.txt': '', '.hidden': '' },
      result: ['a.txt', 'b.txt'],
    },
    {
      text: 'ls *.txt | sort -r size | prop size',
      shows: 'files that match a pattern, by size',
      files: { 'a.txt': 'a', 'b.txt': 'bbb', c: '' },
      result: [3, 1],
    },
    { text: 'ls -a /', shows: 'everything in the root directory' },
  ],
  async *run(stage) {
    const fed = stage.options.has('input') && stage.hasInput;
    if (stage.args.length > 0 || !fed) {
      yield* listAll(stage.args.length > 0 ? stage.args : ['.'], stage, true);
    }
    if (!fed) return;
    for await (const batch of stage.input) yield* listAll(batch.objects.map(textOf), stage, false);
  },
};

/**
 * What is in directories, and other files themselves, in the order of `paths`.
 * @param named whether a path that can't be looked at is an error, after what comes before it; else it says why as a File
 */
async function* listAll(
  paths: readonly string[],
  { cwd, options }: Pick<Stage, 'cwd' | 'options'>,
  named: boolean,
): AsyncGenerator<Batch> {
  let files: RawPath[] = [];
  for (const argument of paths) {
    const { file, shown } = namedPath(cwd, argument);
    const isDirectory = await stat(file).then(
      (found) => found.isDirectory(),
      () => false,
    );
    const failure = named ? await failureOf(file, isDirectory) : undefined;
    if (!isDirectory && !failure) {
      files.push(file);
      continue;
    }
    yield* filesOf(files);
    files = [];
    if (failure) throw unusable(shown, failure);
    yield* listDirectory(file, options.has('all'));
  }
  yield* filesOf(files);
}

/** Why a path can't be looked at, if so. A link to nothing can. */
async function failureOf(file: RawPath, isDirectory: boolean): Promise<unknown> {
  return (isDirectory ? access(file, constants.R_OK) : lstat(file)).then(
    () => undefined,
    (error) => error,
  );
}

/** What is in a directory, sorted by name. */
export async function* listDirectory(directory: RawPath, hidden: boolean): AsyncGenerator<Batch> {
  let paths: RawPath[];
  try {
    paths = (await readDirectory(directory, hidden)).map((entry) => joinRaw(directory, entry.name));
  } catch (error) {
    yield { className: FILE, objects: [unreadableFile(directory, error as NodeJS.ErrnoException, true)] };
    return;
  }
  yield* filesOf(paths);
}

async function* filesOf(paths: readonly RawPath[]): AsyncGenerator<Batch> {
  for (const slice of slicesOf(paths)) yield { className: FILE, objects: await describeFiles(slice) };
}
