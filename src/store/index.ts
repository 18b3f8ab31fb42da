/** What is kept for a user between two commands: history and aliases, in a SQLite database of the user's own. */

export { forgetAlias, readAliases, writeAlias } from './aliases';
export {
  beginEntry,
  clearHistory,
  deleteEntry,
  endEntry,
  type HistoryEntry,
  readHistory,
  type StartedEntry,
} from './history';
export { openExistingStore, openStore, type StoreOptions, storeFile } from './open';
export type { Store } from './store';
