import type { ClassDeclaration } from './class';

/** A process of the operating system, as `proc` sees it. */
export const processClass: ClassDeclaration = {
  name: 'hotwire.sysdep.proc.Process',
  parent: 'object',
  summary: 'A process of the operating system',
  properties: [
    { name: 'pid', type: 'number', unit: 'pid', summary: 'Process id' },
    { name: 'ppid', type: 'number', unit: 'pid', summary: 'Id of its parent; 0 when it has none' },
    { name: 'cmd', type: 'string', summary: 'Command line; [name] for a thread of the kernel' },
    { name: 'arguments', type: 'array', summary: 'Command line as a list; empty for a thread of the kernel' },
    { name: 'name', type: 'string', summary: 'Name of its program, at most 15 bytes' },
    {
      name: 'state',
      type: 'string',
      summary: 'R running, S sleeping, D waiting for a device, T stopped, Z dead, I idle',
    },
    { name: 'owner_id', type: 'number', unit: 'uid', summary: 'User that it acts as' },
    {
      name: 'owner_name',
      type: 'string',
      title: 'owner',
      summary: 'Name of that user; the number where it has none',
    },
    { name: 'rss', type: 'number', unit: 'bytes', summary: 'Memory that it has in use' },
    { name: 'vsize', type: 'number', unit: 'bytes', summary: 'Address space' },
    { name: 'cpu_time', type: 'number', unit: 'seconds', summary: 'Time that processors spent on it' },
    { name: 'threads', type: 'number', unit: 'count', summary: 'Number of threads' },
    { name: 'start_time', type: 'number', unit: 'epoch-seconds', summary: 'When it was started' },
    { name: 'tty', type: 'string', nullable: true, summary: 'Its terminal; null when it has none' },
    {
      name: 'cwd',
      type: 'string',
      nullable: true,
      unit: 'path',
      summary: 'Directory that it is in; null for threads of the kernel and where it may not be seen',
    },
  ],
  columns: ['pid', 'owner_name', 'cpu_time', 'rss', 'cmd'],
  identity: 'cmd',
  dispensable: ['owner_name', 'cpu_time', 'rss', 'pid'],
  actions: [
    { name: 'End', pipeline: 'kill {pid}' },
    { name: 'Kill', pipeline: 'kill -KILL {pid}' },
    { name: 'Stop', pipeline: 'kill -STOP {pid}' },
    { name: 'Continue', pipeline: 'kill -CONT {pid}' },
  ],
};
