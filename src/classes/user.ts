import type { ClassDeclaration } from './class';

/** An account of the system, as `users` sees it. */
export const userClass: ClassDeclaration = {
  name: 'hotwire.sysdep.user.User',
  parent: 'object',
  summary: 'An account of the system',
  properties: [
    { name: 'name', type: 'string', summary: 'Name that it logs in with' },
    { name: 'uid', type: 'number', nullable: true, unit: 'uid', summary: 'Its number' },
    { name: 'gid', type: 'number', nullable: true, unit: 'gid', summary: 'Number of its own group' },
    {
      name: 'group_name',
      type: 'string',
      nullable: true,
      title: 'group',
      summary: 'Name of that group, else the number',
    },
    { name: 'gecos', type: 'string', title: 'info', summary: 'Full name, then perhaps room and phones, with commas' },
    { name: 'home', type: 'string', nullable: true, unit: 'path', summary: 'Home directory' },
    { name: 'shell', type: 'string', nullable: true, unit: 'path', summary: 'Program that a login starts' },
    { name: 'groups', type: 'array', summary: 'Names of all its groups, its own first' },
  ],
  columns: ['uid', 'name', 'gecos', 'home', 'shell'],
  identity: 'name',
  dispensable: ['gecos', 'shell', 'home', 'uid'],
  actions: [{ name: 'List home', pipeline: 'ls {home}' }],
};
