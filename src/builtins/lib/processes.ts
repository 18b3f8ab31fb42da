import { readlinkSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { HotwireError } from '../../errors';
import type { NameOf } from './names';
import { readProcFile } from './proc-file';

/** Clock ticks of /proc in a second: the kernel's USER_HZ, 100 on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;
const KIB = 1024;

/** See the class hotwire.sysdep.proc.Process. */
export interface ProcessObject {
  readonly pid: number;
  readonly ppid: number;
  readonly cmd: string;
  readonly arguments: readonly string[];
  readonly name: string;
  readonly state: string;
  readonly owner_id: number;
  readonly owner_name: string;
  readonly rss: number;
  readonly vsize: number;
  readonly cpu_time: number;
  readonly threads: number;
  readonly start_time: number;
  readonly tty: string | null;
  readonly cwd: string | null;
}

/**
 * Ids of all processes that we may see, ascending.
 * @throws NotSupported where there is no /proc as Linux has it
 */
export async function listProcessIds(): Promise<number[]> {
  const names = await readdir('/proc').catch(() => []);
  const ids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  if (ids.length === 0)
    throw new HotwireError('NotSupported', "processes are found in Linux's /proc, and there is none here");
  return ids.sort((a, b) => a - b);
}

/** When the system was started, in seconds since the epoch. */
export function readBootTime(): number {
  return Number(/^btime (\d+)$/m.exec(readProcFile('/proc/stat') ?? '')?.[1] ?? 0);
}

/** One process; undefined when it has gone, may not be seen, or belongs to another than `onlyOwner`. */
export function readProcess(
  pid: number,
  bootTime: number,
  nameOf: NameOf,
  onlyOwner?: number,
): ProcessObject | undefined {
  const status = readProcFile(`/proc/${pid}/status`);
  if (status === undefined) return undefined;
  const ownerId = Number(/^Uid:\t\d+\t(\d+)/m.exec(status)?.[1]);
  if (onlyOwner !== undefined && ownerId !== onlyOwner) return undefined;
  const stat = readProcFile(`/proc/${pid}/stat`);
  const commandLine = readProcFile(`/proc/${pid}/cmdline`);
  if (stat === undefined || commandLine === undefined) return undefined;

  // The name may hold blanks and brackets: it ends at the last one.
  const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]); // numbered as in proc(5), which starts with the pid
  const args = splitCommandLine(commandLine);
  return {
    pid,
    ppid: field(4),
    cmd: args.join(' ') || `[${name}]`,
    arguments: args,
    name,
    state: fields[0] ?? '?',
    owner_id: ownerId,
    owner_name: nameOf(ownerId),
    rss: kibibytes(status, 'VmRSS'),
    vsize: kibibytes(status, 'VmSize'),
    cpu_time: (field(14) + field(15)) / TICKS_PER_SECOND,
    threads: field(20),
    start_time: Math.round(bootTime * TICKS_PER_SECOND + field(22)) / TICKS_PER_SECOND,
    tty: terminalName(field(7)),
    cwd: readDirectoryOf(pid),
  };
}

/** The command line of a process, as `proc` shows it; undefined when it has gone or may not be seen. */
export function readCommand(pid: number): string | undefined {
  const commandLine = readProcFile(`/proc/${pid}/cmdline`);
  if (commandLine === undefined) return undefined;
  return splitCommandLine(commandLine).join(' ') || `[${readProcFile(`/proc/${pid}/comm`)?.trimEnd() ?? '?'}]`;
}

/** Where a process is; null for threads of the kernel, for those that we may not look into, and once it has gone. */
function readDirectoryOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null;
  }
}

/** A program that writes a title over its arguments pads it with NULs: those are no empty arguments. */
function splitCommandLine(text: string): string[] {
  if (text === '') return [];
  const args = text.replace(/\0$/, '').split('\0');
  const isTitle = args.length > 2 && args.slice(1).every((argument) => argument === '');
  return isTitle ? args.slice(0, 1) : args;
}

/** A line of /proc/PID/status in bytes; threads of the kernel and dead processes have none of memory. */
function kibibytes(status: string, key: string): number {
  const start = status.indexOf(`\n${key}:`);
  return start < 0 ? 0 : Number.parseInt(status.slice(start + key.length + 2), 10) * KIB;
}

/** Name below /dev of a terminal's device number (Linux, Documentation/admin-guide/devices.txt). */
function terminalName(device: number): string | null {
  if (device === 0) return null;
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >>> 12) & 0xfff00);
  if (major >= 136 && major <= 143) return `pts/${(major - 136) * 256 + minor}`;
  if (major === 4) return minor < 64 ? `tty${minor}` : `ttyS${minor - 64}`;
  return `${major}:${minor}`;
}
