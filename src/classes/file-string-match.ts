import type { ClassDeclaration } from './class';

/** A line of a file that matches, as `fsearch` finds it. */
export const fileStringMatchClass: ClassDeclaration = {
  name: 'hotwire.builtins.fsearch.FileStringMatch',
  parent: 'object',
  summary: 'A line of a file that a regular expression matches',
  properties: [
    { name: 'path', type: 'string', unit: 'path', summary: 'The file' },
    { name: 'line', type: 'string', summary: 'The whole line' },
    { name: 'line_num', type: 'number', title: 'num', unit: 'count', summary: 'Its number, from 1' },
    { name: 'match_start', type: 'number', summary: 'Where the first match in it begins, in UTF-16 units from 0' },
    { name: 'match_end', type: 'number', summary: 'Where that match ends' },
  ],
  columns: ['path', 'line_num', 'line'],
  identity: 'line',
  dispensable: ['line_num', 'path'],
  actions: [
    { name: 'Edit', pipeline: 'edit {path}' },
    { name: 'View', pipeline: 'view {path}' },
  ],
};
