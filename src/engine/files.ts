import { closeSync, openSync, statSync } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { HotwireError } from '../errors';
import { describe } from './context';
import type { FilesInUse } from './files-in-use';
import { type RawPath, rawPath, shownArgument } from './raw-path';

/** Device number of /dev/null on Linux: major 1, minor 3. */
const NULL_DEVICE = 0x103;

export type OpenFlags = 'r' | 'w' | 'a' | 'wx';

/**
 * Opens a file to be read or written here. Named pipes and devices are refused, but for /dev/null: they may wait for
 * ever, on one of the few threads that all pipelines share.
 * @param inUse told of it, to refuse what is both read and written
 * @throws Failed, naming the file as `shown`
 */
export async function openFile(
  file: RawPath,
  flags: OpenFlags,
  shown = file.toString(),
  inUse?: FilesInUse,
): Promise<FileHandle> {
  const found = await stat(file).catch(() => undefined); // opening it will say why
  if (found?.isFIFO() || (found?.isCharacterDevice() && found.rdev !== NULL_DEVICE)) {
    const what = found.isFIFO() ? 'a named pipe' : 'a device';
    throw new HotwireError('Failed', `${shown}: is ${what}: let a program open it (sys cat, sys tee)`);
  }
  const handle = await open(file, flags).catch((error: NodeJS.ErrnoException) => {
    throw unopened(shown, error);
  });
  try {
    await inUse?.hold(handle, flags === 'r' ? 'read' : 'written', shown);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Opens a file, named as an argument, to be handed to a child process. @throws Failed, naming the file */
export function openDescriptor(file: string, flags: OpenFlags): number {
  try {
    return openSync(rawPath(file), flags);
  } catch (error) {
    throw unopened(shownArgument(file), error as NodeJS.ErrnoException);
  }
}

/** Whether opening it waits for somebody at the other end. */
export function isNamedPipe(file: string): boolean {
  try {
    return statSync(rawPath(file)).isFIFO();
  } catch {
    return false; // opening it will say why
  }
}

/** Closes descriptors that are ours. */
export function closeAll(descriptors: readonly number[]): void {
  for (const descriptor of descriptors) closeSync(descriptor);
}

function unopened(shown: string, error: NodeJS.ErrnoException): HotwireError {
  return new HotwireError('Failed', `${shown}: ${describe(error)}`, { cause: error });
}
