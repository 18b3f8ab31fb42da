import { statfs } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe } from '../../engine';
import { FILE_SYSTEM_TIMEOUT_MS, MAX_STUCK_FILE_SYSTEMS } from '../../limits';
import type { MountObject } from './mounts';

/** What is known of a file system only by asking it; see the class hotwire.sysdep.fs.FileSystem. */
interface Space {
  readonly size: number | null;
  readonly used: number | null;
  readonly available: number | null;
  readonly used_percent: number | null;
  readonly files: number | null;
  readonly files_used: number | null;
  readonly stat_error: string | null;
}

export type FileSystemObject = MountObject & Space;

/**
 * Mount points that were asked and did not answer (a server of NFS that is away). Each holds one of the few threads that
 * all pipelines share, for as long as the kernel waits: so few are asked, and none of them twice.
 */
const stuck = new Set<string>();

/** Mounts with their space, in order. One that can't be asked or does not answer says so in stat_error. */
export function describeFileSystems(mounts: readonly MountObject[]): Promise<FileSystemObject[]> {
  return Promise.all(mounts.map(async (mount) => ({ ...mount, ...(await askSpace(mount.mount_point)) })));
}

/** The space of one file system. `ask` is the system's own statfs. */
export async function askSpace(mountPoint: string, ask: (file: string) => Promise<Answer> = statfs): Promise<Space> {
  if (stuck.has(mountPoint)) return unknown('it has not answered for a while');
  if (stuck.size >= MAX_STUCK_FILE_SYSTEMS) return unknown('not asked: other file systems do not answer');
  const answered = new AbortController();
  const asked = ask(mountPoint).then(toSpace, (error) => unknown(describe(error)));
  const late = sleep(FILE_SYSTEM_TIMEOUT_MS, undefined, { signal: answered.signal }).then(
    () => {
      stuck.add(mountPoint);
      return unknown(`it has not answered for ${FILE_SYSTEM_TIMEOUT_MS / 1000} s`);
    },
    () => unknown(''), // answered in time: nobody looks at this
  );
  void asked.then(() => {
    answered.abort();
    stuck.delete(mountPoint);
  });
  return Promise.race([asked, late]);
}

/** What we need of the system's answer (statfs(2)). */
export interface Answer {
  readonly bsize: number;
  readonly blocks: number;
  readonly bfree: number;
  readonly bavail: number;
  readonly files: number;
  readonly ffree: number;
}

function toSpace({ bsize, blocks, bfree, bavail, files, ffree }: Answer): Space {
  const used = blocks - bfree;
  const usable = used + bavail; // without what is kept for the administrator, as df counts
  return {
    size: blocks * bsize,
    used: used * bsize,
    available: bavail * bsize,
    used_percent: usable > 0 ? Math.round((used / usable) * 1000) / 10 : 0,
    files,
    files_used: files - ffree,
    stat_error: null,
  };
}

function unknown(why: string): Space {
  const nothing = { size: null, used: null, available: null, used_percent: null, files: null, files_used: null };
  return { ...nothing, stat_error: why };
}
