import type { ClassDeclaration } from './class';

/** A part of what `pack` reads and `unpack` writes. */
export const pieceClass: ClassDeclaration = {
  name: 'hotwire.transfer.Piece',
  parent: 'object',
  summary:
    'A file, directory or link on its way to another place, or the next part of the content of a file: that has number, offset and data alone',
  properties: [
    { name: 'number', type: 'number', unit: 'count', summary: 'Which entry it belongs to, counted from 0' },
    { name: 'kind', type: 'string', nullable: true, summary: 'file, directory, link, or failed: see error' },
    { name: 'path', type: 'string', nullable: true, unit: 'path', summary: 'Path from root on' },
    { name: 'path_bytes', type: 'string', nullable: true, summary: 'The path in base64, where it is not valid UTF-8' },
    { name: 'root', type: 'string', nullable: true, unit: 'path', summary: 'Directory that the path starts from' },
    { name: 'root_bytes', type: 'string', nullable: true, summary: 'The root in base64, where it is not valid UTF-8' },
    { name: 'mode', type: 'number', nullable: true, unit: 'mode', summary: 'Permission bits' },
    { name: 'size', type: 'number', nullable: true, unit: 'bytes', summary: 'Size of a file' },
    { name: 'mtime', type: 'number', nullable: true, unit: 'epoch-seconds', summary: 'When its content last changed' },
    { name: 'target', type: 'string', nullable: true, summary: 'What a link holds' },
    { name: 'target_bytes', type: 'string', nullable: true, summary: 'The target in base64, where it is not UTF-8' },
    { name: 'offset', type: 'number', nullable: true, unit: 'bytes', summary: 'Where in the file the data begins' },
    { name: 'data', type: 'string', nullable: true, summary: 'Content in base64' },
    {
      name: 'digest',
      type: 'string',
      nullable: true,
      summary:
        'SHA-256 of the whole content, in hexadecimal digits: with the last part of it, and where it is asked for',
    },
    {
      name: 'identity',
      type: 'string',
      nullable: true,
      summary: 'Of a directory that is a source itself: what no other directory has, so that it is not put into itself',
    },
    { name: 'error', type: 'string', nullable: true, summary: 'Why it, or the rest of it, could not be read' },
  ],
  columns: ['number', 'kind', 'mode', 'size', 'mtime', 'path'],
  identity: 'path',
  dispensable: ['number', 'mtime', 'mode'],
};

/** What `unpack` has to say of an entry. */
export const receiptClass: ClassDeclaration = {
  name: 'hotwire.transfer.Receipt',
  parent: 'object',
  summary: 'What became of a file, directory or link that unpack was given, or what it needs of it',
  properties: [
    { name: 'number', type: 'number', unit: 'count', summary: 'Number of the entry, as pack counts them' },
    { name: 'path', type: 'string', unit: 'path', summary: 'Path of the entry' },
    {
      name: 'state',
      type: 'string',
      summary: 'placed, unreadable (at the source) or failed; with --check: wanted, same or failed',
    },
    {
      name: 'offset',
      type: 'number',
      unit: 'bytes',
      summary: 'How much of a wanted file is there from an earlier time',
    },
    { name: 'digest', type: 'string', nullable: true, summary: 'SHA-256 of that, in hexadecimal digits' },
    { name: 'error', type: 'string', nullable: true, summary: 'Why it failed' },
  ],
  columns: ['number', 'state', 'path', 'error'],
  identity: 'path',
  dispensable: ['number'],
};
