import type { Builtin } from '../engine';
import { askDisplay, LINK_DECLARATION } from './lib/links';
import { noOutput } from './lib/no-output';

export const exit: Builtin = {
  ...LINK_DECLARATION,
  name: 'exit',
  summary: 'Closes the tab or window that you typed it in',
  help: 'The display does it. hotwire run ends with its pipeline anyway.',
  examples: [{ text: 'exit', shows: 'closing the tab', result: [] }],
  run: (stage) => noOutput(() => askDisplay(stage, { action: 'exit' })),
};
