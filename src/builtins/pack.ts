import type { Batch, Builtin } from '../engine';
import { HotwireError } from '../errors';
import { listTrees } from './lib/list-trees';
import { type Entry, PIECE, pieceOfEntry, readEntry } from './lib/piece';
import { withContent } from './lib/send-content';

export const pack: Builtin = {
  name: 'pack',
  summary: 'Files and directories with their content, to be sent elsewhere',
  help:
    'Yields what unpack writes: directories with all that is in them, links as links, files with mode, time and a SHA-256 ' +
    'of their content. Hard links become files of their own. What can not be read, and what has no content (devices, ' +
    'named pipes, sockets), is yielded as failed, and unpack tells it at the end. Without paths it takes what pack --list ' +
    'yields, and adds the content. hotwire get and hotwire put are made of these two commands.',
  options: [
    { name: 'list', short: 'l', summary: 'Without the content of files' },
    { name: 'digests', summary: 'With --list: also the SHA-256 of each file, which is read for that' },
  ],
  arguments: [{ name: 'path', kind: 'path', optional: true, repeated: true }],
  input: { type: PIECE, optional: true, unless: ({ args }) => args.length > 0 },
  output: PIECE,
  idempotent: true,
  examples: [
    {
      text: 'pack --list src | prop path',
      shows: 'what is in a directory',
      files: { 'src/a.txt': 'a\n', 'src/b/c.txt': 'c\n' },
      result: ['src', 'src/a.txt', 'src/b', 'src/b/c.txt'],
    },
    {
      text: 'pack a.txt | prop data',
      shows: 'the content of a file, in base64',
      files: { 'a.txt': 'hello\n' },
      result: ['aGVsbG8K'],
    },
    {
      text: 'pack --list a.txt | pack | unpack copies/ | prop state',
      shows: 'a copy, made in three steps',
      files: { 'a.txt': 'hello\n' },
      result: ['placed'],
    },
  ],
  async *run({ args, options, cwd, input, hasInput, signal, status }) {
    if (args.length === 0 && !hasInput) {
      throw new HotwireError('InvalidArgs', 'pack: name a file or a directory, or put pack --list before it');
    }
    const digests = options.has('digests');
    const entries = args.length > 0 ? listTrees(args, { cwd, signal, digests }) : listed(input);
    if (!options.has('list')) {
      yield* withContent(entries, { signal, status });
      return;
    }
    for await (const list of entries) yield { className: PIECE, objects: list.map(pieceOfEntry) };
  },
};

async function* listed(input: AsyncIterable<Batch>): AsyncGenerator<Entry[]> {
  for await (const { objects } of input) yield objects.map(readEntry);
}
