import { type Batch, type Builtin, textOf } from '../engine';
import { HotwireError } from '../errors';
import { checkProperties, lookAt } from './lib/check';
import { listed, optionalReader, propertyNames, propertyReader } from './lib/property';
import { compileRegExp } from './lib/regexp';

export const filter: Builtin = {
  name: 'filter',
  summary: 'Keeps objects that match a regular expression',
  help:
    'It is matched anywhere in the text itself, or in the property that is named. Numbers and booleans count as text; nothing (null) ' +
    'never matches. Lists and objects need -s, which looks at their JSON text. The syntax is RE2: no backreferences and no lookaround, ' +
    'so that matching always takes linear time.',
  options: [
    { name: 'ignore-case', short: 'i', summary: 'Capital and small letters are the same' },
    { name: 'invert-match', short: 'v', summary: 'Keep those that do not match' },
    { name: 'stringify', short: 's', summary: 'Match the JSON text of what is no text; a missing property is null' },
  ],
  arguments: [
    { name: 'regexp', kind: 'regexp' },
    { name: 'property', kind: 'property', optional: true },
  ],
  input: { type: 'any' },
  output: 'identity',
  idempotent: true,
  examples: [
    {
      text: 'cat a.txt | filter -i ^b',
      shows: 'lines that match',
      files: { 'a.txt': 'a\nb\nBc\n' },
      result: ['b', 'Bc'],
    },
    { text: 'cat a.txt | filter -v b', shows: 'lines that do not match', files: { 'a.txt': 'a\nb\n' }, result: ['a'] },
    { text: 'proc -a | filter -i node cmd', shows: 'processes by their command line' },
  ],
  check({ args: [pattern = '', property] }, inputType) {
    lookAt(0, () => compileRegExp('filter', pattern, false));
    checkProperties('filter', [property], inputType, 1);
  },
  async *run({ args, options, input }) {
    const [pattern = '', property] = args;
    const matches = compileRegExp('filter', pattern, options.has('ignore-case'));
    const wanted = !options.has('invert-match');
    for await (const batch of input) {
      const textFor = textReader(batch, property, options.has('stringify'));
      const objects = batch.objects.filter((object) => {
        const text = textFor(object);
        return (text !== undefined && matches(text)) === wanted;
      });
      if (objects.length > 0) yield { className: batch.className, objects };
    }
  },
};

/** What is matched of an object: undefined when there is nothing. */
function textReader(
  { className }: Batch,
  property: string | undefined,
  stringify: boolean,
): (object: unknown) => string | undefined {
  if (property === undefined) {
    return (object) => (stringify ? textOf(object) : plainText(object, () => noText(object, className)));
  }
  if (stringify) {
    const read = optionalReader(property);
    return (object) => textOf(read(object));
  }
  const read = propertyReader('filter', property, className);
  return (object) =>
    plainText(read(object), () => `the property ${property} is no text: use -s to match its JSON text`);
}

function plainText(value: unknown, complaint: () => string): string | undefined {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return undefined;
  if (typeof value !== 'object') return String(value);
  throw new HotwireError('InvalidArgs', `filter: ${complaint()}`);
}

function noText(object: unknown, className: string): string {
  const names = propertyNames(object, className);
  const choice = names.length > 0 ? `name one of its properties (${listed(names)}), or ` : '';
  return `a value of class ${className} is no text: ${choice}use -s to match its JSON text`;
}
