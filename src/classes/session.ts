import type { ClassDeclaration } from './class';

/** Somebody who is logged in, as `users -l` sees it. */
export const sessionClass: ClassDeclaration = {
  name: 'hotwire.sysdep.user.Session',
  parent: 'hotwire.sysdep.user.User',
  summary: 'A login that has not ended, with its account; what no file tells of the account is null',
  properties: [
    { name: 'id', type: 'string', nullable: true, summary: 'Its name to loginctl; null where systemd does not run' },
    { name: 'tty', type: 'string', nullable: true, summary: 'Terminal or display; null when it has none' },
    { name: 'host', type: 'string', nullable: true, summary: 'Where the login came from; null when it was here' },
    { name: 'login_time', type: 'number', unit: 'epoch-seconds', summary: 'When it began' },
    { name: 'pid', type: 'number', unit: 'pid', summary: 'Process that leads it' },
    { name: 'kind', type: 'string', nullable: true, summary: 'tty, x11, wayland or unspecified; null where not known' },
    { name: 'state', type: 'string', nullable: true, summary: 'online, active, closing; null where not known' },
  ],
  columns: ['name', 'tty', 'host', 'login_time', 'pid'],
  identity: 'name',
  dispensable: ['pid', 'host', 'tty', 'login_time'],
  actions: [
    { name: 'Processes', pipeline: 'proc -a | where owner_name eq {name}' },
    { name: 'End', pipeline: 'kill -HUP {pid}' },
  ],
};
