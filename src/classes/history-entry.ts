import type { ClassDeclaration } from './class';

/** A pipeline that a person ran, as `history` sees it. */
export const historyEntryClass: ClassDeclaration = {
  name: 'hotwire.builtins.history.HistoryEntry',
  parent: 'object',
  summary: 'A pipeline that was run by hand',
  properties: [
    { name: 'id', type: 'number', summary: 'Its number, for hotwire history --delete' },
    { name: 'command', type: 'string', summary: 'The text, as it was typed' },
    { name: 'time', type: 'number', unit: 'epoch-seconds', summary: 'When it was started' },
    {
      name: 'cwd',
      type: 'string',
      nullable: true,
      unit: 'path',
      summary: 'Directory that it was started in; null where that had been removed',
    },
    { name: 'domain', type: 'string', summary: 'Address of the domain that it ran in; empty for this machine' },
    {
      name: 'exit_status',
      type: 'number',
      nullable: true,
      title: 'exit',
      summary: 'Exit status of hotwire run; null while it runs, and when nobody saw its end',
    },
    {
      name: 'duration',
      type: 'number',
      nullable: true,
      unit: 'seconds',
      summary: 'How long it ran; null as for exit_status',
    },
  ],
  columns: ['id', 'time', 'exit_status', 'duration', 'domain', 'command'],
  identity: 'command',
  dispensable: ['duration', 'exit_status', 'time', 'id', 'domain'],
  actions: [{ name: 'Go to its directory', pipeline: 'cd {cwd}' }],
};
