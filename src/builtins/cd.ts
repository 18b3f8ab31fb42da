import path from 'node:path';
import type { Builtin } from '../engine';
import { listDirectory } from './ls';

export const cd: Builtin = {
  name: 'cd',
  summary: 'Changes the directory that you are in, and lists it',
  help: 'Without a directory it goes to your home. Undo goes back to where you were.',
  arguments: [{ name: 'directory', kind: 'directory', optional: true }],
  input: null,
  output: 'hotwire.sysdep.fs.File',
  undoable: true,
  examples: [
    {
      text: 'cd sub | prop basename',
      shows: 'going to a directory below this one',
      files: { 'sub/a.txt': '', 'sub/b.txt': '' },
      result: ['a.txt', 'b.txt'],
    },
  ],
  async *run({ args, context, cwd, undo }) {
    const before = context.cwd;
    const directory = await context.changeDirectory(args[0] === undefined ? context.home : path.resolve(cwd, args[0]));
    undo(async () => {
      await context.changeDirectory(before);
    });
    yield* listDirectory(directory, false);
  },
};
