import type { Builtin } from '../engine';
import { checkProperties } from './lib/check';
import { numbersOf } from './lib/numbers';

const MEASURE = 'hotwire.builtins.measure.Measure';

export const measure: Builtin = {
  name: 'measure',
  summary: 'Count, sum, least, greatest and mean of properties',
  help: 'An object for each property, or one for the numbers that flow in. Nothing (null) is left out; texts that are numbers count.',
  arguments: [{ name: 'property', kind: 'property', optional: true, repeated: true }],
  input: { type: 'any' },
  output: MEASURE,
  idempotent: true,
  examples: [
    {
      text: 'sys seq 4 | measure',
      shows: 'of lines that are numbers',
      result: [{ property: null, count: 4, sum: 10, min: 1, max: 4, mean: 2.5 }],
    },
    { text: 'proc -a | measure rss threads', shows: 'of two properties' },
  ],
  check({ args }, inputType) {
    checkProperties('measure', args, inputType);
  },
  async *run({ args, input }) {
    const tallies = (args.length > 0 ? args : [undefined]).map((property) => new Tally(property));
    for await (const batch of input) {
      for (const tally of tallies) for (const number of numbersOf('measure', batch, tally.property)) tally.add(number);
    }
    yield { className: MEASURE, objects: tallies.map((tally) => tally.measure()) };
  },
};

class Tally {
  readonly property: string | undefined;
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  constructor(property: string | undefined) {
    this.property = property;
  }

  add(number: number): void {
    this.#count++;
    this.#sum += number;
    if (number < this.#min) this.#min = number;
    if (number > this.#max) this.#max = number;
  }

  measure(): Readonly<Record<string, unknown>> {
    const some = this.#count > 0;
    return {
      property: this.property ?? null,
      count: this.#count,
      sum: this.#sum,
      min: some ? this.#min : null,
      max: some ? this.#max : null,
      mean: some ? this.#sum / this.#count : null,
    };
  }
}
