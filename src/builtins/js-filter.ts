import type { Builtin } from '../engine';

export const jsFilter: Builtin = {
  name: 'js-filter',
  summary: 'Keeps objects for which a JavaScript expression is true',
  help: 'The object is called it.',
  arguments: [{ name: 'expression', kind: 'expression' }],
  input: { type: 'any' },
  output: 'identity',
  contained: true,
  examples: [
    {
      text: "js-eval '[{a: 1}, {a: 2}]' | iter | js-filter 'it.a > 1'",
      shows: 'objects with a large enough a',
      result: [{ a: 2 }],
    },
    { text: "proc -a | js-filter 'it.threads > 1'", shows: 'processes with threads' },
  ],
  async *run({ args, evaluator, input, signal }) {
    const session = await evaluator.open(args[0] ?? '', signal);
    try {
      for await (const { className, objects } of input) {
        const kept = await session.filter(objects);
        if (kept.length > 0) yield { className, objects: kept };
      }
    } finally {
      await session.close();
    }
  },
};
