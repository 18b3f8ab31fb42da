import { setImmediate as turn } from 'node:timers/promises';
import type { Builtin } from '../engine';
import { slicesOf } from './lib/batches';
import { userNames } from './lib/names';
import { listProcessIds, readBootTime, readProcess } from './lib/processes';

/** Processes read before others get their turn: some 5 ms. */
const SLICE_PROCESSES = 64;

export const proc: Builtin = {
  name: 'proc',
  summary: 'Processes: your own, or all',
  options: [{ name: 'all', short: 'a', summary: 'Those of every user' }],
  input: null,
  output: 'hotwire.sysdep.proc.Process',
  idempotent: true,
  examples: [
    { text: 'proc', shows: 'your own processes' },
    { text: "proc -a | filter -i 'foo|node' cmd", shows: 'those of any user whose command line matches' },
    { text: 'proc -a | sort -r rss | head 5', shows: 'the five that use the most memory' },
  ],
  async *run({ options }) {
    const ids = await listProcessIds();
    const bootTime = readBootTime();
    const nameOf = userNames();
    const onlyOwner = options.has('all') ? undefined : process.geteuid?.();
    for (const slice of slicesOf(ids, SLICE_PROCESSES)) {
      const objects = slice
        .map((pid) => readProcess(pid, bootTime, nameOf, onlyOwner))
        .filter((found) => found !== undefined);
      if (objects.length > 0) yield { className: 'hotwire.sysdep.proc.Process', objects };
      await turn();
    }
  },
};
