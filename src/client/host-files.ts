// Files of a person that name hosts: small, and read whole.
import { readFileSync, statSync } from 'node:fs';
import { HotwireError } from '../errors';
import { MAX_HOSTS_FILE_BYTES, MIB } from '../limits';

/** The text of a file; undefined where there is none. @throws Failed, LimitExceeded: the file, and what is wrong with it */
export function readHostsFile(file: string): string | undefined {
  try {
    const found = statSync(file, { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    if (!found.isFile()) throw new HotwireError('Failed', `${file}: it is no file of text; put one there, or nothing`);
    if (found.size > MAX_HOSTS_FILE_BYTES) {
      throw new HotwireError('LimitExceeded', `${file}: over ${MAX_HOSTS_FILE_BYTES / MIB} MiB: make it shorter`);
    }
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof HotwireError) throw cause;
    throw new HotwireError('Failed', `${file}: can't be read: ${HotwireError.from(cause).message}`, { cause });
  }
}
