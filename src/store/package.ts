// The database engine is a native package: loaded when a store is opened, never before, as most commands need none.
import type Libsql from 'libsql';
import { HotwireError } from '../errors';

export type Database = Libsql.Database;

/** @throws NotSupported where the package is not installed, or not for this system */
export async function openDatabase(file: string, options: { timeout: number }): Promise<Database> {
  const { default: Libsql } = await import('libsql').catch((cause: NodeJS.ErrnoException) => {
    throw new HotwireError('NotSupported', notLoaded(cause), { cause });
  });
  return new Libsql(file, options);
}

function notLoaded({ code, message }: NodeJS.ErrnoException): string {
  const what = 'history and aliases need the package libsql';
  if (code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND') {
    return `${what}, which is not installed beside this program: install hotwire whole, with its dependencies`;
  }
  return `${what}, which does not load on this system: ${message.split('\n', 1)[0]}; install hotwire anew with npm ci`;
}
