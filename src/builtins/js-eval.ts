import { type Builtin, batchesOf, type Stage } from '../engine';
import { HotwireError } from '../errors';
import { MAX_EVALUATED_OBJECTS } from '../limits';

// Not declared idempotent, nor are js-map and js-filter: the code can't reach the system by any means that we give it,
// but a JavaScript scope is no boundary to rely on where a read-only domain must hold.
export const jsEval: Builtin = {
  name: 'js-eval',
  summary: 'The value of a JavaScript expression',
  help:
    'The expression sees current, a list of the objects of the current output, and input, a list of the objects that flow in: they are ' +
    'read only when it names them; one that names input waits for its end. The value must be JSON data: undefined becomes null, a Date its text; functions are refused.',
  arguments: [{ name: 'expression', kind: 'expression' }],
  input: { type: 'any', optional: true },
  output: 'any',
  singleValue: true,
  contained: true,
  examples: [
    { text: "js-eval '6 * 7'", shows: 'a number', result: [42] },
    { text: "cat a.txt | js-eval 'input.length'", shows: 'counting', files: { 'a.txt': 'a\nb\n' }, result: [2] },
    {
      text: "js-eval 'current[0] + 1'",
      shows: 'the newest output',
      after: ['js-eval 41'],
      result: [42],
    },
  ],
  async *run(stage) {
    const [expression = ''] = stage.args;
    const values: Record<string, unknown> = {};
    if (/\bcurrent\b/.test(expression)) values.current = [...stage.context.current].flatMap((batch) => batch.objects);
    if (/\binput\b/.test(expression)) values.input = await readInput(stage);
    yield* batchesOf([await stage.evaluator.evaluate(expression, values, stage.signal)]);
  },
};

async function readInput({ input }: Stage): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const { objects } of input) {
    for (const object of objects) all.push(object);
    if (all.length <= MAX_EVALUATED_OBJECTS) continue;
    throw new HotwireError(
      'LimitExceeded',
      `js-eval: more than ${MAX_EVALUATED_OBJECTS} objects flow in: use js-map or js-filter`,
    );
  }
  return all;
}
