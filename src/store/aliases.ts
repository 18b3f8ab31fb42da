import { HotwireError } from '../errors';
import { MAX_ALIASES } from '../limits';
import type { Store } from './store';

/** What the user has said of names: a text, or null for a default that is not wanted. */
export function readAliases(store: Store): Map<string, string | null> {
  const rows = store.rows('SELECT name, target FROM alias ORDER BY name');
  return new Map(rows.map(({ name, target }) => [String(name), target === null ? null : String(target)]));
}

/** Sets what a name stands for. @throws LimitExceeded when there are too many */
export function writeAlias(store: Store, name: string, target: string | null): void {
  store.atomically(() => {
    store.change('INSERT OR REPLACE INTO alias (name, target) VALUES (?, ?)', name, target);
    const [row] = store.rows('SELECT count(*) AS number FROM alias');
    if (Number(row?.number) <= MAX_ALIASES) return;
    throw new HotwireError(
      'LimitExceeded',
      `there may be ${MAX_ALIASES} aliases: remove one with hotwire unalias NAME`,
    );
  });
}

/** Forgets what the user has said of a name: its default, if it has one, counts again. */
export function forgetAlias(store: Store, name: string): void {
  store.change('DELETE FROM alias WHERE name = ?', name);
}
