/** A small world for the language's tests: some commands, some programs, some classes. */
import type { CommandDeclaration, Vocabulary } from '../../src/language';

export const PROCESS = 'hotwire.sysdep.proc.Process';
export const FILE = 'hotwire.sysdep.fs.File';

const COMMANDS: readonly CommandDeclaration[] = [
  {
    name: 'proc',
    summary: 'processes',
    options: [{ name: 'all', short: 'a', summary: 'of everyone' }],
    input: null,
    output: PROCESS,
    idempotent: true,
  },
  {
    name: 'ls',
    aliases: ['dir'],
    summary: 'files',
    options: [
      { name: 'long', short: 'l', summary: '' },
      { name: 'all', short: 'a', summary: '' },
    ],
    arguments: [{ name: 'file', kind: 'path', optional: true, repeated: true }],
    input: { type: 'string', optional: true },
    output: FILE,
    idempotent: true,
  },
  {
    name: 'filter',
    summary: 'keeps what matches',
    options: [
      { name: 'ignore-case', short: 'i', summary: '' },
      { name: 'invert-match', short: 'v', summary: '' },
    ],
    arguments: [
      { name: 'regexp', kind: 'regexp' },
      { name: 'property', kind: 'property', optional: true },
    ],
    input: { type: 'any' },
    output: 'identity',
    idempotent: true,
  },
  {
    name: 'head',
    summary: 'the first',
    options: [{ name: 'count', short: 'n', value: 'number', numeric: true, summary: '' }],
    arguments: [{ name: 'file', kind: 'path', optional: true, repeated: true }],
    input: { type: 'any', optional: true, unless: ({ args }) => args.length > 0 },
    output: 'identity',
    idempotent: true,
  },
  {
    name: 'sort',
    summary: 'sorts',
    options: [
      { name: 'reverse', short: 'r', summary: '' },
      { name: 'separator', short: 't', value: 'text', summary: '' },
    ],
    arguments: [{ name: 'property', kind: 'property', repeated: true }],
    input: { type: 'any' },
    output: 'identity',
    idempotent: true,
  },
  {
    name: 'where',
    summary: 'keeps for which a condition holds',
    arguments: [{ name: 'condition', kind: 'property', repeated: true }],
    input: { type: 'any' },
    output: 'identity',
    idempotent: true,
    passthrough: true,
    comparisons: true,
  },
  { name: 'json', summary: 'texts', input: { type: 'any' }, output: 'string', idempotent: true },
  { name: 'current', aliases: ['cur'], summary: 'the last output', input: null, output: 'any', idempotent: true },
  {
    name: 'cp',
    summary: 'copies',
    arguments: [
      { name: 'source', kind: 'path' },
      { name: 'target', kind: 'path' },
    ],
    input: null,
    output: null,
  },
  {
    name: 'rm',
    summary: 'removes',
    options: [{ name: 'unlink', short: 'u', summary: 'for good' }],
    arguments: [{ name: 'file', kind: 'path', optional: true, repeated: true }],
    input: { type: FILE, optional: true },
    output: null,
    undoable: (options) => !options.has('unlink'),
  },
  { name: 'pids', summary: 'process ids', input: { type: PROCESS }, output: 'number', idempotent: true },
  { name: 'names', summary: 'names of objects', input: { type: 'object' }, output: 'identity', idempotent: true },
  {
    name: 'js-eval',
    summary: 'a value',
    options: [{ name: 'file', short: 'f', summary: '' }],
    arguments: [{ name: 'expression', kind: 'expression' }],
    input: { type: 'any', optional: true },
    output: 'any',
    singleValue: true,
  },
  {
    name: 'sys',
    summary: 'a program',
    arguments: [
      { name: 'program', kind: 'program' },
      { name: 'argument', kind: 'path', optional: true, repeated: true },
    ],
    input: { type: 'string', optional: true },
    output: 'string',
    passthrough: true,
  },
];

const PROGRAMS: ReadonlySet<string> = new Set(['ls', 'grep', 'seq', 'sh', 'echo', 'find', 'make', './run.sh', 'a b']);
const PARENTS: Readonly<Record<string, string>> = { [PROCESS]: 'object', [FILE]: 'object' };
const BY_NAME = new Map(
  COMMANDS.flatMap((command) => [command.name, ...(command.aliases ?? [])].map((name) => [name, command])),
);

export const vocabulary: Vocabulary = {
  command: (name) => BY_NAME.get(name),
  isProgram: (word) => PROGRAMS.has(word),
  names: () => [...BY_NAME.keys(), ...PROGRAMS],
  isSubclass: (child, parent) => child === parent || PARENTS[child] === parent,
};
