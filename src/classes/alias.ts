import type { ClassDeclaration } from './class';

/** Another name for the start of a pipeline, as `hotwire alias` shows it. */
export const aliasClass: ClassDeclaration = {
  name: 'hotwire.cmdalias.Alias',
  parent: 'object',
  summary: 'A name that stands for the start of a pipeline',
  properties: [
    { name: 'name', type: 'string', summary: 'What is typed' },
    { name: 'target', type: 'string', summary: 'What is run instead' },
    { name: 'default', type: 'boolean', summary: 'Whether it came with hotwire' },
  ],
  columns: ['name', 'target', 'default'],
  identity: 'name',
  dispensable: ['default'],
};
