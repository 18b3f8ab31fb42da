import { MAX_HISTORY_ENTRIES } from '../limits';
import type { Store, Value } from './store';

/** A pipeline that a person ran, as class hotwire.builtins.history.HistoryEntry has it. */
export interface HistoryEntry {
  readonly id: number;
  readonly command: string;
  /** When it was started, in seconds since the epoch. */
  readonly time: number;
  readonly cwd: string | null;
  /** Address; empty for this machine. */
  readonly domain: string;
  readonly exit_status: number | null;
  /** Seconds. */
  readonly duration: number | null;
}

export type StartedEntry = Pick<HistoryEntry, 'command' | 'time' | 'cwd' | 'domain'>;

/** Entries that are read at once: each may be as long as MAX_HISTORY_UNITS. */
const PAGE_ENTRIES = 250;

/**
 * Records the start of a pipeline. One that follows an equal text takes its place; past MAX_HISTORY_ENTRIES the oldest go.
 * @returns its id
 */
export function beginEntry(store: Store, { command, time, cwd, domain }: StartedEntry): number {
  return store.atomically(() => {
    const [newest] = store.rows('SELECT id, command FROM history ORDER BY id DESC LIMIT 1');
    if (newest?.command === command) {
      const values = [time, cwd, domain, newest.id ?? null];
      store.change(
        'UPDATE history SET time = ?, cwd = ?, domain = ?, exit_status = NULL, duration = NULL WHERE id = ?',
        ...values,
      );
      return Number(newest.id);
    }
    const { id } = store.change(
      'INSERT INTO history (command, time, cwd, domain) VALUES (?, ?, ?, ?)',
      command,
      time,
      cwd,
      domain,
    );
    store.change(
      'DELETE FROM history WHERE id <= (SELECT id FROM history ORDER BY id DESC LIMIT 1 OFFSET ?)',
      MAX_HISTORY_ENTRIES,
    );
    return id;
  });
}

/** Records the end. `time` is that of the start: an equal pipeline that took the entry since then keeps it. */
export function endEntry(
  store: Store,
  id: number,
  time: number,
  { exit_status, duration }: { exit_status: number; duration: number },
): void {
  store.change(
    'UPDATE history SET exit_status = ?, duration = ? WHERE id = ? AND time = ?',
    exit_status,
    duration,
    id,
    time,
  );
}

/** The newest `count` entries that hold `text` (in ASCII, case does not count), the newest last, some at a time. */
export function* readHistory(
  store: Store,
  { text = '', count }: { text?: string; count: number },
): Generator<HistoryEntry[]> {
  const found = 'FROM history WHERE instr(lower(command), lower(?)) > 0';
  const [last] = store.rows('SELECT max(id) AS id FROM history');
  const [oldest] = store.rows(`SELECT min(id) AS id FROM (SELECT id ${found} ORDER BY id DESC LIMIT ?)`, text, count);
  if (typeof oldest?.id !== 'number') return;
  const columns = 'id, command, time, cwd, domain, exit_status, duration';
  // what is recorded from now on is not among them: it would be more than was asked for
  const page = `SELECT ${columns} ${found} AND id BETWEEN ? AND ? ORDER BY id LIMIT ?`;
  const end: Value = last?.id ?? null;
  for (let from = oldest.id; ; ) {
    const entries = store.rows(page, text, from, end, PAGE_ENTRIES) as unknown as HistoryEntry[];
    if (entries.length > 0) yield entries;
    if (entries.length < PAGE_ENTRIES) return;
    from = (entries.at(-1)?.id ?? from) + 1;
  }
}

/** Deletes one entry. @returns whether there was one */
export function deleteEntry(store: Store, id: number): boolean {
  const { changes } = store.change('DELETE FROM history WHERE id = ?', id);
  forgetLog(store);
  return changes > 0;
}

/** Deletes every entry. */
export function clearHistory(store: Store): void {
  store.change('DELETE FROM history');
  forgetLog(store);
}

/** The write-ahead log still has what was deleted; while another process reads, it goes a little later. */
function forgetLog(store: Store): void {
  store.rows('PRAGMA wal_checkpoint(TRUNCATE)');
}
