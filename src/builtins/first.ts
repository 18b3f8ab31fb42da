import type { Builtin } from '../engine';
import { COUNT_DECLARATION, checkCount, countGiven, takeFirst } from './lib/take';

export const first: Builtin = {
  name: 'first',
  summary: 'The first object of the input, or the first N',
  help: 'What comes before is stopped as soon as it has yielded enough. See head for the first lines of files.',
  ...COUNT_DECLARATION,
  input: { type: 'any' },
  output: 'identity',
  idempotent: true,
  examples: [
    { text: 'sys seq 1000000 | first', shows: 'the first line', result: ['1'] },
    { text: 'proc | sort -r rss | first 3', shows: 'your three largest processes' },
  ],
  check(given) {
    checkCount('first', given);
  },
  async *run(stage) {
    yield* takeFirst(countGiven('first', stage), stage.input);
  },
};
