import type { Builtin } from '../engine';

export const sys: Builtin = {
  name: 'sys',
  summary: 'Runs a program of the system',
  help:
    'A first word that is no command runs as a program by itself; sys is for one that has the name of a command. Texts that flow in are ' +
    'the lines of its stdin, the lines of its stdout flow out. Two programs in a row are joined by a pipe of the system.',
  arguments: [
    { name: 'program', kind: 'program' },
    { name: 'argument', kind: 'path', optional: true, repeated: true },
  ],
  input: { type: 'string', optional: true },
  output: 'string',
  passthrough: true,
  examples: [
    { text: 'sys echo hello', shows: 'a line', result: ['hello'] },
    { text: 'sys seq 3 | sys tac', shows: 'programs joined by a pipe', result: ['3', '2', '1'] },
  ],
  process: ({ args: [file = '', ...args] }) => ({ file, args }),
};
