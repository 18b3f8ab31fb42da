import { absolutePath, type Builtin } from '../engine';
import { finisher } from './lib/finish';
import { listDirectory } from './ls';

export const cd: Builtin = {
  name: 'cd',
  summary: 'Changes the directory that you are in, and lists it',
  help: 'Without a directory it goes to your home. Links on the way are resolved, so that .. is above where you are. Undo goes back to where you were.',
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
  async *run(stage) {
    const { args, context, cwd, undo } = stage;
    const before = context.cwd;
    const finish = finisher(stage);
    const directory = await finish(async () => {
      const entered = await context.changeDirectory(args[0] === undefined ? context.home : absolutePath(cwd, args[0]));
      undo(async () => {
        await context.changeDirectory(before);
      });
      return entered;
    });
    yield* listDirectory(directory, false);
  },
};
