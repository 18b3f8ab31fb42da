import type { ClassDeclaration } from './class';

/** A detached pipeline, as `hotwire jobs` shows it. */
export const pipelineClass: ClassDeclaration = {
  name: 'hotwire.engine.Pipeline',
  parent: 'object',
  summary: 'A pipeline that runs, or has run, detached',
  properties: [
    { name: 'id', type: 'number', summary: 'Its number, for hotwire attach, cancel, undo and release' },
    { name: 'state', type: 'string', summary: 'executing, complete, cancelled, exception or undone' },
    { name: 'started', type: 'number', unit: 'epoch-seconds', summary: 'When it was started' },
    {
      name: 'completed',
      type: 'number',
      nullable: true,
      unit: 'epoch-seconds',
      summary: 'When it ended; null while it runs',
    },
    {
      name: 'exit',
      type: 'string',
      nullable: true,
      summary: 'Exit status of the program of its last command, or the signal that ended it; null if there was none',
    },
    { name: 'objects', type: 'number', summary: 'How many objects it has yielded' },
    { name: 'signals', type: 'number', summary: 'How many signals of it there are, for hotwire attach --from' },
    { name: 'undoable', type: 'boolean', summary: 'Whether it can be undone now' },
    { name: 'text', type: 'string', summary: 'Its text' },
    {
      name: 'waiting',
      type: 'string',
      nullable: true,
      summary: 'Why it waits: its spool or the disk is full; null if it does not',
    },
    { name: 'error', type: 'string', nullable: true, summary: 'Why it failed; null if it did not' },
  ],
  columns: ['id', 'state', 'exit', 'started', 'objects', 'text'],
  identity: 'text',
  dispensable: ['started', 'objects', 'exit'],
  actions: [],
};
