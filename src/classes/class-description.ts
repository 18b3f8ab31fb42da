import type { ClassDeclaration } from './class';

/** A class as `schema` describes it. */
export const classDescriptionClass: ClassDeclaration = {
  name: 'hotwire.builtins.schema.ClassDescription',
  parent: 'object',
  summary: 'What the objects of a class hold, and how to show and use them',
  properties: [
    { name: 'name', type: 'string', summary: 'Name of the class' },
    { name: 'summary', type: 'string', summary: 'What its objects are' },
    { name: 'parent', type: 'string', nullable: true, summary: 'Class that it descends from' },
    { name: 'columns', type: 'array', summary: 'Properties that a table shows, in order' },
    { name: 'identity', type: 'string', nullable: true, summary: 'Column that a narrow table keeps' },
    { name: 'dispensable', type: 'array', summary: 'Columns that a narrow table leaves out, the first of them first' },
    {
      name: 'properties',
      type: 'array',
      summary:
        'Objects with name, title (null: the name), type, nullable, unit and summary; those of its parents first',
    },
    {
      name: 'actions',
      type: 'array',
      summary: 'Objects with name and pipeline; {property} stands for its value, quoted',
    },
  ],
  columns: ['name', 'summary'],
  identity: 'name',
  actions: [{ name: 'Show', pipeline: 'schema {name}' }],
};
