import type { ClassDeclaration } from './class';

/** A mounted file system, as `mounts` sees it. */
export const mountClass: ClassDeclaration = {
  name: 'hotwire.sysdep.fs.Mount',
  parent: 'object',
  summary: 'A place in the tree of directories where a file system is mounted',
  properties: [
    { name: 'mount_point', type: 'string', unit: 'path', title: 'on', summary: 'Directory where it is mounted' },
    { name: 'source', type: 'string', summary: 'What is mounted: a device, HOST:PATH, or a name without meaning' },
    { name: 'type', type: 'string', summary: 'Type of the file system: ext4, tmpfs, nfs4' },
    { name: 'read_only', type: 'boolean', title: 'ro', summary: 'Nothing can be written below it' },
    { name: 'options', type: 'array', summary: 'Options of the mount, then those of the file system' },
    { name: 'root', type: 'string', unit: 'path', summary: 'Its directory that is mounted; / unless a part is bound' },
    { name: 'device', type: 'string', summary: 'MAJOR:MINOR: mounts of the same file system have the same' },
    { name: 'mount_id', type: 'number', summary: 'Number of the mount' },
    { name: 'parent_id', type: 'number', summary: 'Number of the mount that it lies in' },
  ],
  columns: ['source', 'type', 'read_only', 'mount_point'],
  identity: 'mount_point',
  dispensable: ['read_only', 'type', 'source'],
  actions: [
    { name: 'List', pipeline: 'ls {mount_point}' },
    { name: 'Space', pipeline: 'df {mount_point}' },
    { name: 'Unmount', pipeline: 'sys umount {mount_point}' },
  ],
};

/** A mounted file system with its space, as `df` sees it. */
export const fileSystemClass: ClassDeclaration = {
  name: 'hotwire.sysdep.fs.FileSystem',
  parent: mountClass.name,
  summary:
    'A mounted file system and its space. What can be known only by asking is null where stat_error says why not',
  properties: [
    { name: 'size', type: 'number', nullable: true, unit: 'bytes', summary: 'All of its space' },
    { name: 'used', type: 'number', nullable: true, unit: 'bytes', summary: 'Space in use' },
    { name: 'available', type: 'number', nullable: true, unit: 'bytes', title: 'avail', summary: 'Space for users' },
    {
      name: 'used_percent',
      type: 'number',
      nullable: true,
      unit: 'percent',
      title: 'used %',
      summary: 'Space in use, of what users could use',
    },
    { name: 'files', type: 'number', nullable: true, unit: 'count', summary: 'Most files it can hold; 0: no limit' },
    { name: 'files_used', type: 'number', nullable: true, unit: 'count', summary: 'Files that it holds' },
    { name: 'stat_error', type: 'string', nullable: true, summary: 'Why its space is not known; null when it is' },
  ],
  columns: ['source', 'size', 'used', 'available', 'used_percent', 'mount_point'],
  identity: 'mount_point',
  dispensable: ['source', 'used', 'size', 'available', 'used_percent'],
  actions: mountClass.actions ?? [],
};
