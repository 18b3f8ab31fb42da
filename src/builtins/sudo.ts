import type { Builtin } from '../engine';
import { askForTerminal, DONE_BY_DISPLAY, LINK_DECLARATION } from './lib/links';
import { noOutput } from './lib/no-output';

export const sudo: Builtin = {
  ...LINK_DECLARATION,
  name: 'sudo',
  summary: 'Runs a program as another user, on a terminal where sudo can ask for a password',
  help:
    `The arguments are those of the program sudo. ${DONE_BY_DISPLAY} To have what a program prints as lines of a pipeline, where sudo ` +
    'need not ask, write sys sudo -n PROGRAM.',
  arguments: [{ name: 'argument', kind: 'path', repeated: true }],
  passthrough: true,
  examples: [{ text: 'sudo -u postgres psql', shows: 'a program as another user', result: [] }],
  run: (stage) => noOutput(() => askForTerminal(stage, ['sudo', ...stage.args])),
};
