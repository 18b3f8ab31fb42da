import { type Batch, type Builtin, linesOfFile } from '../engine';
import { HotwireError } from '../errors';
import { type NameOf, userNames } from './lib/names';
import { readCommand } from './lib/processes';
import { readSocketHolders } from './lib/socket-holders';
import {
  INTERNET_TABLES,
  LISTEN,
  type SocketEntry,
  type SocketTable,
  UNCONNECTED,
  UNIX_TABLE,
} from './lib/socket-tables';

const SOCKET = 'hotwire.sysdep.net.Socket';

export const sockets: Builtin = {
  name: 'sockets',
  summary: 'Sockets of the internet protocols, listening and connected, with their processes',
  help:
    'With -l those that wait for others: listening ones, and those of udp that are not connected. Only the processes that you may look into ' +
    'are found: your own, or all for root. They are those of the network namespace that you are in.',
  options: [
    { name: 'all', short: 'a', summary: 'Also those of unix, that stay on this host' },
    { name: 'listening', short: 'l', summary: 'Only those that wait for others' },
  ],
  input: null,
  output: SOCKET,
  idempotent: true,
  examples: [
    { text: 'sockets', shows: 'all of the internet protocols' },
    { text: 'sockets -l | filter ^22$ local_port', shows: 'who listens on port 22' },
    { text: 'sockets -a | filter ^unix$ protocol | filter -v ^$ local', shows: 'those of unix that have a path' },
  ],
  async *run({ options, signal }) {
    const tables = options.has('all') ? [...INTERNET_TABLES, UNIX_TABLE] : INTERNET_TABLES;
    const isWanted = options.has('listening') ? waitsForOthers : () => true;
    const describe = describer(await readSocketHolders(signal), userNames());
    let isLinux = false;
    for (const table of tables) {
      for await (const entries of entriesOf(table)) {
        isLinux = true;
        signal.throwIfAborted(); // where none is wanted, nothing is yielded
        const objects = entries.filter(isWanted).map(describe);
        if (objects.length > 0) yield { className: SOCKET, objects };
      }
    }
    if (!isLinux) throw new HotwireError('NotSupported', "sockets needs Linux's /proc/net, and there is none here");
  },
};

function waitsForOthers({ type, state }: SocketEntry): boolean {
  return state === LISTEN || (type === 'dgram' && state === UNCONNECTED);
}

/** The sockets of a table, as many at a time as the kernel gives; none where the kernel has no such protocol. */
async function* entriesOf({ file, read }: SocketTable): AsyncGenerator<SocketEntry[]> {
  try {
    for await (const { objects } of linesOfFile(file) as AsyncIterable<Batch & { objects: readonly string[] }>) {
      yield objects.map(read).filter((entry) => entry !== undefined);
    }
  } catch (error) {
    if (((error as Error).cause as NodeJS.ErrnoException | undefined)?.code !== 'ENOENT') throw error;
  }
}

/** Adds the names of users, and the processes with their command lines, each of which is read once. */
function describer(holders: ReadonlyMap<number, number>, nameOf: NameOf) {
  const commands = new Map<number, string | null>();
  const commandOf = (pid: number) => {
    if (!commands.has(pid)) commands.set(pid, readCommand(pid) ?? null);
    return commands.get(pid) ?? null;
  };
  return ({ inode, owner_id, ...entry }: SocketEntry) => {
    const pid = holders.get(inode) ?? null;
    const owner_name = owner_id === null ? null : nameOf(owner_id);
    return { ...entry, owner_id, owner_name, inode, pid, cmd: pid === null ? null : commandOf(pid) };
  };
}
