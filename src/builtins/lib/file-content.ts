import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { absolutePath, describe, type FilesInUse } from '../../engine';
import { HotwireError } from '../../errors';
import { isRecord } from './property';
import type { NamedFile } from './raw-path';

/** Read size, in bytes. */
const CHUNK_BYTES = 64 * 1024;

/**
 * The bytes of a regular file; each chunk belongs to the reader. Anything else is refused without waiting for it: to open
 * a named pipe waits for its other end.
 * @param inUse where what is read goes on to the output: a file that the pipeline writes is refused
 * @throws Failed, saying why it can't be read, without its name
 */
export async function* chunksOf({ file }: NamedFile, signal: AbortSignal, inUse?: FilesInUse): AsyncGenerator<Buffer> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const found = await handle.stat();
      if (found.isDirectory()) throw new HotwireError('Failed', 'is a directory');
      if (!found.isFile()) throw new HotwireError('Failed', 'is no regular file');
      await inUse?.hold(handle, 'read');
      for (;;) {
        signal.throwIfAborted();
        const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, null);
        if (bytesRead === 0) return;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (signal.aborted || error instanceof HotwireError) throw error;
    throw new HotwireError('Failed', describe(error as NodeJS.ErrnoException), { cause: error });
  }
}

/** The file that an object of the class File stands for. @throws InvalidArgs for an object without a path */
export function fileOf(command: string, object: unknown, cwd: string): NamedFile {
  const { path: shown, path_bytes: bytes } = isRecord(object) ? object : {};
  if (typeof shown !== 'string' || shown === '') {
    throw new HotwireError('InvalidArgs', `${command}: it takes objects with a path, as ls and walk yield them`);
  }
  return { file: typeof bytes === 'string' ? Buffer.from(bytes, 'base64') : absolutePath(cwd, shown), shown };
}
