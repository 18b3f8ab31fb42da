import type { Builtin } from '../engine';
import { askForFiles, DONE_BY_DISPLAY, LINK_DECLARATION } from './lib/links';
import { noOutput } from './lib/no-output';

export const open: Builtin = {
  ...LINK_DECLARATION,
  name: 'open',
  summary: 'Opens files in the programs that belong to their kind',
  help: DONE_BY_DISPLAY,
  arguments: [{ name: 'file', kind: 'path', repeated: true }],
  idempotent: true,
  examples: [
    {
      text: 'open notes.txt',
      shows: 'opening a file as a click on it would',
      files: { 'notes.txt': 'one\n' },
      result: [],
    },
  ],
  run: (stage) => noOutput(() => askForFiles(stage, 'open', true)),
};
