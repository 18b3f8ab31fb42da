import { closeSync, openSync, readSync } from 'node:fs';

const buffer = Buffer.allocUnsafe(16 * 1024);
/** Errors of a process that has just gone, or that hidepid keeps from us. */
const NOT_TO_BE_SEEN = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM']);

/**
 * A file of /proc as text, bytes that are not UTF-8 as U+FFFD; undefined when there is no such process any more, or none
 * that we may see. Synchronous and without readFile's checks: /proc is memory, and this is where `proc` spends its time.
 */
export function readProcFile(file: string): string | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    const length = readSync(descriptor, buffer);
    if (length < buffer.length) return buffer.toString('utf8', 0, length);
    return readRest(descriptor, [Buffer.from(buffer)]);
  } catch (error) {
    if (NOT_TO_BE_SEEN.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function readRest(descriptor: number, chunks: Buffer[]): string {
  for (;;) {
    const length = readSync(descriptor, buffer);
    if (length === 0) return Buffer.concat(chunks).toString();
    chunks.push(Buffer.from(buffer.subarray(0, length)));
  }
}
