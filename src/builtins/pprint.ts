import type { Builtin } from '../engine';

const INDENT = 2;

export const pprint: Builtin = {
  name: 'pprint',
  summary: 'JSON text of each object, over several lines with indents',
  help: 'Each object becomes one text. For one line each there is json; for one JSON list of all, to json.',
  input: { type: 'any' },
  output: 'string',
  idempotent: true,
  examples: [
    { text: "js-eval '({a: [1, 2]})' | pprint", shows: 'an object', result: ['{\n  "a": [\n    1,\n    2\n  ]\n}'] },
    { text: 'proc | first | pprint', shows: 'all that is known of a process' },
  ],
  async *run({ input }) {
    for await (const { objects } of input) {
      yield { className: 'string', objects: objects.map((object) => JSON.stringify(object, null, INDENT)) };
    }
  },
};
