import { readFile } from 'node:fs/promises';
import { HotwireError } from '../../errors';

/** See the class hotwire.sysdep.fs.Mount. */
export interface MountObject {
  readonly mount_point: string;
  readonly source: string;
  readonly type: string;
  readonly read_only: boolean;
  readonly options: readonly string[];
  readonly root: string;
  readonly device: string;
  readonly mount_id: number;
  readonly parent_id: number;
}

/**
 * What is mounted in our own tree, in the order in which it was.
 * @throws NotSupported where there is no /proc as Linux has it
 */
export async function readMounts(): Promise<MountObject[]> {
  const text = await readFile('/proc/self/mountinfo', 'utf8').catch((cause: Error) => {
    throw new HotwireError('NotSupported', `mounts are listed in Linux's /proc/self/mountinfo: ${cause.message}`, {
      cause,
    });
  });
  return parseMountInfo(text);
}

/** The text of /proc/PID/mountinfo (proc(5)): fields, any number of optional ones, ` - `, then those of the file system. */
export function parseMountInfo(text: string): MountObject[] {
  const mounts: MountObject[] = [];
  for (const line of text.split('\n')) {
    const fields = line.split(' ');
    const separator = fields.indexOf('-', 6);
    if (separator < 0) continue; // the end of the text
    const [id, parent, device = '', root = '', mountPoint = '', options = ''] = fields;
    const [type = '', source = '', superOptions = ''] = fields.slice(separator + 1);
    const all = [...new Set([...splitOptions(options), ...splitOptions(superOptions)])];
    // Either alone can forbid writing: a mount of its own, or the file system for all of its mounts.
    const readOnly = all.includes('ro');
    mounts.push({
      mount_point: decodeOctal(mountPoint),
      source: decodeOctal(source),
      type: decodeOctal(type),
      read_only: readOnly,
      options: readOnly ? all.filter((option) => option !== 'rw') : all,
      root: decodeOctal(root),
      device,
      mount_id: Number(id),
      parent_id: Number(parent),
    });
  }
  return mounts;
}

function splitOptions(text: string): string[] {
  return text.split(',').filter(Boolean).map(decodeOctal);
}

/** The kernel writes blanks, line ends and backslashes as three octal digits. */
function decodeOctal(text: string): string {
  return text.replace(/\\([0-3][0-7]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/** Those that can be reached: of several on one directory the last one hides the others. */
export function visibleMounts(mounts: readonly MountObject[]): MountObject[] {
  return [...new Map(mounts.map((mount) => [mount.mount_point, mount])).values()];
}

/** The one that an absolute path without links lies in. */
export function mountOf(file: string, mounts: readonly MountObject[]): MountObject | undefined {
  let best: MountObject | undefined;
  for (const mount of mounts) {
    const { mount_point: point } = mount;
    const holds = point === '/' || file === point || file.startsWith(`${point}/`);
    // On the same directory the last one counts.
    if (holds && (best === undefined || point.length >= best.mount_point.length)) best = mount;
  }
  return best;
}
