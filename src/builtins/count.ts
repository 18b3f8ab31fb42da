import type { Builtin } from '../engine';

export const count: Builtin = {
  name: 'count',
  summary: 'How many objects flow in',
  input: { type: 'any' },
  output: 'number',
  singleValue: true,
  idempotent: true,
  examples: [
    { text: 'cat a.txt | count', shows: 'lines of a file', files: { 'a.txt': 'a\nb\n' }, result: [2] },
    { text: 'proc -a | where owner_name = root | count', shows: 'processes of a user' },
  ],
  async *run({ input }) {
    let total = 0;
    for await (const { objects } of input) total += objects.length;
    yield { className: 'number', objects: [total] };
  },
};
