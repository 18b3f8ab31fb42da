import { readlinkSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { slicesOf } from './batches';
import { listProcessIds } from './processes';

/** Processes whose directories are read at once. */
const SLICE_PROCESSES = 64;
/** Descriptors looked at before others get their turn: some 5 ms. */
const SLICE_DESCRIPTORS = 1024;
const SOCKET_LINK = 'socket:[';

/**
 * Sockets, by number, and the process that holds each, as far as we may look into it: the first of several, which
 * is mostly the one that started the others.
 * @throws the signal's reason when it aborts
 */
export async function readSocketHolders(signal: AbortSignal): Promise<Map<number, number>> {
  const holders = new Map<number, number>();
  let looked = 0;
  for (const pids of slicesOf(await listProcessIds(), SLICE_PROCESSES)) {
    const found = await Promise.all(pids.map(async (pid) => ({ pid, descriptors: await descriptorsOf(pid) })));
    for (const { pid, descriptors } of found) {
      for (const descriptor of descriptors) {
        const inode = socketBehind(`/proc/${pid}/fd/${descriptor}`);
        if (inode !== undefined && !holders.has(inode)) holders.set(inode, pid);
        if (++looked % SLICE_DESCRIPTORS === 0) {
          await turn();
          signal.throwIfAborted();
        }
      }
    }
    signal.throwIfAborted();
  }
  return holders;
}

/** Of a process that has gone or is another user's there are none. */
function descriptorsOf(pid: number): Promise<string[]> {
  return readdir(`/proc/${pid}/fd`).catch(() => []);
}

function socketBehind(link: string): number | undefined {
  try {
    const target = readlinkSync(link);
    return target.startsWith(SOCKET_LINK) ? Number(target.slice(SOCKET_LINK.length, -1)) : undefined;
  } catch {
    return undefined; // closed meanwhile
  }
}
