import { type Batch, type Builtin, type RawPath, readDirectory } from '../engine';
import { BATCH_OBJECTS } from './lib/batches';
import { describeFiles, type FileObject, unreadableFile, unusable } from './lib/files';
import { joinRaw, namedPath } from './lib/raw-path';

const FILE = 'hotwire.sysdep.fs.File';

export const walk: Builtin = {
  name: 'walk',
  summary: 'Files below a directory, at any depth',
  help:
    'Everything but directories, sorted by name within each directory. Links to directories are yielded and not followed. A directory ' +
    'below that can not be read is yielded itself, with stat_error; one that vanishes meanwhile is too.',
  options: [{ name: 'all', short: 'a', summary: 'Also names that start with a dot, and what is below them' }],
  arguments: [{ name: 'directory', kind: 'directory', optional: true }],
  input: null,
  output: FILE,
  idempotent: true,
  examples: [
    {
      text: 'walk | prop basename',
      shows: 'names of all files below this directory',
      files: { 'b/c/deep.txt': '', 'a.txt': '', '.git/config': '' },
      result: ['a.txt', 'deep.txt'],
    },
    { text: 'walk /etc | head 3', shows: 'the first three files below /etc' },
  ],
  async *run({ args, cwd, options }) {
    const { file, shown } = namedPath(cwd, args[0] ?? '.');
    yield* walkBelow(file, shown, options.has('all'));
  },
};

/** @throws Failed when the root itself can't be read, naming it as `shown` */
async function* walkBelow(root: RawPath, shown: string, hidden: boolean): AsyncGenerator<Batch> {
  const directories: RawPath[] = [root];
  let files: RawPath[] = [];
  let unreadable: FileObject[] = [];
  for (let directory = directories.pop(); directory !== undefined; directory = directories.pop()) {
    const found: RawPath[] = [];
    try {
      for (const entry of await readDirectory(directory, hidden)) {
        (entry.isDirectory() ? found : files).push(joinRaw(directory, entry.name));
      }
    } catch (error) {
      if (directory === root) throw unusable(shown, error);
      unreadable.push(unreadableFile(directory, error as NodeJS.ErrnoException, true));
    }
    directories.push(...found.reverse());
    while (files.length >= BATCH_OBJECTS) {
      yield { className: FILE, objects: await describeFiles(files.slice(0, BATCH_OBJECTS)) };
      files = files.slice(BATCH_OBJECTS);
    }
    if (unreadable.length > 0) {
      yield { className: FILE, objects: unreadable };
      unreadable = [];
    }
  }
  if (files.length > 0) yield { className: FILE, objects: await describeFiles(files) };
}
