import type { Builtin } from '../engine';
import { checkProperties } from './lib/check';
import { numbersOf } from './lib/numbers';

export const sum: Builtin = {
  name: 'sum',
  summary: 'The sum of a property, or of the numbers that flow in',
  help: 'Nothing (null) is left out; texts that are numbers count. See measure for more than the sum.',
  arguments: [{ name: 'property', kind: 'property', optional: true }],
  input: { type: 'any' },
  output: 'number',
  singleValue: true,
  idempotent: true,
  examples: [
    { text: 'sys seq 4 | sum', shows: 'a sum of lines that are numbers', result: [10] },
    { text: 'proc -a | sum rss', shows: 'memory that all processes use, in bytes' },
  ],
  check({ args }, inputType) {
    checkProperties('sum', args, inputType);
  },
  async *run({ args: [property], input }) {
    let total = 0;
    for await (const batch of input) for (const number of numbersOf('sum', batch, property)) total += number;
    yield { className: 'number', objects: [total] };
  },
};
