import path from 'node:path';
import { HotwireError } from '../errors';
import type { Surroundings } from './surroundings';

/** Where the command was called, or `--cwd` from there: a pipeline starts there, though its slave runs elsewhere. */
export function workingDirectory(surroundings: Pick<Surroundings, 'cwd'>, cwd = '.'): string {
  if (path.isAbsolute(cwd)) return cwd;
  try {
    return path.resolve(surroundings.cwd(), cwd);
  } catch (error) {
    throw new HotwireError('Failed', 'the working directory has been removed; choose another one with --cwd', {
      cause: error,
    });
  }
}
