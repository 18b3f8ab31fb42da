import type { Builtin } from '../engine';
import { HotwireError } from '../errors';
import { askDisplay, LINK_DECLARATION } from './lib/links';
import { noOutput } from './lib/no-output';

export const selection: Builtin = {
  ...LINK_DECLARATION,
  name: 'selection',
  aliases: ['sel'],
  summary: 'What is selected in the window: all of it, or the object of that number (from 0)',
  help:
    'It needs a display with a window: the display makes the selection its output. hotwire run has no window and says so; there ' +
    'current is the output of the pipeline before.',
  arguments: [{ name: 'index', kind: 'number', optional: true }],
  examples: [{ text: 'selection 0', shows: 'the first object that is selected', result: [] }],
  run: (stage) => noOutput(async () => askDisplay(stage, { action: 'selection', ...readIndex(stage.args[0]) })),
};

function readIndex(text: string | undefined): { index?: number } {
  if (text === undefined) return {};
  if (/^\d{1,15}$/.test(text)) return { index: Number(text) };
  throw new HotwireError('InvalidArgs', `selection: ${text} is no index: give a whole number, from 0`);
}
