import type { Builtin } from '../engine';
import { askForTerminal, DONE_BY_DISPLAY, LINK_DECLARATION } from './lib/links';
import { noOutput } from './lib/no-output';

export const ssh: Builtin = {
  ...LINK_DECLARATION,
  name: 'ssh',
  summary: 'Logs in to another host, on a terminal',
  help:
    `The arguments are those of the program ssh. ${DONE_BY_DISPLAY} To have what a command prints there as lines of a pipeline, write ` +
    'sys ssh HOST COMMAND.',
  arguments: [{ name: 'argument', kind: 'string', repeated: true }],
  passthrough: true,
  examples: [{ text: 'ssh -p 2222 web1', shows: 'a login', result: [] }],
  run: (stage) => noOutput(() => askForTerminal(stage, ['ssh', ...stage.args])),
};
