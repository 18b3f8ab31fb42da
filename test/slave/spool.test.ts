import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SPOOL_WRITE_BYTES } from '../../src/limits';
import { createLog } from '../../src/slave/log';
import { Spool } from '../../src/slave/spool';
import { SpoolBudget } from '../../src/slave/spool-budget';
import { recordBytes, type SpooledSignal } from '../../src/slave/spool-segment';

const log = createLog('silent');
const NEVER = new AbortController().signal;
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'spool-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function create(maxBytes = 1e6, budget = new SpoolBudget(1e9)): Promise<Spool> {
  return Spool.create({ directory: path.join(directory, '1'), maxBytes, budget, log });
}

/** A signal whose body is a number and so many bytes more. */
function signal(number: number, bytes = 4, paced = true): SpooledSignal {
  const body = Buffer.alloc(bytes, number % 251);
  body.writeUInt32LE(number);
  return { member: paced ? 'PipelineObjects' : 'PipelineStateChanged', body, paced };
}

const numbers = (signals: readonly SpooledSignal[]) => signals.map(({ body }) => body.readUInt32LE(0));

/** The next `count` signals from `from` on. */
async function read(spool: Spool, from: number, count: number): Promise<SpooledSignal[]> {
  const found: SpooledSignal[] = [];
  for await (const one of spool.follow(from, NEVER)) {
    found.push(one);
    if (found.length === count) break;
  }
  return found;
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

test('what is appended is read in order, from any number on, with its kind', async () => {
  const spool = await create();
  const all = range(0, 1000).map((number) => signal(number, 4 + (number % 300), number % 7 !== 0));
  await Promise.all(all.map((one) => spool.append(one)));
  expect(spool.length).toBe(1000);
  for (const from of [0, 1, 500, 999]) expect(await read(spool, from, 1000 - from)).toEqual(all.slice(from));
  await spool.close();
});

test('a reader gets what comes later as well, while it is being written', async () => {
  const spool = await create();
  const reading = read(spool, 0, 300);
  for (const number of range(0, 300)) await spool.append(signal(number));
  expect(numbers(await reading)).toEqual(range(0, 300));
  await spool.close();
});

test('signals larger than what is written or read at once', async () => {
  const spool = await create(1e8);
  const sizes = [10, SPOOL_WRITE_BYTES * 2, 4, SPOOL_WRITE_BYTES - 6, 300_000];
  const all = sizes.map((size, number) => signal(number, size));
  await Promise.all(all.map((one) => spool.append(one)));
  const found = await read(spool, 0, all.length);
  expect(found.map(({ body }, index) => body.equals((all[index] as SpooledSignal).body))).toEqual(all.map(() => true));
  await spool.close();
});

test('a full spool waits, and goes on when its reader needs nothing before some signal any more', async () => {
  const spool = await create(10_000);
  const appended: number[] = [];
  const all = range(0, 40).map((number) => spool.append(signal(number, 1000)).then(() => appended.push(number)));
  expect(numbers(await read(spool, 0, 9))).toEqual(range(0, 9));
  expect(spool.length).toBe(9); // 1006 bytes each
  for (let number = 1; number <= 35; number++) {
    spool.forget(number);
    expect(numbers(await read(spool, number, 5))).toEqual(range(number, number + 5));
  }
  await Promise.all(all);
  expect(appended).toEqual(range(0, 40));
  expect(() => spool.check(0)).toThrow(/the signals before \d+ are gone/);
  await spool.close();
});

test('what a reader has still to get does not go, whoever needs it no more', async () => {
  const spool = await create(10_000);
  const reader = spool.follow(0, NEVER);
  await Promise.all(range(0, 9).map((number) => spool.append(signal(number, 1000))));
  expect(numbers([(await reader.next()).value as SpooledSignal])).toEqual([0]);
  spool.forget(9);
  const tenth = spool.append(signal(9, 1000));
  expect(spool.first).toBe(0);
  for (const number of range(1, 9)) expect(numbers([(await reader.next()).value as SpooledSignal])).toEqual([number]);
  await reader.return(undefined);
  await tenth;
  expect(spool.first).toBeGreaterThan(0);
  await spool.close();
});

// What `hotwire attach` had written to a terminal was acknowledged, and lost with the terminal when that was killed.
test('of what was acknowledged the newest stay, of what will not be asked for again nothing', async () => {
  const spool = await create(16_000);
  const append = (from: number, to: number) =>
    Promise.all(range(from, to).map((number) => spool.append(signal(number, 1000))));
  await append(0, 15);
  spool.acknowledge(15);
  await append(15, 20);
  const { first } = spool;
  expect(first).toBeGreaterThan(0);
  expect(first).toBeLessThanOrEqual(11);
  spool.forget(20);
  await append(20, 34);
  expect(spool.first).toBeGreaterThanOrEqual(18);
  await spool.close();
});

test('the spools of a user share a limit: one that is closed makes room for the other', async () => {
  const budget = new SpoolBudget(5000);
  const first = await Spool.create({ directory: path.join(directory, 'a'), maxBytes: 1e6, budget, log });
  const second = await Spool.create({ directory: path.join(directory, 'b'), maxBytes: 1e6, budget, log });
  await first.append(signal(0, 4000));
  await second.append(signal(0, 500));
  let done = false;
  const waiting = second.append(signal(1, 1000)).then(() => {
    done = true;
  });
  await first.append(signal(1, 4, false)); // a state never waits
  expect(done).toBe(false);
  await first.close();
  await waiting;
  await second.close();
  expect(budget.used).toBe(0);
});

test('one signal larger than the whole spool passes an empty one', async () => {
  const spool = await create(100);
  await spool.append(signal(0, 5000));
  expect(numbers(await read(spool, 0, 1))).toEqual([0]);
  await spool.close();
});

test('discarding drops what waits for room, and no state', async () => {
  const spool = await create(1000);
  await spool.append(signal(0, 900));
  const dropped = spool.append(signal(1, 900));
  const state = spool.append(signal(2, 4, false));
  const rejected = expect(dropped).rejects.toThrow('discarded');
  spool.discard();
  await Promise.all([rejected, state]);
  expect(numbers(await read(spool, 0, 2))).toEqual([0, 2]);
  await spool.close();
});

// An attachment that had been replaced went on with what had been read already.
test('a reader that is aborted gets nothing more, also of what was read at once with what it got', async () => {
  const spool = await create();
  await Promise.all(range(0, 10).map((number) => spool.append(signal(number))));
  const abort = new AbortController();
  const reader = spool.follow(0, abort.signal);
  await reader.next();
  abort.abort(new Error('enough'));
  await expect(reader.next()).rejects.toThrow('enough');
  await spool.close();
});

test('a number that was not reached is refused', async () => {
  const spool = await create();
  await spool.append(signal(0));
  expect(() => spool.check(2)).toThrow('there is no signal 2 yet: so far there are 1');
  spool.check(1);
  await spool.close();
});

test('closing ends readers and writers, and leaves no file', async () => {
  const spool = await create(1000);
  await spool.append(signal(0, 900));
  const waiting = expect(spool.append(signal(1, 900))).rejects.toThrow('released');
  const reader = spool.follow(0, NEVER);
  expect(numbers([(await reader.next()).value as SpooledSignal])).toEqual([0]);
  const next = reader.next();
  await spool.close();
  await waiting;
  expect(await next).toEqual({ done: true, value: undefined });
  expect(readdirSync(directory)).toEqual([]);
});

test('nobody else may read it', async () => {
  const spool = await create();
  await spool.append(signal(0));
  const folder = path.join(directory, '1');
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(folder)) expect(statSync(path.join(folder, name)).mode & 0o777).toBe(0o600);
  await spool.close();
});

test('a directory that was removed is made again for what comes next', async () => {
  const spool = await create(8 * 1000);
  await spool.append(signal(0, 1000)); // the first file is full
  rmSync(path.join(directory, '1'), { recursive: true });
  await spool.append(signal(1, 10));
  expect(existsSync(path.join(directory, '1'))).toBe(true);
  expect(numbers(await read(spool, 1, 1))).toEqual([1]);
  await spool.close();
});

test('a record takes what it says', () => {
  expect(recordBytes(signal(0, 100))).toBe(106);
});
