import { realpath } from 'node:fs/promises';
import type { Builtin, Stage } from '../engine';
import { slicesOf } from './lib/batches';
import { describeFileSystems } from './lib/file-systems';
import { unusable } from './lib/files';
import { type MountObject, mountOf, readMounts, visibleMounts } from './lib/mounts';
import { namedPath } from './lib/raw-path';

const FILE_SYSTEM = 'hotwire.sysdep.fs.FileSystem';
/** Asked at once: each takes one of the few threads that all pipelines share. */
const ASKED_AT_ONCE = 2;
/** To ask the space of a directory that mounts something once it is looked at would mount it. */
const AUTOMOUNT = 'autofs';

export const df: Builtin = {
  name: 'df',
  summary: 'Space of file systems: of all, or of those that hold the paths',
  help:
    'Those without any space of their own (proc, sysfs) are left out, and of a file system that is mounted several times only its first ' +
    'mount is shown: -a shows all. One that does not answer within two seconds, such as that of a server that is away, has a stat_error.',
  options: [
    { name: 'all', short: 'a', summary: 'Also those without space, and every mount of each' },
    { name: 'human-readable', short: 'h', summary: 'No effect: a table shows sizes so; it is there for the habit' },
  ],
  arguments: [{ name: 'path', kind: 'path', optional: true, repeated: true }],
  input: null,
  output: FILE_SYSTEM,
  idempotent: true,
  examples: [
    { text: 'df', shows: 'all file systems that hold something' },
    { text: 'df .', shows: 'the file system of this directory' },
    { text: 'df | sort -r used_percent | head 3', shows: 'the three that are fullest' },
  ],
  async *run(stage) {
    const mounts = visibleMounts(await readMounts());
    const all = stage.args.length > 0 || stage.options.has('all');
    const listed = (all ? mounts : oncePerFileSystem(mounts)).filter(({ type }) => type !== AUTOMOUNT);
    const wanted = stage.args.length > 0 ? await holdersOf(stage, mounts) : listed;
    for (const slice of slicesOf(wanted, ASKED_AT_ONCE)) {
      const objects = (await describeFileSystems(slice)).filter(({ size }) => all || size !== 0);
      if (objects.length > 0) yield { className: FILE_SYSTEM, objects };
      stage.signal.throwIfAborted();
    }
  },
};

/** The mounts that the paths lie in, each as often as it was asked for. */
async function holdersOf({ args, cwd }: Stage, mounts: readonly MountObject[]): Promise<MountObject[]> {
  const holders: MountObject[] = [];
  for (const argument of args) {
    const { file, shown } = namedPath(cwd, argument);
    const real = await realpath(file).catch((error) => {
      throw unusable(shown, error);
    });
    const holder = mountOf(real, mounts);
    if (holder === undefined) throw unusable(shown, new Error('lies in no mount that can be seen from here'));
    holders.push(holder);
  }
  return holders;
}

/** Of the mounts of one file system that of its root, else the first. */
function oncePerFileSystem(mounts: readonly MountObject[]): MountObject[] {
  const chosen = new Map<string, MountObject>();
  for (const mount of mounts) {
    const before = chosen.get(mount.device);
    if (before === undefined || (before.root !== '/' && mount.root === '/')) chosen.set(mount.device, mount);
  }
  return [...chosen.values()];
}
