import { type Builtin, batchesOf } from '../engine';
import { HotwireError } from '../errors';
import { slicesOf } from './lib/batches';
import { isRecord } from './lib/property';

export const iter: Builtin = {
  name: 'iter',
  summary: 'The members of each list',
  help: 'Of an object it yields its properties, each as an object with key and value.',
  input: { type: 'any' },
  output: 'any',
  idempotent: true,
  examples: [
    { text: "js-eval '[1, 2]' | iter", shows: 'the members of a list', result: [1, 2] },
    {
      text: "js-eval '({a: 1, b: 2})' | iter",
      shows: 'the properties of an object',
      result: [
        { key: 'a', value: 1 },
        { key: 'b', value: 2 },
      ],
    },
  ],
  async *run({ input }) {
    for await (const { className, objects } of input) {
      for (const object of objects) {
        for (const members of slicesOf(membersOf(object, className))) yield* batchesOf(members);
      }
    }
  },
};

function membersOf(object: unknown, className: string): readonly unknown[] {
  if (Array.isArray(object)) return object;
  if (isRecord(object)) return Object.entries(object).map(([key, value]) => ({ key, value }));
  throw new HotwireError(
    'InvalidArgs',
    `iter: a value of class ${className} has no members; it takes lists and objects`,
  );
}
