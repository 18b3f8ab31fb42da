import path from 'node:path';
import { type Builtin, linesOfFile } from '../engine';
import { HotwireError } from '../errors';
import { readCount, takeFirst } from './lib/take';

const DEFAULT_COUNT = 10;

export const head: Builtin = {
  name: 'head',
  summary: 'The first objects of the input, or the first lines of files',
  help: 'The count is 10 unless it is given, as -3 or as a first argument. What comes before is stopped as soon as it has yielded enough. A file whose name is a number is written ./3.',
  options: [{ name: 'count', short: 'n', value: 'count', numeric: true, summary: 'How many' }],
  arguments: [{ name: 'count or file', kind: 'path', optional: true, repeated: true }],
  input: { type: 'any', optional: true },
  output: 'identity',
  idempotent: true,
  examples: [
    { text: 'sys seq 1000000 | head 3', shows: 'the first three lines', result: ['1', '2', '3'] },
    { text: 'head -1 a.txt', shows: 'the first line of a file', files: { 'a.txt': 'one\ntwo\n' }, result: ['one'] },
    { text: 'proc | head', shows: 'ten processes' },
  ],
  async *run({ args, options, cwd, input, hasInput }) {
    const { count, files } = readArguments(options.get('count'), args);
    if (files.length === 0 && !hasInput)
      throw new HotwireError('InvalidArgs', 'head: name a file, or put a command before it');
    if (files.length === 0) yield* takeFirst(count, input);
    for (const file of files) yield* takeFirst(count, linesOfFile(path.resolve(cwd, file), file));
  },
};

function readArguments(
  option: string | true | undefined,
  args: readonly string[],
): { count: number; files: readonly string[] } {
  if (option !== undefined) return { count: readCount('head', String(option)), files: args };
  const [word = '', ...files] = args;
  return /^\d+$/.test(word) ? { count: readCount('head', word), files } : { count: DEFAULT_COUNT, files: args };
}
