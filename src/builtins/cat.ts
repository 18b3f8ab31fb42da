import { type Builtin, linesOfFile } from '../engine';
import { HotwireError } from '../errors';
import { namedPath } from './lib/raw-path';

export const cat: Builtin = {
  name: 'cat',
  summary: 'Lines of files',
  help: 'Each line is a text without its line end; bytes that are not UTF-8 become U+FFFD. Without a file it passes its input on; with one it takes none.',
  arguments: [{ name: 'file', kind: 'path', optional: true, repeated: true }],
  input: { type: 'string', optional: true, unless: ({ args }) => args.length > 0 },
  output: 'string',
  idempotent: true,
  examples: [
    {
      text: 'cat a.txt b.txt',
      shows: 'the lines of two files',
      files: { 'a.txt': 'one\ntwo\n', 'b.txt': 'three' },
      result: ['one', 'two', 'three'],
    },
  ],
  async *run({ args, cwd, input, hasInput, inUse }) {
    if (args.length === 0 && !hasInput) throw new HotwireError('InvalidArgs', 'cat: name a file');
    if (args.length === 0) yield* input;
    for (const argument of args) {
      const { file, shown } = namedPath(cwd, argument);
      yield* linesOfFile(file, shown, inUse);
    }
  },
};
