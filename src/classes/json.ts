import type { ClassDeclaration } from './class';

const plain = (name: string, summary: string): ClassDeclaration => ({
  name,
  parent: null,
  summary,
  properties: [],
  columns: [],
});

/** Plain data: JSON's own types. Every class with properties of its own descends from `object`. */
export const jsonClasses: readonly ClassDeclaration[] = [
  plain('string', 'Text; a line of a file or of a program has no line end'),
  plain('number', 'A number'),
  plain('boolean', 'true or false'),
  plain('null', 'Nothing'),
  plain('object', 'Properties with any names'),
  plain('array', 'A list of values'),
];
