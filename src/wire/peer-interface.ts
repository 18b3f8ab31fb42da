import { readFileSync } from 'node:fs';
import type { Connection } from './connection';
import type { IncomingMessage } from './message';

const PEER = 'org.freedesktop.DBus.Peer';
const MACHINE_ID_FILES = ['/etc/machine-id', '/var/lib/dbus/machine-id'];

/**
 * Answers `org.freedesktop.DBus.Peer`, which every D-Bus program has on every path.
 * @returns false when the call is for another interface or member
 */
export function answerPeer(connection: Connection, call: IncomingMessage): boolean {
  if (call.interface !== PEER) return false;
  if (call.member === 'Ping') {
    connection.reply(call);
    return true;
  }
  const id = call.member === 'GetMachineId' ? machineId() : undefined;
  if (id === undefined) return false;
  connection.reply(call, 's', [id]);
  return true;
}

/** The id of this machine (32 hexadecimal digits); undefined where it has none, as in a container. */
export function machineId(): string | undefined {
  for (const file of MACHINE_ID_FILES) {
    try {
      const id = readFileSync(file, 'latin1').trim();
      if (/^[0-9a-f]{32}$/.test(id)) return id;
    } catch {
      // not on this machine: the next file, or none
    }
  }
  return undefined;
}
