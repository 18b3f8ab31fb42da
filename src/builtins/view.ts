import type { Builtin } from '../engine';
import { askForFiles, DONE_BY_DISPLAY, LINK_DECLARATION } from './lib/links';
import { noOutput } from './lib/no-output';

export const view: Builtin = {
  ...LINK_DECLARATION,
  name: 'view',
  summary: 'Shows files in your pager',
  help: `The pager is $PAGER of the display, else less. ${DONE_BY_DISPLAY}`,
  arguments: [{ name: 'file', kind: 'path', repeated: true }],
  idempotent: true,
  examples: [
    { text: 'view notes.txt', shows: 'reading a file page by page', files: { 'notes.txt': 'one\n' }, result: [] },
  ],
  run: (stage) => noOutput(() => askForFiles(stage, 'view', true)),
};
