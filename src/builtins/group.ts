import type { Builtin } from '../engine';
import { batchesOfClass } from './lib/batches';
import { checkProperties } from './lib/check';
import { checkHeld, keyText } from './lib/key';
import { propertyReader } from './lib/property';

const GROUP = 'hotwire.builtins.group.Group';

interface Group {
  readonly key: unknown;
  count: number;
  readonly objects: unknown[] | null;
  class_name: string | null;
}

export const group: Builtin = {
  name: 'group',
  summary: 'How many objects have each value of a property',
  help: 'A group for each value, in the order in which the values came. With -o it holds the objects too, and their class where all have the same.',
  options: [{ name: 'objects', short: 'o', summary: 'Keep the objects of each group' }],
  arguments: [{ name: 'property', kind: 'property' }],
  input: { type: 'any' },
  output: GROUP,
  idempotent: true,
  examples: [
    {
      text: "js-eval '[{a: 1}, {a: 2}, {a: 1}]' | iter | group a",
      shows: 'how often each value is there',
      result: [
        { key: 1, count: 2, objects: null, class_name: null },
        { key: 2, count: 1, objects: null, class_name: null },
      ],
    },
    {
      text: "js-eval '[{a: 1, b: 2}]' | iter | group -o a",
      shows: 'the objects too',
      result: [{ key: 1, count: 1, objects: [{ a: 1, b: 2 }], class_name: 'object' }],
    },
    {
      text: 'proc -a | group -o owner_name | prop class_name | uniq',
      shows: 'the class of the objects',
      result: ['hotwire.sysdep.proc.Process'],
    },
    { text: 'proc -a | group owner_name | sort -r count', shows: 'users by the number of their processes' },
  ],
  check({ args }, inputType) {
    checkProperties('group', args, inputType);
  },
  async *run({ args: [property = ''], options, input }) {
    const keepsObjects = options.has('objects');
    const groups = new Map<string, Group>();
    let held = 0;
    for await (const { className, objects } of input) {
      const read = propertyReader('group', property, className);
      for (const object of objects) {
        const key = read(object);
        const text = keyText(key);
        let found = groups.get(text);
        if (found === undefined) {
          found = { key, count: 0, objects: keepsObjects ? [] : null, class_name: keepsObjects ? className : null };
          groups.set(text, found);
        }
        found.count++;
        found.objects?.push(object);
        if (found.class_name !== className) found.class_name = null; // several, from then on
      }
      held += objects.length;
      checkHeld('group', keepsObjects ? held : groups.size, keepsObjects ? 'objects' : 'different values');
    }
    yield* batchesOfClass(GROUP, [...groups.values()]);
  },
};
