/**
 * Kernel pipes for child processes. Node gives children socket pairs instead, on which a program that opens its
 * `/dev/stdin`, `/dev/stdout` or `/dev/stderr` fails, and it has no call for a pipe (a named one is no substitute: to
 * open it anew waits for the other end). So a shell makes a few, we open them through its /proc/PID/fd, and it ends: a
 * stock of pipes, each opened once more for either end when it is taken.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync } from 'node:fs';
import { HotwireError } from '../errors';

/** Descriptors under which the shell holds its pipes: POSIX has one digit, and 0 to 2 are taken. */
const SHELL_FDS = [3, 4, 5, 6, 7, 8];
/** With fewer left, more are made ahead of need; two or three serve one command. */
const STOCK_LOW = 4;

/** Each pipe is the input of what follows it; the innermost process has them all, and waits for our word. */
const SCRIPT = SHELL_FDS.reduceRight(
  (inner, fd) => `: | { exec ${fd}<&0; ${inner}; }`,
  'read pid rest < /proc/self/stat; echo $pid; read word <&9',
);

export interface Pipe {
  /** Descriptors; each end is closed by whoever took the pipe. */
  readonly read: number;
  readonly write: number;
}

const stock: number[] = [];
let filling: Promise<void> | undefined;

/** @throws Failed when pipes can't be made, e.g. with no descriptor left */
export async function takePipe(): Promise<Pipe> {
  while (stock.length === 0) await fill();
  const spare = stock.pop() as number;
  if (stock.length < STOCK_LOW) fill().catch(() => undefined); // whoever needs one will meet the error
  try {
    const read = openSync(`/proc/self/fd/${spare}`, constants.O_RDONLY);
    try {
      return { read, write: openSync(`/proc/self/fd/${spare}`, constants.O_WRONLY) };
    } catch (error) {
      closeSync(read);
      throw error;
    }
  } catch (error) {
    throw new HotwireError('Failed', `can't open a pipe: ${(error as Error).message}`, { cause: error });
  } finally {
    closeSync(spare);
  }
}

function fill(): Promise<void> {
  filling ??= makePipes().finally(() => {
    filling = undefined;
  });
  return filling;
}

async function makePipes(): Promise<void> {
  const shell = spawn('/bin/sh', ['-c', `exec 9<&0; ${SCRIPT}`], { stdio: ['pipe', 'pipe', 'ignore'], detached: true });
  const exited = once(shell, 'exit');
  exited.catch(() => undefined); // a shell that did not start shows below
  if (shell.pid === undefined) return exited.then(undefined, (error: Error) => refuse(error));
  shell.stdin.on('error', () => undefined); // likewise
  try {
    const answer = await Promise.race([once(shell.stdout, 'data'), exited]);
    const pid = Number(String(answer[0]));
    if (!Buffer.isBuffer(answer[0])) throw new Error(`/bin/sh ended with status ${answer[0] ?? answer[1]}`);
    for (const fd of SHELL_FDS) stock.push(openSync(`/proc/${pid}/fd/${fd}`, constants.O_RDWR));
  } catch (error) {
    refuse(error as Error);
  } finally {
    shell.stdin.end();
    await exited.catch(() => undefined);
  }
}

function refuse(error: Error): never {
  throw new HotwireError('Failed', `can't make pipes: ${error.message}`, { cause: error });
}
