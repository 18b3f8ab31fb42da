/** Whether a directory that comes from somewhere is the very one, or one above it, that it would be put into. */
import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { type RawPath, toRaw } from '../../engine';
import { HotwireError } from '../../errors';
import { codeOf } from './place';
import { readProcFile } from './proc-file';
import { splitRaw } from './raw-path';

const BOOT_ID = '/proc/sys/kernel/random/boot_id';

/**
 * What no other directory has, on whatever host, in words that tell nothing about the host.
 * @returns undefined where the system does not tell which one it is
 */
export function identityOf({ dev, ino }: Pick<BigIntStats, 'dev' | 'ino'>): string | undefined {
  const boot = readProcFile(BOOT_ID);
  return boot === undefined ? undefined : createHash('sha256').update(`${boot}${dev}:${ino}`).digest('hex');
}

/** @throws InvalidArgs when `directory`, or what it will be made in, is in the directory of that identity, or is that */
export async function assertOutside(directory: RawPath, identity: string, shown: string): Promise<void> {
  for (let at = await realPathOf(directory); ; at = splitRaw(at).directory) {
    if (identityOf(await stat(at, { bigint: true })) === identity) {
      throw new HotwireError('InvalidArgs', `unpack: ${shown}: is a directory and would go into itself`);
    }
    if (at === '/') return;
  }
}

/** The path without links of what there is of a path. */
async function realPathOf(file: RawPath): Promise<RawPath> {
  for (let at = file; ; at = splitRaw(at).directory) {
    try {
      return toRaw(await realpath(at, 'buffer'));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || at === '/') throw error;
    }
  }
}
