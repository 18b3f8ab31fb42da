import { setImmediate as turn } from 'node:timers/promises';
import type { Builtin } from '../engine';
import { HotwireError } from '../errors';
import { checkProperties, lookAt } from './lib/check';
import { isRecord, propertyReader } from './lib/property';
import { loadRegExp } from './lib/regexp';
import { readReplacement, replaceAll } from './lib/replacement';

/** Work after which others get their turn, in milliseconds. */
const TURN_MS = 10;

export const replace: Builtin = {
  name: 'replace',
  summary: 'Replaces what a regular expression matches, in texts or in a property',
  help:
    'Every match is replaced. In the replacement $1 to $9 are the groups of the expression, $0 is the whole match and $$ a $; after the ' +
    'dollar a number or name may stand in braces. Quote it with single quotes. The syntax of the expression is that of filter.',
  options: [{ name: 'ignore-case', short: 'i', summary: 'Capital and small letters are the same' }],
  arguments: [
    { name: 'regexp', kind: 'regexp' },
    // `$1` is its own syntax, too
    { name: 'replacement', kind: 'regexp' },
    { name: 'property', kind: 'property', optional: true },
  ],
  input: { type: 'any' },
  output: 'identity',
  idempotent: true,
  examples: [
    {
      text: "cat names.txt | replace '(\\w+) (\\w+)' '$2, $1'",
      shows: 'swapping words',
      files: { 'names.txt': 'Ada Lovelace\nAlan Turing\n' },
      result: ['Lovelace, Ada', 'Turing, Alan'],
    },
    {
      text: "ls | replace '[.]txt$' '' basename | prop basename",
      shows: 'changing a property of what flows through',
      files: { 'a.txt': '' },
      result: ['a'],
    },
  ],
  check({ args: [pattern = '', template = '', property] }, inputType) {
    lookAt(0, () => loadRegExp('replace', pattern, false));
    lookAt(1, () => readReplacement(loadRegExp('replace', pattern, false), template));
    checkProperties('replace', [property], inputType, 2);
  },
  async *run({ args, options, input, signal }) {
    const [pattern = '', template = '', property] = args;
    const regexp = loadRegExp('replace', pattern, options.has('ignore-case'));
    const pieces = readReplacement(regexp, template);
    const replaced = (text: string) => replaceAll(regexp, pieces, text);
    for await (const { className, objects } of input) {
      const change = property === undefined ? ofText(className, replaced) : ofProperty(className, property, replaced);
      const results: unknown[] = [];
      let started = performance.now();
      for (const object of objects) {
        results.push(change(object));
        if (performance.now() - started < TURN_MS) continue;
        await turn();
        signal.throwIfAborted();
        started = performance.now();
      }
      yield { className, objects: results };
    }
  },
};

function ofText(className: string, replaced: (text: string) => string): (object: unknown) => unknown {
  return (object) => {
    if (typeof object === 'string') return replaced(object);
    const advice = isRecord(object) ? 'name a property of it after the replacement' : 'put stringify before it';
    throw new HotwireError('InvalidArgs', `replace: a value of class ${className} is no text: ${advice}`);
  };
}

/** A copy of the object; one that has nothing there stays as it is. */
function ofProperty(
  className: string,
  property: string,
  replaced: (text: string) => string,
): (object: unknown) => unknown {
  const read = propertyReader('replace', property, className);
  return (object) => {
    const value = read(object);
    if (value === null) return object;
    if (typeof value !== 'string')
      throw new HotwireError('InvalidArgs', `replace: the property ${property} is no text`);
    if (isRecord(object) && Object.hasOwn(object, property)) return { ...object, [property]: replaced(value) };
    const message = `replace: ${property} is a part of another property, which can't be changed: prop takes it out`;
    throw new HotwireError('InvalidArgs', message);
  };
}
