import { type Builtin, textOf } from '../engine';

export const newline: Builtin = {
  name: 'newline',
  summary: 'Text of each object with a line end',
  help: 'Like stringify, with a line feed after each.',
  input: { type: 'any' },
  output: 'string',
  idempotent: true,
  examples: [{ text: 'js-eval \'["a", 1]\' | iter | newline', shows: 'texts', result: ['a\n', '1\n'] }],
  async *run({ input }) {
    for await (const { objects } of input) {
      yield { className: 'string', objects: objects.map((object) => `${textOf(object)}\n`) };
    }
  },
};
