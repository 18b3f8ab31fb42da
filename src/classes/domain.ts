import type { ClassDeclaration } from './class';

/** A domain that a slave has open, as `hotwire domains` lists it. */
export const domainClass: ClassDeclaration = {
  name: 'hotwire.domains.Domain',
  parent: 'object',
  summary: 'A connection to another host or user that a slave keeps open',
  properties: [
    { name: 'address', type: 'string', summary: 'As it is opened, e.g. ssh:web1' },
    { name: 'path', type: 'string', summary: 'Its D-Bus object' },
    { name: 'state', type: 'string', summary: 'open' },
    { name: 'opened', type: 'number', unit: 'epoch-seconds', summary: 'When' },
    { name: 'pipelines', type: 'number', summary: 'Pipelines of the asking client that run there' },
    { name: 'clients', type: 'number', summary: 'Clients that have it open' },
  ],
  columns: ['address', 'opened', 'clients'],
  identity: 'address',
  dispensable: ['clients', 'opened'],
  actions: [],
};
