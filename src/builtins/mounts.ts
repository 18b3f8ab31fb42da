import type { Builtin } from '../engine';
import { batchesOfClass } from './lib/batches';
import { readMounts } from './lib/mounts';

const MOUNT = 'hotwire.sysdep.fs.Mount';

export const mounts: Builtin = {
  name: 'mounts',
  summary: 'What is mounted, and where',
  help: 'In the order in which it was mounted; of several on one directory the last one hides the others. For their space use df.',
  input: null,
  output: MOUNT,
  idempotent: true,
  examples: [
    { text: 'mounts', shows: 'everything that is mounted' },
    {
      text: 'mounts | filter ^/$ mount_point | prop mount_point | head 1',
      shows: 'one by its directory',
      result: ['/'],
    },
    { text: "mounts | filter '^(nfs|cifs)' type", shows: 'what comes from other hosts' },
  ],
  async *run() {
    yield* batchesOfClass(MOUNT, await readMounts());
  },
};
