import type { Builtin } from '../engine';
import { HotwireError } from '../errors';
import { checkProperties, lookAt } from './lib/check';
import { propertyReader } from './lib/property';

export const select: Builtin = {
  name: 'select',
  summary: 'Objects with some of the properties alone, in that order',
  help: 'new=old gives a property another name; a.b is the property b of what a holds.',
  arguments: [{ name: 'property', kind: 'property', repeated: true }],
  input: { type: 'any' },
  output: 'object',
  idempotent: true,
  examples: [
    {
      text: "js-eval '[{a: 1, b: 2, c: 3}]' | iter | select c total=a",
      shows: 'two properties, one of them renamed',
      result: [{ c: 3, total: 1 }],
    },
    {
      text: "js-eval '({a: {b: 1}})' | select n=a.b",
      shows: 'a property of a property',
      result: [{ n: 1 }],
    },
    { text: 'proc | select pid cmd', shows: 'less of each process' },
  ],
  check({ args }, inputType) {
    for (const index of args.keys()) lookAt(index, () => readRenamings(args.slice(0, index + 1)));
    checkProperties(
      'select',
      args.map((text) => readRenaming(text).from),
      inputType,
    );
  },
  async *run({ args, input }) {
    const wanted = readRenamings(args);
    for await (const { className, objects } of input) {
      const readers = wanted.map(({ name, from }) => ({ name, read: propertyReader('select', from, className) }));
      yield {
        className: 'object',
        // fromEntries: a property may be called __proto__
        objects: objects.map((object) => Object.fromEntries(readers.map(({ name, read }) => [name, read(object)]))),
      };
    }
  },
};

function readRenamings(args: readonly string[]): { name: string; from: string }[] {
  const wanted = args.map(readRenaming);
  const names = new Set<string>();
  for (const { name } of wanted) {
    if (names.has(name)) throw new HotwireError('InvalidArgs', `select: ${name} is named twice: rename one, new=old`);
    names.add(name);
  }
  return wanted;
}

function readRenaming(text: string): { name: string; from: string } {
  const at = text.indexOf('=');
  if (at < 0) return { name: text, from: text };
  const [name, from] = [text.slice(0, at), text.slice(at + 1)];
  if (name !== '' && from !== '') return { name, from };
  throw new HotwireError('InvalidArgs', `select: ${text}: write new=old to rename a property`);
}
