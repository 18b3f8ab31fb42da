/**
 * What turns a database of version N into one of version N + 1: statements at index N. Those that were released are
 * never changed; a new version is one more entry.
 */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE history (
     id INTEGER PRIMARY KEY AUTOINCREMENT, -- a number that was shown once never means another entry
     command TEXT NOT NULL,
     time REAL NOT NULL,                   -- seconds since the epoch
     cwd TEXT,
     domain TEXT NOT NULL,                 -- address; '' is this machine
     exit_status INTEGER,                  -- NULL while it runs, or when nobody saw its end
     duration REAL                         -- seconds
   );
   CREATE TABLE alias (
     name TEXT PRIMARY KEY,
     target TEXT                           -- NULL: the default of this name has been removed
   ) WITHOUT ROWID;`,
];
