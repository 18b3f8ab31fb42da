import type { ClassDeclaration } from './class';

/** A secure hash, as `sechash` computes it. */
export const digestClass: ClassDeclaration = {
  name: 'hotwire.builtins.sechash.Digest',
  parent: 'object',
  summary: 'A secure hash of a file or of a text',
  properties: [
    {
      name: 'path',
      type: 'string',
      nullable: true,
      unit: 'path',
      summary: 'The file as it was named; null for a text',
    },
    { name: 'algorithm', type: 'string', summary: 'sha256, md5, …' },
    { name: 'digest', type: 'string', summary: 'The hash in hexadecimal digits' },
  ],
  columns: ['digest', 'path'],
  identity: 'digest',
};
