// docs/classes.md: what `schema` tells of each class.
import { CLASSES, type ClassDeclaration, propertiesOf } from '../../src/classes';
import { block, bullets, code, joined, link, madeFrom, prose, table } from './markdown';

const INTRODUCTION =
  'What the objects of each class hold. `schema NAME` yields the same as an object, for a display that does not know a class. ' +
  'A type with `?` may be null. Sizes are in bytes and times in seconds since the epoch. Tables show the columns; a narrow ' +
  'one keeps the identity. Actions are pipelines; `{property}` stands for its value, quoted.';

export function classesPage(): string {
  const all = [...CLASSES.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const contents = all.map(({ name, summary }) => [link(name), prose(summary)]);
  const title = joined('# Classes', madeFrom('src/classes'), INTRODUCTION);
  return `${joined(title, table(['Class', ''], contents), ...all.map(section))}\n`;
}

function section({ name, parent, summary, columns, identity, actions = [] }: ClassDeclaration): string {
  const facts = [
    ...(parent === null ? [] : [`Parent: ${link(parent)}.`]),
    ...(columns.length === 0 ? [] : [`Columns: ${columns.map(code).join(', ')}.`]),
    ...(identity === undefined ? [] : [`Identity: ${code(identity)}.`]),
  ];
  return joined(
    `## ${name}`,
    `${prose(summary)}.`,
    bullets(facts),
    table(
      ['Property', 'Type', 'Unit', ''],
      propertiesOf(name).map((property) => [
        code(property.name),
        property.type + (property.nullable ? '?' : ''),
        property.unit ?? '',
        prose(property.summary),
      ]),
    ),
    actions.length === 0 ? undefined : 'Actions:',
    actions.length === 0 ? undefined : block(actions.map((action) => `${action.name}: ${action.pipeline}`).join('\n')),
  );
}
