// A page of `schema`: hotwire.builtins.schema.ClassDescription.
import { type JsonRecord, textColumn } from './columns';
import { type Page, recordsIn, textIn, textsIn } from './page';

const PROPERTY_COLUMNS = [
  textColumn('name', { title: 'property', whole: true }),
  textColumn('type', { whole: true }),
  textColumn('unit', { whole: true }),
  textColumn('summary', { wraps: true }),
];
const ACTION_COLUMNS = [textColumn('name', { whole: true }), textColumn('pipeline', { wraps: true })];

export function classPage(description: JsonRecord, page: Page): void {
  const parent = textIn(description, 'parent');
  page.heading(textIn(description, 'name'));
  page.prose(textIn(description, 'summary'));
  if (parent !== '') page.prose(`Its parent is ${parent}.`);
  const properties = recordsIn(description, 'properties');
  if (properties.length > 0) {
    page.heading('Properties');
    page.table(PROPERTY_COLUMNS, properties.map(propertyRow), true);
    if (properties.some(({ nullable }) => nullable === true)) {
      page.gap();
      page.prose('What has a type with ? may be null.', 1);
    }
  }
  const columns = textsIn(description, 'columns');
  if (columns.length > 0) {
    page.heading('Columns of a table');
    page.prose(columns.join(', '), 1);
  }
  const actions = recordsIn(description, 'actions');
  if (actions.length > 0) {
    page.heading('Actions');
    page.table(
      ACTION_COLUMNS,
      actions.map((action) => [textIn(action, 'name'), textIn(action, 'pipeline')]),
    );
  }
}

function propertyRow(property: JsonRecord): string[] {
  const type = textIn(property, 'type') + (property.nullable === true ? '?' : '');
  return [textIn(property, 'name'), type, textIn(property, 'unit'), textIn(property, 'summary')];
}
