import type { ClassDeclaration } from './class';

/** A variable that programs are given, as `env` sees it. */
export const environmentVariableClass: ClassDeclaration = {
  name: 'hotwire.sysdep.env.EnvironmentVariable',
  parent: 'object',
  summary: 'A variable of the environment that programs are given',
  properties: [
    { name: 'name', type: 'string', summary: 'Its name' },
    { name: 'value', type: 'string', summary: 'What it holds' },
  ],
  columns: ['name', 'value'],
  identity: 'name',
  actions: [{ name: 'Remove', pipeline: 'setenv {name}=' }],
};
