import { HotwireError } from '../errors';
import type { Database } from './package';

export type Value = string | number | null;
export type Row = Readonly<Record<string, Value>>;

/** An open database. Each call may throw a HotwireError that names the file and what to do. */
export class Store {
  readonly file: string;
  readonly #database: Database;

  constructor(database: Database, file: string) {
    this.#database = database;
    this.file = file;
  }

  /** The rows that a query answers. */
  rows(query: string, ...values: readonly Value[]): Row[] {
    return this.#attempt(() => this.#database.prepare(query).all(...values) as Row[]);
  }

  /** Runs a statement. @returns how many rows it changed, and the id of the newest */
  change(statement: string, ...values: readonly Value[]): { changes: number; id: number } {
    const { changes, lastInsertRowid } = this.#attempt(() => this.#database.prepare(statement).run(...values));
    return { changes, id: Number(lastInsertRowid) };
  }

  /** Runs statements that answer nothing. */
  execute(statements: string): void {
    this.#attempt(() => this.#database.exec(statements));
  }

  /** Reads a setting of the database, or gives it another value. */
  pragma(name: string, value?: string): Value {
    const [row] = this.rows(value === undefined ? `PRAGMA ${name}` : `PRAGMA ${name} = ${value}`);
    return Object.values(row ?? {})[0] ?? null;
  }

  /** All that `work` changes, or nothing of it. */
  atomically<T>(work: () => T): T {
    this.execute('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.execute('COMMIT');
      return result;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.#database.close();
  }

  #attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw explain(error, this.file);
    }
  }
}

/** Whether someone else had the database for too long. */
export function isBusy(error: unknown): boolean {
  const { code } = ((error as Error).cause ?? {}) as { code?: string };
  return code?.startsWith('SQLITE_BUSY') === true;
}

/** Any failure of a database as one of ours, with its file and the next step. */
export function explain(thrown: unknown, file: string): HotwireError {
  if (thrown instanceof HotwireError) return thrown;
  const { code = '', message } = thrown as { code?: string; message: string };
  const text = WORDS.find(([pattern]) => pattern.test(code))?.[1](file, message);
  const otherwise = `can't use ${file}: ${message}; see that it and its folder may be read and written by you`;
  return new HotwireError('Failed', text ?? otherwise, { cause: thrown });
}

type Explanation = (file: string, message: string) => string;
const WORDS: readonly (readonly [RegExp, Explanation])[] = [
  [/^SQLITE_BUSY/, (file) => `${file} is held by another process: try again, or see what holds it with fuser ${file}`],
  [
    /^SQLITE_(CORRUPT|NOTADB)/,
    (file) => `${file} is damaged: move it, and what lies beside it as hotwire.db-…, away; a new one is then made`,
  ],
  [/^SQLITE_FULL|^ENOSPC/, (file) => `can't write ${file}: the disk is full; make room on it`],
  [/^SQLITE_READONLY|^EROFS/, (file) => `${file} can't be written: make it and its folder writable for you`],
];
