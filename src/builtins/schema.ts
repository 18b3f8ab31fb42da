import { CLASSES, type ClassDeclaration, propertiesOf } from '../classes';
import type { Builtin } from '../engine';
import { HotwireError } from '../errors';
import { lookAt } from './lib/check';

const DESCRIPTION = 'hotwire.builtins.schema.ClassDescription';

export const schema: Builtin = {
  name: 'schema',
  summary: 'What the objects of a class hold, and how to show and use them',
  help: 'Without a class it describes all. The last part of a name is enough: schema File.',
  arguments: [{ name: 'class', kind: 'class', optional: true }],
  input: null,
  output: DESCRIPTION,
  idempotent: true,
  examples: [
    { text: 'schema | prop name | filter File$', shows: 'names of classes', result: ['hotwire.sysdep.fs.File'] },
    {
      text: 'schema Process | prop columns',
      shows: 'what a table of processes shows',
      result: [['pid', 'owner_name', 'cpu_time', 'rss', 'cmd']],
    },
  ],
  check({ args: [name] }) {
    lookAt(0, () => name !== undefined && findClass(name));
  },
  async *run({ args: [name] }) {
    const found = name === undefined ? [...CLASSES.values()] : [findClass(name)];
    yield { className: DESCRIPTION, objects: found.map(describeClass) };
  },
};

function findClass(name: string): ClassDeclaration {
  const found = CLASSES.get(name) ?? [...CLASSES.values()].find((known) => known.name.endsWith(`.${name}`));
  if (found !== undefined) return found;
  throw new HotwireError(
    'InvalidArgs',
    `schema: there is no class ${name}; known are ${[...CLASSES.keys()].join(', ')}`,
  );
}

/** See the class hotwire.builtins.schema.ClassDescription. */
function describeClass({
  name,
  summary,
  parent,
  columns,
  identity,
  dispensable = [],
  actions = [],
}: ClassDeclaration): Readonly<Record<string, unknown>> {
  const properties = propertiesOf(name).map((property) => ({
    name: property.name,
    title: property.title ?? null,
    type: property.type,
    nullable: property.nullable ?? false,
    unit: property.unit ?? null,
    summary: property.summary,
  }));
  return { name, summary, parent, columns, identity: identity ?? null, dispensable, properties, actions };
}
