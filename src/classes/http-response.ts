import type { ClassDeclaration } from './class';

/** What a web server answered, as `http-get` got it. */
export const httpResponseClass: ClassDeclaration = {
  name: 'hotwire.builtins.http_get.HttpResponse',
  parent: 'object',
  summary: 'What a web server answered',
  properties: [
    { name: 'url', type: 'string', summary: 'Where it came from, after all redirects' },
    { name: 'status', type: 'number', summary: 'Status code: 200, 404, …' },
    { name: 'reason', type: 'string', summary: 'The status in words' },
    {
      name: 'content_type',
      type: 'string',
      nullable: true,
      title: 'type',
      summary: 'Kind of the content, if it is told',
    },
    { name: 'size', type: 'number', unit: 'bytes', summary: 'Size of the content' },
    { name: 'headers', type: 'object', summary: 'Headers by name, in small letters; repeated ones are joined' },
    { name: 'redirects', type: 'array', summary: 'URLs that led here, the first one first' },
    { name: 'duration', type: 'number', unit: 'seconds', summary: 'How long it took, redirects included' },
    { name: 'body', type: 'string', nullable: true, summary: 'The content as text; null where it is none' },
    { name: 'body_bytes', type: 'string', nullable: true, summary: 'The content in base64, where it is no text' },
  ],
  columns: ['status', 'content_type', 'size', 'url'],
  identity: 'url',
  dispensable: ['content_type', 'size'],
};
