import type { ClassDeclaration } from './class';

/** A file, directory or other entry of the file system, as `ls` and `walk` see it. */
export const fileClass: ClassDeclaration = {
  name: 'hotwire.sysdep.fs.File',
  parent: 'object',
  summary: 'A file, directory or link. What can be known of it only by looking is null where stat_error says why not',
  properties: [
    { name: 'path', type: 'string', unit: 'path', summary: 'Absolute path' },
    { name: 'basename', type: 'string', summary: 'Last part of the path' },
    { name: 'size', type: 'number', nullable: true, unit: 'bytes', summary: 'Size; null for what is no regular file' },
    { name: 'is_directory', type: 'boolean', summary: 'A directory, or a link to one' },
    { name: 'is_executable', type: 'boolean', summary: 'A regular file that someone may execute, or a link to one' },
    { name: 'is_link', type: 'boolean', summary: 'A symbolic link' },
    { name: 'hidden', type: 'boolean', summary: 'Its name starts with a dot' },
    { name: 'file_type_char', type: 'string', nullable: true, summary: '- file, d directory, l link, p, s, c or b' },
    {
      name: 'permissions_string',
      type: 'string',
      nullable: true,
      title: 'perms',
      summary: 'As ls shows them: rwxr-xr-x',
    },
    { name: 'mode', type: 'number', nullable: true, unit: 'mode', summary: 'Type and permission bits' },
    { name: 'mtime', type: 'number', nullable: true, unit: 'epoch-seconds', summary: 'When its content last changed' },
    { name: 'owner', type: 'number', nullable: true, unit: 'uid', summary: 'User that owns it' },
    { name: 'group', type: 'number', nullable: true, unit: 'gid', summary: 'Group that owns it' },
    {
      name: 'owner_name',
      type: 'string',
      nullable: true,
      title: 'owner',
      summary: 'Name of that user; the number where it has none',
    },
    {
      name: 'group_name',
      type: 'string',
      nullable: true,
      title: 'group',
      summary: 'Name of that group; the number where it has none',
    },
    { name: 'link_target', type: 'string', nullable: true, summary: 'What a link holds; null for anything else' },
    {
      name: 'stat_error',
      type: 'string',
      nullable: true,
      summary: 'Why it could not be looked at; null when it could',
    },
    { name: 'path_bytes', type: 'string', nullable: true, summary: 'The path in base64, where it is not valid UTF-8' },
  ],
  // mode says more than permissions_string: it is shown with the type, as drwxr-xr-x
  columns: ['mode', 'owner_name', 'size', 'mtime', 'path'],
  identity: 'path',
  dispensable: ['owner_name', 'mode', 'mtime', 'size'],
  actions: [
    { name: 'List', pipeline: 'ls {path}' },
    { name: 'Show', pipeline: 'cat {path}' },
    { name: 'Open', pipeline: 'open {path}' },
    { name: 'Edit', pipeline: 'edit {path}' },
    { name: 'View', pipeline: 'view {path}' },
    { name: 'Go there', pipeline: 'cd {path}' },
    { name: 'Move to the trash', pipeline: 'rm {path}' },
  ],
};
