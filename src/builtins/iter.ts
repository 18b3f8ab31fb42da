import { type Batch, type Builtin, batchesOf } from '../engine';
import { HotwireError } from '../errors';
import { slicesOf } from './lib/batches';
import { isRecord } from './lib/property';

const GROUP = 'hotwire.builtins.group.Group';

export const iter: Builtin = {
  name: 'iter',
  summary: 'The members of each list',
  help: 'Of an object it yields its properties, each as an object with key and value; of a group that group -o yields, its objects.',
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
    {
      text: 'proc -a | group -o owner_name | first | iter',
      shows: 'the objects of a group, which have their class again',
      className: 'hotwire.sysdep.proc.Process',
    },
  ],
  async *run({ input }) {
    for await (const { className, objects } of input) {
      for (const object of objects) yield* batchesFrom(object, className);
    }
  },
};

function* batchesFrom(object: unknown, className: string): Generator<Batch> {
  const group = className === GROUP && isRecord(object) && Array.isArray(object.objects) ? object : undefined;
  for (const members of slicesOf(membersOf(group ? group.objects : object, className))) {
    if (typeof group?.class_name === 'string') yield { className: group.class_name, objects: members };
    else yield* batchesOf(members);
  }
}

function membersOf(object: unknown, className: string): readonly unknown[] {
  if (Array.isArray(object)) return object;
  if (isRecord(object)) return Object.entries(object).map(([key, value]) => ({ key, value }));
  throw new HotwireError(
    'InvalidArgs',
    `iter: a value of class ${className} has no members; it takes lists and objects`,
  );
}
