import type { Builtin } from '../engine';
import { askForFiles, DONE_BY_DISPLAY, LINK_DECLARATION } from './lib/links';
import { noOutput } from './lib/no-output';

export const edit: Builtin = {
  ...LINK_DECLARATION,
  name: 'edit',
  aliases: ['ed'],
  summary: 'Opens files in your editor',
  help: `The editor is $VISUAL or $EDITOR of the display, else vi. Files that do not exist are made by it. ${DONE_BY_DISPLAY}`,
  arguments: [{ name: 'file', kind: 'path', repeated: true }],
  examples: [{ text: 'edit notes.txt', shows: 'editing a file', files: { 'notes.txt': 'one\n' }, result: [] }],
  run: (stage) => noOutput(() => askForFiles(stage, 'edit', false)),
};
