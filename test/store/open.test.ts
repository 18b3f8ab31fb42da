import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openExistingStore, openStore, readAliases, readHistory, storeFile, writeAlias } from '../../src/store';
import { openDatabase } from '../../src/store/package';
import { temporaryFolder } from '../support/temp';
import { bundledStore, freshEnvironment, startWith } from './support';

test.each([
  [{ XDG_DATA_HOME: '/d', HOME: '/h' }, '/d/hotwire/hotwire.db'],
  [{ XDG_DATA_HOME: 'relative', HOME: '/h' }, '/h/.local/share/hotwire/hotwire.db'],
  [{ XDG_DATA_HOME: '', HOME: '/h' }, '/h/.local/share/hotwire/hotwire.db'],
  [{ HOME: '/h' }, '/h/.local/share/hotwire/hotwire.db'],
])('with %j the store is %s', (environment, expected) => {
  expect(storeFile(environment)).toBe(expected);
});

test('only its user may read it, and what lies beside it', async () => {
  const environment = freshEnvironment();
  const store = await openStore({ environment });
  writeAlias(store, 'll', 'ls -l');
  const folder = path.dirname(store.file);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  const modes = readdirSync(folder).map((name) => [name, statSync(path.join(folder, name)).mode & 0o777]);
  expect(modes).toEqual([
    ['hotwire.db', 0o600],
    ['hotwire.db-shm', 0o600],
    ['hotwire.db-wal', 0o600],
  ]);
});

test('looking for a store makes none', async () => {
  const environment = freshEnvironment();
  expect(await openExistingStore({ environment })).toBeUndefined();
  expect(() => statSync(environment.XDG_DATA_HOME)).toThrow(/ENOENT/);
});

test('a process opens a file once, and another file that takes its place anew', async () => {
  const environment = freshEnvironment();
  const store = await openStore({ environment });
  writeAlias(store, 'll', 'ls -l');
  expect(await openExistingStore({ environment, busyMs: 1 })).toBe(store);
  rmSync(path.dirname(store.file), { recursive: true });
  const other = await openStore({ environment });
  expect(other).not.toBe(store);
  expect([...readAliases(other)]).toEqual([]);
});

const damage: Record<string, (file: string) => Promise<void> | void> = {
  'is no database': (file) => writeFileSync(file, 'history\n'.repeat(1000)),
  'was overwritten in the middle': async (file) => {
    const database = await openDatabase(file, { timeout: 0 });
    database.exec('CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(100000))');
    database.close();
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.fill(0xff, 100, 4096));
  },
};

test.each(Object.keys(damage))('a file that %s is told, with what to do, and left alone', async (kind) => {
  const environment = freshEnvironment();
  const file = storeFile(environment);
  mkdirSync(path.dirname(file), { recursive: true });
  await damage[kind]?.(file);
  const before = readFileSync(file);
  const told = { kind: 'Failed', message: expect.stringMatching(`${file} is damaged: move it, .* away`) };
  await expect(openStore({ environment })).rejects.toMatchObject(told);
  await expect(openStore({ environment })).rejects.toMatchObject(told);
  expect(readFileSync(file).equals(before)).toBe(true);
});

test('a store of a newer version is told, and left alone', async () => {
  const environment = freshEnvironment();
  const file = storeFile(environment);
  mkdirSync(path.dirname(file), { recursive: true });
  const database = await openDatabase(file, { timeout: 0 });
  database.exec('PRAGMA user_version = 99');
  database.close();
  await expect(openStore({ environment })).rejects.toMatchObject({
    kind: 'NotSupported',
    message: expect.stringMatching(`${file} was written by a newer hotwire \\(version 99; .*update this hotwire`),
  });
});

test('a place that can not hold a store is told by its file', async () => {
  const blocked = path.join(temporaryFolder(), 'file');
  writeFileSync(blocked, '');
  for (const XDG_DATA_HOME of [blocked, '/proc/none']) {
    const message = expect.stringMatching(`^can't use ${XDG_DATA_HOME}/hotwire/hotwire.db: .*read and written by you`);
    await expect(openStore({ environment: { XDG_DATA_HOME } })).rejects.toMatchObject({ kind: 'Failed', message });
  }
});

test('one who holds it for too long is told', async () => {
  const environment = freshEnvironment();
  const store = await openStore({ environment, busyMs: 1 });
  const other = await openDatabase(store.file, { timeout: 0 });
  other.exec('BEGIN IMMEDIATE');
  const message = expect.stringMatching(`${store.file} is held by another process: try again`);
  expect(() => writeAlias(store, 'a', 'b')).toThrow(expect.objectContaining({ message }));
  other.exec('ROLLBACK');
  other.close();
  writeAlias(store, 'a', 'b');
  expect([...readAliases(store)]).toEqual([['a', 'b']]);
});

describe('processes', () => {
  let bundle: string;
  beforeAll(async () => {
    bundle = await bundledStore();
  });

  const write = (name: string, entries: number) => `
    for (let i = 0; i < ${entries}; i++) {
      const opened = await store.openStore({ environment: process.env });
      store.beginEntry(opened, { command: '${name} ' + i, time: i, cwd: '/', domain: '' });
      console.log('${name} ' + i);
    }`;
  const commandsIn = async (data: string) => {
    const store = await openStore({ environment: { XDG_DATA_HOME: data } });
    return [...readHistory(store, { count: 100_000 })].flat().map(({ command }) => command);
  };

  test('that write at once, from the first moment on, lose nothing', async () => {
    const data = freshEnvironment().XDG_DATA_HOME;
    const names = ['a', 'b', 'c'];
    const writers = names.map((name) => startWith(bundle, data, write(name, 200)));
    for (const writer of writers) expect(await writer.exit()).toMatchObject({ code: 0, stderr: '' });
    const commands = await commandsIn(data);
    expect(new Set(commands).size).toBe(600);
    for (const name of names) {
      const own = commands.filter((command) => command.startsWith(name));
      expect(own).toEqual([...Array(200).keys()].map((i) => `${name} ${i}`));
    }
  });

  test.each([1, 2, 3])('that are killed while they write leave a store that works (%i)', async () => {
    const data = freshEnvironment().XDG_DATA_HOME;
    const writer = startWith(bundle, data, write('x', 1_000_000));
    await writer.line(/^x 20$/);
    await writer.stop();
    await writer.exit();
    const told = writer.stdout.split('\n').slice(0, -1);
    const commands = await commandsIn(data);
    expect(commands.slice(0, told.length)).toEqual(told);
    expect(commands.length - told.length).toBeLessThanOrEqual(1);
    const store = await openStore({ environment: { XDG_DATA_HOME: data } });
    writeAlias(store, 'll', 'ls -l');
    expect([...readAliases(store)]).toEqual([['ll', 'ls -l']]);
  });

  test('that lack the package say so', async () => {
    const data = freshEnvironment().XDG_DATA_HOME;
    const script = `await store.openStore({ environment: process.env }).catch((error) => console.log(error.message));`;
    const lacking = startWith(await bundledStore({ alone: true }), data, script);
    const { stdout } = await lacking.exit();
    expect(stdout).toBe(
      'history and aliases need the package libsql, which is not installed beside this program: install hotwire whole, with its dependencies\n',
    );
  });
});
