import type { Builtin } from '../engine';
import { checkProperties } from './lib/check';
import { checkHeld, keyText } from './lib/key';
import { propertyReader } from './lib/property';

export const uniq: Builtin = {
  name: 'uniq',
  summary: 'Leaves out what was there before',
  help: 'Of objects that are equal, or equal in the properties that are named, the first stays. They need not be neighbours.',
  arguments: [{ name: 'property', kind: 'property', optional: true, repeated: true }],
  input: { type: 'any' },
  output: 'identity',
  idempotent: true,
  examples: [
    { text: 'cat a.txt | uniq', shows: 'different lines', files: { 'a.txt': 'a\nb\na\n' }, result: ['a', 'b'] },
    { text: 'proc -a | uniq owner_name | prop owner_name', shows: 'users that have processes', className: 'string' },
  ],
  check({ args }, inputType) {
    checkProperties('uniq', args, inputType);
  },
  async *run({ args, input }) {
    const seen = new Set<string>();
    for await (const { className, objects } of input) {
      const readers = args.map((name) => propertyReader('uniq', name, className));
      const kept = objects.filter((object) => {
        const key = keyText(args.length === 0 ? object : readers.map((read) => read(object)));
        if (seen.has(key)) return false;
        seen.add(key);
        return true;
      });
      checkHeld('uniq', seen.size, 'different objects');
      if (kept.length > 0) yield { className, objects: kept };
    }
  },
};
