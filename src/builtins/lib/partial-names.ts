/** Names of the directories for half-received files, and of what is in them. One that is written tells who writes it. */
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { readProcFile } from './proc-file';

const PREFIX = '.hotwire-partial-';
const KEY_DIGITS = 32;
const HOST_DIGITS = 8;
/** Fields of /proc/PID/stat, counted behind the name of the program: how it is, and when it started. */
const STATE_FIELD = 0;
const START_FIELD = 19;
/** States of a process that has ended, and that its parent has not asked for yet. */
const ENDED_STATES = 'ZX';
/** Prefixes of names beside those of files: links that are made, and notes of what a directory becomes a copy of. */
export const LINK = 'link.';
export const MARK = 'copy.';

/** Whether a directory of that name is one of these, of any user. */
export function isPartialsName(name: Buffer): boolean {
  return name.toString('latin1').startsWith(PREFIX);
}

export function nameOfOurs(): Buffer {
  return Buffer.from(`${PREFIX}${process.geteuid?.()}`);
}

export function keyOf(name: Buffer): string {
  return createHash('sha256').update(name).digest('hex').slice(0, KEY_DIGITS);
}

let partials = 0;

/** Fresh, with what tells whether its owner still is: host, process and when that started. */
export function ownName(key: string): string {
  partials += 1;
  return [key, HOST, process.pid, startOf('self'), partials].join('.');
}

const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, HOST_DIGITS);

/** @param owner what follows the key in a name. Of another host nothing can be known. */
export function isOwned(owner: string): boolean {
  const [, host, pid = '', start] = owner.split('.');
  return host !== HOST || (/^\d+$/.test(pid) && startOf(pid) === start);
}

function startOf(pid: string): string {
  const text = readProcFile(`/proc/${pid}/stat`) ?? '';
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const state = fields[STATE_FIELD] || ENDED_STATES;
  return ENDED_STATES.includes(state) ? 'gone' : (fields[START_FIELD] ?? 'gone');
}
