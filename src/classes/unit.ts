import type { ClassDeclaration } from './class';

/** A unit of systemd, as `units` sees it. */
export const unitClass: ClassDeclaration = {
  name: 'hotwire.sysdep.systemd.Unit',
  parent: 'object',
  summary: 'A service, socket, mount, timer or the like that systemd looks after',
  properties: [
    { name: 'name', type: 'string', summary: 'Name with its kind: ssh.service' },
    { name: 'description', type: 'string', title: 'about', summary: 'What it is, in words' },
    { name: 'kind', type: 'string', summary: 'service, socket, mount, timer, target, slice, scope, path, device, …' },
    { name: 'load_state', type: 'string', title: 'load', summary: 'loaded, not-found, bad-setting, error or masked' },
    {
      name: 'active_state',
      type: 'string',
      title: 'active',
      summary: 'active, reloading, inactive, failed, activating or deactivating',
    },
    {
      name: 'sub_state',
      type: 'string',
      title: 'sub',
      summary: 'The same, in words of its kind: running, exited, dead',
    },
    { name: 'following', type: 'string', nullable: true, summary: 'Unit whose state it has; null: a state of its own' },
    { name: 'object_path', type: 'string', summary: 'Its D-Bus object' },
    { name: 'job_id', type: 'number', nullable: true, summary: 'Number of what is being done to it; null: nothing' },
    {
      name: 'job_type',
      type: 'string',
      nullable: true,
      summary: 'start, stop, restart, …; null: nothing is being done',
    },
    { name: 'manager', type: 'string', summary: 'Who looks after it: system, or user for one of your own' },
  ],
  columns: ['name', 'active_state', 'sub_state', 'description'],
  identity: 'name',
  dispensable: ['description', 'sub_state', 'active_state'],
  // `--` because names such as -.mount start with a dash
  actions: [
    { name: 'Status', pipeline: 'sys systemctl --{manager} status -- {name}' },
    { name: 'Start', pipeline: 'sys systemctl --{manager} start -- {name}' },
    { name: 'Stop', pipeline: 'sys systemctl --{manager} stop -- {name}' },
    { name: 'Restart', pipeline: 'sys systemctl --{manager} restart -- {name}' },
  ],
};
