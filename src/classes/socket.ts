import type { ClassDeclaration } from './class';

/** A socket of the system, as `sockets` sees it. */
export const socketClass: ClassDeclaration = {
  name: 'hotwire.sysdep.net.Socket',
  parent: 'object',
  summary: 'A socket, and the process that holds it where that may be seen',
  properties: [
    { name: 'protocol', type: 'string', title: 'proto', summary: 'tcp, tcp6, udp, udp6 or unix' },
    { name: 'type', type: 'string', summary: 'stream, dgram or seqpacket' },
    { name: 'state', type: 'string', summary: 'As ss names it, in full: LISTEN, ESTABLISHED, UNCONNECTED, TIME_WAIT' },
    {
      name: 'local',
      type: 'string',
      summary: 'Local ADDRESS:PORT, [ADDRESS]:PORT, or the path; @ starts a name that is no file',
    },
    { name: 'remote', type: 'string', nullable: true, summary: 'The same of the other end; null when not connected' },
    {
      name: 'local_address',
      type: 'string',
      nullable: true,
      summary: 'Local IP address; one of IPv4 in a socket of IPv6 is written as such; null for unix',
    },
    { name: 'local_port', type: 'number', nullable: true, summary: 'Local port; null for unix' },
    { name: 'remote_address', type: 'string', nullable: true, summary: 'IP address of the other end' },
    { name: 'remote_port', type: 'number', nullable: true, summary: 'Port of the other end' },
    {
      name: 'receive_queue',
      type: 'number',
      nullable: true,
      title: 'recv-q',
      summary: 'Bytes that its process has not read; connections not yet accepted where it listens; null for unix',
    },
    {
      name: 'send_queue',
      type: 'number',
      nullable: true,
      title: 'send-q',
      summary: 'Bytes that the other end has not acknowledged; null for unix',
    },
    { name: 'owner_id', type: 'number', nullable: true, unit: 'uid', summary: 'User that made it; null for unix' },
    {
      name: 'owner_name',
      type: 'string',
      nullable: true,
      title: 'owner',
      summary: 'Name of that user, else the number',
    },
    { name: 'inode', type: 'number', summary: 'Number of the socket; 0 where it belongs to the kernel alone' },
    {
      name: 'pid',
      type: 'number',
      nullable: true,
      unit: 'pid',
      summary: 'Process that holds it, the first of several; null when none does that we may look into',
    },
    { name: 'cmd', type: 'string', nullable: true, summary: 'Command line of that process' },
  ],
  columns: ['protocol', 'state', 'local', 'remote', 'owner_name', 'pid', 'cmd'],
  identity: 'local',
  dispensable: ['owner_name', 'cmd', 'pid', 'protocol', 'state', 'remote'],
};
