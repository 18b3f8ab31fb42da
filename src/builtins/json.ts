import type { Builtin } from '../engine';

export const json: Builtin = {
  name: 'json',
  summary: 'JSON text of each object',
  help: 'One line each; texts are quoted.',
  input: { type: 'any' },
  output: 'string',
  idempotent: true,
  examples: [{ text: 'js-eval \'["a", 1, {b: 2}]\' | iter | json', shows: 'texts', result: ['"a"', '1', '{"b":2}'] }],
  async *run({ input }) {
    for await (const { objects } of input) {
      yield { className: 'string', objects: objects.map((object) => JSON.stringify(object)) };
    }
  },
};
