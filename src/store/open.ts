// A user's own database: what `hotwire` remembers between two commands.
import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HotwireError } from '../errors';
import { STORE_BUSY_MS } from '../limits';
import { openDatabase } from './package';
import { MIGRATIONS } from './schema';
import { explain, isBusy, Store } from './store';

/** Descriptors that the package opens, and some more: files, and what its runtime waits with. */
const NEEDED_DESCRIPTORS = 16;
/** Pause between two tries to set up a database that another process sets up now, in milliseconds. */
const SETUP_RETRY_MS = 10;

export interface StoreOptions {
  /** Says where the user's data is: XDG_DATA_HOME, else HOME. */
  readonly environment: NodeJS.ProcessEnv;
  /** How long to wait for others who write, in milliseconds. */
  readonly busyMs?: number;
}

/** Path of the user's database. A relative XDG_DATA_HOME does not count, as its specification demands. */
export function storeFile({ XDG_DATA_HOME = '', HOME }: NodeJS.ProcessEnv): string {
  const data = path.isAbsolute(XDG_DATA_HOME) ? XDG_DATA_HOME : path.join(HOME || homedir(), '.local', 'share');
  return path.join(data, 'hotwire', 'hotwire.db');
}

/** Opens the user's store, made when there is none. @throws HotwireError that names the file and what to do */
export async function openStore(options: StoreOptions): Promise<Store> {
  const file = storeFile(options.environment);
  makeFile(file);
  return reuse(file, identityOf(file), options);
}

/** Opens the user's store; undefined when there is none yet. @throws as `openStore` */
export async function openExistingStore(options: StoreOptions): Promise<Store | undefined> {
  const file = storeFile(options.environment);
  const identity = identityOf(file);
  return identity === undefined ? undefined : reuse(file, identity, options);
}

/** Which file that is, should another one take its place; undefined when there is none. */
function identityOf(file: string): string | undefined {
  try {
    const found = statSync(file, { throwIfNoEntry: false });
    return found && `${found.dev}:${found.ino}`;
  } catch (error) {
    throw explain(error, file);
  }
}

/**
 * Stores that this process has open, by file: the engine gives descriptors back only when its memory is collected, so
 * a slave that opened one for each pipeline would run out of them.
 */
const opened = new Map<string, { identity: string | undefined; store: Promise<Store> }>();

async function reuse(file: string, identity: string | undefined, options: StoreOptions): Promise<Store> {
  const { busyMs = STORE_BUSY_MS } = options;
  const known = opened.get(file);
  if (known?.identity === identity && known !== undefined) {
    const store = await known.store;
    store.pragma('busy_timeout', String(busyMs));
    return store;
  }
  const store = open(file, busyMs);
  opened.set(file, { identity, store });
  try {
    await known?.store.then((old) => old.close());
    return await store;
  } catch (error) {
    if (opened.get(file)?.store === store) opened.delete(file);
    throw error;
  }
}

/** Nobody else may read what a person has run. SQLite gives the files that it puts beside it the same mode. */
function makeFile(file: string): void {
  try {
    makeFolder(path.dirname(file));
    // never one that is there: to close it would end the locks that SQLite has on it in this process
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw explain(error, file);
  }
}

/** Folders that are made at most: `.local/share/hotwire`. A home that does not exist is not for us to make. */
const OWN_FOLDERS = 3;

/** With its parents. Node's own `recursive` never ends where the system makes no folders, as below /proc. */
function makeFolder(folder: string, levels = OWN_FOLDERS): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return; // what else that may be is told when the file is made
    if (code !== 'ENOENT' || levels <= 1) throw error;
    makeFolder(path.dirname(folder), levels - 1);
    makeFolder(folder, 1);
  }
}

async function open(file: string, busyMs: number): Promise<Store> {
  try {
    tryDescriptors();
  } catch (error) {
    throw explain(error, file);
  }
  const database = await openDatabase(file, { timeout: busyMs }).catch((error) => {
    throw explain(error, file);
  });
  const store = new Store(database, file);
  try {
    await setUp(store, performance.now() + busyMs);
    return store;
  } catch (error) {
    store.close();
    throw error;
  }
}

/** The package aborts the whole process when it can't have them, so they are tried before. @throws EMFILE */
function tryDescriptors(): void {
  const descriptors: number[] = [];
  try {
    while (descriptors.length < NEEDED_DESCRIPTORS) descriptors.push(openSync('/dev/null', 'r'));
  } finally {
    for (const descriptor of descriptors) closeSync(descriptor);
  }
}

/** To become WAL a database must be nobody else's for a moment, and SQLite does not wait for that by itself. */
async function setUp(store: Store, deadline: number): Promise<void> {
  for (;;) {
    try {
      if (store.pragma('journal_mode') !== 'wal') store.pragma('journal_mode', 'WAL');
      // in WAL this can lose the last entries with the power, and nothing else; each would wait for the disk otherwise
      store.pragma('synchronous', 'NORMAL');
      store.pragma('secure_delete', 'ON'); // what was deleted, perhaps because it was secret, is not left in the file
      migrate(store);
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
      await sleep(SETUP_RETRY_MS);
    }
  }
}

function migrate(store: Store): void {
  if (versionOf(store) === MIGRATIONS.length) return;
  store.atomically(() => {
    for (const statements of MIGRATIONS.slice(versionOf(store))) store.execute(statements);
    store.pragma('user_version', String(MIGRATIONS.length));
  });
}

/** @throws NotSupported for a version that we do not know */
function versionOf(store: Store): number {
  const version = Number(store.pragma('user_version'));
  if (version <= MIGRATIONS.length) return version;
  throw new HotwireError(
    'NotSupported',
    `${store.file} was written by a newer hotwire (version ${version}; this one knows up to ${MIGRATIONS.length}): ` +
      'update this hotwire, or give it a place of its own with XDG_DATA_HOME',
  );
}
