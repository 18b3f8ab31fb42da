import type { ClassDeclaration } from './class';

/** A page of `help`: everything that a command's record says. */
export const helpItemClass: ClassDeclaration = {
  name: 'hotwire.builtins.help.HelpItem',
  parent: 'object',
  summary: 'What a command does and how it is used',
  properties: [
    { name: 'name', type: 'string', summary: 'Name of the command' },
    { name: 'aliases', type: 'array', summary: 'Its other names' },
    { name: 'summary', type: 'string', summary: 'What it does, in a line' },
    { name: 'usage', type: 'string', summary: 'How it is written' },
    { name: 'help', type: 'string', nullable: true, summary: 'More about it' },
    { name: 'options', type: 'array', summary: 'Objects with name, short, value and summary' },
    { name: 'arguments', type: 'array', summary: 'Objects with name, kind, optional and repeated' },
    { name: 'input', type: 'string', nullable: true, summary: 'Class that it takes; null when it takes none' },
    { name: 'input_optional', type: 'boolean', summary: 'It may stand first as well' },
    { name: 'output', type: 'string', nullable: true, summary: 'Class that it yields; identity: what it takes' },
    { name: 'single_value', type: 'boolean', summary: 'Yields exactly one object' },
    { name: 'idempotent', type: 'boolean', summary: 'Changes nothing' },
    { name: 'undoable', type: 'boolean', summary: 'Can be undone' },
    {
      name: 'examples',
      type: 'array',
      summary: 'Objects with text, shows, and the result where it is always the same',
    },
  ],
  columns: ['name', 'summary'],
  identity: 'name',
  actions: [{ name: 'Show', pipeline: 'help {name}' }],
};
