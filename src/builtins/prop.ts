import { type Builtin, batchesOf } from '../engine';
import { checkProperties } from './lib/check';
import { propertyReader } from './lib/property';

export const prop: Builtin = {
  name: 'prop',
  summary: 'A property of each object',
  options: [{ name: 'tuple', short: 't', summary: 'Pairs of the object and the property' }],
  arguments: [{ name: 'name', kind: 'property' }],
  input: { type: 'any' },
  output: 'any',
  idempotent: true,
  examples: [
    { text: 'js-eval \'[{a: 1}, {a: "x"}]\' | iter | prop a', shows: 'the values of a', result: [1, 'x'] },
    { text: "js-eval '({a: 1})' | prop -t a", shows: 'the object too', result: [[{ a: 1 }, 1]] },
    { text: "js-eval '({a: [{b: 1}]})' | prop a.0.b", shows: 'a property deeper down', result: [1] },
    { text: 'proc | prop pid', shows: 'ids of your processes', className: 'number' },
  ],
  check({ args }, inputType) {
    checkProperties('prop', args, inputType);
  },
  async *run({ args, options, input }) {
    const [name = ''] = args;
    const tuple = options.has('tuple');
    for await (const { className, objects } of input) {
      const read = propertyReader('prop', name, className);
      yield* batchesOf(objects.map((object) => (tuple ? [object, read(object)] : read(object))));
    }
  },
};
