import { type Builtin, type Given, linesOfFile } from '../engine';
import { HotwireError } from '../errors';
import { lookAt } from './lib/check';
import { namedPath } from './lib/raw-path';
import { readCount, takeFirst } from './lib/take';

const DEFAULT_COUNT = 10;

export const head: Builtin = {
  name: 'head',
  summary: 'The first objects of the input, or the first lines of files',
  help: 'The count is 10 unless it is given, as -3 or as a first argument. What comes before is stopped as soon as it has yielded enough. With a file it takes no input; one whose name is a number is written ./3.',
  options: [{ name: 'count', short: 'n', value: 'count', numeric: true, summary: 'How many' }],
  arguments: [{ name: 'count or file', kind: 'path', optional: true, repeated: true }],
  input: {
    type: 'any',
    optional: true,
    unless: (given) => filesOf(given).length > 0,
  },
  output: 'identity',
  idempotent: true,
  examples: [
    { text: 'sys seq 1000000 | head 3', shows: 'the first three lines', result: ['1', '2', '3'] },
    { text: 'head -1 a.txt', shows: 'the first line of a file', files: { 'a.txt': 'one\ntwo\n' }, result: ['one'] },
    { text: 'proc | head', shows: 'ten processes' },
  ],
  check({ options }) {
    const count = options.get('count');
    lookAt('count', () => count !== undefined && readCount('head', String(count)));
  },
  async *run({ args, options, cwd, input, hasInput, inUse }) {
    const [count, files] = [countOf({ options, args }), filesOf({ options, args })];
    if (files.length === 0 && !hasInput)
      throw new HotwireError('InvalidArgs', 'head: name a file, or put a command before it');
    if (files.length === 0) yield* takeFirst(count, input);
    for (const argument of files) {
      const { file, shown } = namedPath(cwd, argument);
      yield* takeFirst(count, linesOfFile(file, shown, inUse));
    }
  },
};

/** A first argument that is a number is the count, unless the option gives it. */
function countIsFirst({ options, args: [first = ''] }: Given): boolean {
  return !options.has('count') && /^\d+$/.test(first);
}

function filesOf(given: Given): readonly string[] {
  return countIsFirst(given) ? given.args.slice(1) : given.args;
}

function countOf(given: Given): number {
  const count = countIsFirst(given) ? given.args[0] : given.options.get('count');
  return count === undefined ? DEFAULT_COUNT : readCount('head', String(count));
}
