import type { Builtin } from '../engine';
import { HotwireError } from '../errors';

export const setenv: Builtin = {
  name: 'setenv',
  summary: 'Sets variables in the environment of the programs you run',
  help: 'An empty value removes the variable. Undo brings back what was there.',
  arguments: [{ name: 'NAME=VALUE', kind: 'variable', repeated: true }],
  input: null,
  output: null,
  undoable: true,
  examples: [
    { text: 'setenv LANG=C EDITOR=', shows: 'setting a variable and removing another', result: [] },
    { text: 'sh echo $GREETING', shows: 'a program sees it', after: ['setenv GREETING=hello'], result: ['hello'] },
  ],
  async *run({ args, context, undo }) {
    const changes = Object.fromEntries(args.map(readVariable));
    const before = Object.fromEntries(Object.keys(changes).map((name) => [name, context.environment[name] ?? '']));
    context.setEnvironment(changes);
    undo(async () => context.setEnvironment(before));
  },
};

function readVariable(text: string): [name: string, value: string] {
  const end = text.indexOf('=');
  if (end > 0) return [text.slice(0, end), text.slice(end + 1)];
  throw new HotwireError('InvalidArgs', `setenv: ${text}: write NAME=VALUE`);
}
