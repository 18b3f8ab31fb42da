import type { Builtin } from '../engine';

export const current: Builtin = {
  name: 'current',
  aliases: ['cur'],
  summary: 'The output of the newest pipeline that yielded any',
  help: 'A pipeline that starts with a bar starts with it: | filter x is current | filter x.',
  input: null,
  output: 'any',
  idempotent: true,
  examples: [
    { text: 'current', shows: 'the same output again', after: ["js-eval '[2, 1]' | iter"], result: [2, 1] },
    { text: '| sort', shows: 'going on from there', after: ["js-eval '[2, 1]' | iter"], result: [1, 2] },
  ],
  async *run({ context }) {
    yield* context.current;
  },
};
