import type { ClassDeclaration } from './class';

/** Objects that have the same value of a property, as `group` counts them. */
export const groupClass: ClassDeclaration = {
  name: 'hotwire.builtins.group.Group',
  parent: 'object',
  summary: 'Objects that have the same value of a property',
  properties: [
    { name: 'key', type: 'any', nullable: true, summary: 'The value' },
    { name: 'count', type: 'number', unit: 'count', summary: 'How many objects have it' },
    { name: 'objects', type: 'array', nullable: true, summary: 'The objects, where group -o kept them' },
    { name: 'class_name', type: 'string', nullable: true, summary: 'Class of those objects, where all have the same' },
  ],
  columns: ['count', 'key'],
  identity: 'key',
};
