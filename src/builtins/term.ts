import type { Builtin } from '../engine';
import { askForTerminal, DONE_BY_DISPLAY, LINK_DECLARATION, programWords } from './lib/links';
import { noOutput } from './lib/no-output';

export const term: Builtin = {
  ...LINK_DECLARATION,
  name: 'term',
  summary: 'Runs a program that needs a terminal',
  help: `It runs in the directory that you are in. ${DONE_BY_DISPLAY}`,
  arguments: [
    { name: 'program', kind: 'program' },
    { name: 'argument', kind: 'path', optional: true, repeated: true },
  ],
  passthrough: true,
  examples: [{ text: 'term top -d 1', shows: 'a program that draws on a terminal', result: [] }],
  run: (stage) => noOutput(async () => askForTerminal(stage, programWords('term', stage.args))),
};
