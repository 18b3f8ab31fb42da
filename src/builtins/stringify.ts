import { type Builtin, textOf } from '../engine';

export const stringify: Builtin = {
  name: 'stringify',
  summary: 'Text of each object',
  help: 'Texts stay as they are, anything else becomes its JSON text.',
  input: { type: 'any' },
  output: 'string',
  idempotent: true,
  examples: [
    { text: 'js-eval \'["a", 1, {b: 2}]\' | iter | stringify', shows: 'texts', result: ['a', '1', '{"b":2}'] },
  ],
  async *run({ input }) {
    for await (const { objects } of input) {
      yield { className: 'string', objects: objects.map((object) => textOf(object)) };
    }
  },
};
