// What /proc tells of other processes: their memory and their family.
import { readdirSync, readFileSync } from 'node:fs';

const KIB = 1024;

/** Memory of a process in bytes: `rss` now, `peak` the most it ever had. */
export function memory(pid: number): { rss: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string) => {
    const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
    if (found === undefined) throw new Error(`/proc/${pid}/status has no ${name}: a zombie or a kernel thread`);
    return Number(found) * KIB;
  };
  return { rss: field('VmRSS'), peak: field('VmHWM') };
}

/** Whether a process of that number runs (a zombie does not). */
export function isAlive(pid: number): boolean {
  const state = statOf(pid)?.state;
  return state !== undefined && state !== 'Z';
}

/** Numbers of all processes below `pid`, zombies left out. One that has lost its parent is found no more. */
export function descendants(pid: number): number[] {
  const childrenOf = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const child = Number(name);
    const stat = Number.isInteger(child) ? statOf(child) : undefined;
    if (!stat || stat.state === 'Z') continue;
    childrenOf.set(stat.parent, [...(childrenOf.get(stat.parent) ?? []), child]);
  }
  const below = (parent: number): number[] =>
    (childrenOf.get(parent) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(pid);
}

/** The words of a process, each ended by a NUL; empty when it has ended. */
export function commandLine(pid: number): string {
  return read(`/proc/${pid}/cmdline`) ?? '';
}

function statOf(pid: number): { state: string; parent: number } | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The name, in parentheses, may hold blanks and parentheses: the fields after it begin behind the last one.
  const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state, parent: Number(parent) };
}

/** A file of /proc; undefined when the process has ended. */
function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined; // it has ended
    throw error;
  }
}

/** How many descriptors a process has open. */
export function openDescriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
