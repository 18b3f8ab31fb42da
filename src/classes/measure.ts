import type { ClassDeclaration } from './class';

/** What `measure` finds out about numbers. */
export const measureClass: ClassDeclaration = {
  name: 'hotwire.builtins.measure.Measure',
  parent: 'object',
  summary: 'Count, sum, least, greatest and mean of numbers',
  properties: [
    {
      name: 'property',
      type: 'string',
      nullable: true,
      summary: 'Where the numbers are; null: the objects themselves',
    },
    { name: 'count', type: 'number', unit: 'count', summary: 'How many numbers' },
    { name: 'sum', type: 'number', summary: 'Their sum' },
    { name: 'min', type: 'number', nullable: true, summary: 'The least; null when there are none' },
    { name: 'max', type: 'number', nullable: true, summary: 'The greatest' },
    { name: 'mean', type: 'number', nullable: true, summary: 'The sum divided by the count' },
  ],
  columns: ['property', 'count', 'sum', 'min', 'max', 'mean'],
  identity: 'property',
};
