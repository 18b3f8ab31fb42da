import { lstat, unlink } from 'node:fs/promises';
import { type Batch, type Builtin, describe, type RawPath, rawPath, type Stage } from '../engine';
import { HotwireError } from '../errors';
import { Failures } from './lib/failures';
import { finisher } from './lib/finish';
import { codeOf } from './lib/place';
import { endsInDots, type NamedFile, namedFile, pathOfFile, splitRaw } from './lib/raw-path';
import { Trash } from './lib/trash';
import { removeTree } from './lib/tree';

export const rm: Builtin = {
  name: 'rm',
  aliases: ['delete'],
  summary: 'Moves files and directories to the trash',
  help:
    'Files come as arguments, or as File objects that flow in. A directory goes to the trash whole, no option ' +
    'needed, and undo brings everything back to where it was. With -u they are removed for good: undo can not bring ' +
    'them back, and a directory needs -r. The trash is the one of your desktop: in your home, or on the file system ' +
    'of the file (.Trash-UID), where -u is the way out if there can be none. What can not be removed is told at the ' +
    'end, after the others.',
  options: [
    { name: 'unlink', short: 'u', summary: 'Remove for good, which can not be undone' },
    { name: 'recursive', short: 'r', summary: 'With -u: also directories, with all that is in them' },
    { name: 'force', short: 'f', summary: 'Files that are not there are no error' },
  ],
  arguments: [{ name: 'path', kind: 'path', optional: true, repeated: true }],
  input: { type: 'hotwire.sysdep.fs.File', optional: true, unless: ({ args }) => args.length > 0 },
  output: null,
  undoable: (options) => !options.has('unlink'),
  examples: [
    {
      text: 'ls | prop basename',
      shows: 'files in the trash are not here any more',
      after: ['rm old.txt dir'],
      files: { 'old.txt': '', 'dir/a.txt': '', 'new.txt': '' },
      result: ['new.txt'],
    },
    {
      text: 'ls | filter log$ basename | rm',
      shows: 'removing files that flow in',
      files: { 'a.log': '', 'b.txt': '' },
      result: [],
    },
    { text: 'rm -ur build', shows: 'a directory, for good', files: { 'build/a': '' }, result: [] },
  ],
  async *run(stage) {
    const { args, cwd, hasInput, input, options } = stage;
    if (args.length === 0 && !hasInput && !options.has('force')) {
      throw new HotwireError('InvalidArgs', 'rm: name a file, or put a command before it that yields files');
    }
    const finish = finisher(stage);
    const remove = options.has('unlink') ? unlinker(stage) : trasher(stage);
    const named = args.map((argument) => victimOf(argument, cwd));
    const failures = new Failures('rm');
    await finish(() => removeAll(named, remove, stage, failures));
    for await (const batch of input) await finish(() => removeAll(filesOf(batch), remove, stage, failures));
    failures.throwAny();
  },
};

type Remove = (file: RawPath) => Promise<void>;

/** Removes what can be removed; why the rest could not goes to `failures`. */
async function removeAll(
  victims: readonly NamedFile[],
  remove: Remove,
  stage: Stage,
  failures: Failures,
): Promise<void> {
  for (const [index, { shown, file }] of victims.entries()) {
    stage.signal.throwIfAborted();
    stage.status(shown, Math.round((index / victims.length) * 100));
    try {
      await remove(file);
    } catch (error) {
      stage.signal.throwIfAborted();
      if (codeOf(error) === 'ENOENT' && stage.options.has('force')) continue;
      failures.add(`${shown}: ${describe(error as NodeJS.ErrnoException)}`);
    }
  }
}

function trasher({ environment, undo }: Stage): Remove {
  const trash = new Trash(environment);
  return async (file) => {
    const { restore } = await trash.put(file);
    undo(restore);
  };
}

function unlinker({ options, signal }: Stage): Remove {
  return async (file) => {
    if (!(await lstat(file)).isDirectory()) return unlink(file);
    if (!options.has('recursive')) throw new HotwireError('Failed', 'is a directory: add -r, or leave -u out');
    await removeTree(file, signal);
  };
}

/** @throws InvalidArgs for the directories that nobody means to remove */
function victimOf(argument: string, cwd: string): NamedFile {
  const named = namedFile(cwd, argument);
  checkVictim(rawPath(argument), named.shown);
  checkVictim(named.file, named.shown);
  return named;
}

function filesOf({ objects }: Batch): NamedFile[] {
  return objects.map((object) => {
    const file = pathOfFile(object);
    const shown = file.toString();
    checkVictim(file, shown);
    return { shown, file };
  });
}

/** In every spelling: `//`, `/.`, `a/..`. @throws InvalidArgs */
function checkVictim(file: RawPath, shown: string): void {
  if (!endsInDots(file) && splitRaw(file).name.length > 0) return;
  throw new HotwireError(
    'InvalidArgs',
    `rm: ${shown}: is refused: name the files, or the directory itself from outside`,
  );
}
