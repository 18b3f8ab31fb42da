import { type Builtin, batchesOf } from '../engine';

export const jsMap: Builtin = {
  name: 'js-map',
  summary: 'The value of a JavaScript expression for each object',
  help: 'The object is called it. The value must be JSON data: undefined becomes null, a Date its text; functions are refused.',
  arguments: [{ name: 'expression', kind: 'expression' }],
  input: { type: 'any' },
  output: 'any',
  contained: true,
  examples: [
    { text: "js-eval '[1, 2]' | iter | js-map 'it * 10'", shows: 'each number ten times as large', result: [10, 20] },
    { text: "proc | js-map '({pid: it.pid, MiB: it.rss >> 20})'", shows: 'objects of your own', className: 'object' },
  ],
  async *run({ args, evaluator, input, signal }) {
    const session = await evaluator.open(args[0] ?? '', signal);
    try {
      for await (const { objects } of input) {
        for await (const values of session.map(objects)) yield* batchesOf(values);
      }
    } finally {
      await session.close();
    }
  },
};
