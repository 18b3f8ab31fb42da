// Completion over a real bus, and the command that a shell calls for it.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Bus, startBus } from '../support/bus';
import { RawClient } from '../support/raw-client';
import { hotwire, startSlave } from '../support/slave';
import { temporaryFolder } from '../support/temp';

let bus: Bus;
let client: RawClient;
let cwd: string;

beforeAll(async () => {
  cwd = temporaryFolder();
  mkdirSync(path.join(cwd, 'my folder'));
  writeFileSync(path.join(cwd, 'my\tfile'), '');
  bus = await startBus();
  await startSlave(bus);
  client = await RawClient.connect(bus);
});

describe('Complete', () => {
  test('offers the properties of what flows in', async () => {
    expect(await client.call('Complete', 'proc | sort r', 13)).toEqual([12, [['rss', 'Memory that it has in use']]]);
  });

  test("starts from the caller's directory", async () => {
    await client.call('ChangeDirectory', cwd);
    expect(await client.call('Complete', 'cd m', 4)).toEqual([3, [["'my folder/'", '']]]);
    const other = await RawClient.connect(bus);
    expect(await other.call('Complete', 'cd m', 4)).not.toEqual([3, [["'my folder/'", '']]]);
  });

  test.each([
    ['', 4_294_967_295],
    ["ls '", 4],
    ['proc |', 6],
    ['proc --nonsense ', 16],
    ['ls 😀', 4],
    ['|'.repeat(1_000_000), 1_000_000],
  ])('answers whatever it is asked: %#', async (text, cursor) => {
    const [start, candidates] = await client.call('Complete', text, cursor);
    expect(start).toBeLessThanOrEqual(text.length);
    expect(Array.isArray(candidates)).toBe(true);
  });
});

describe('hotwire complete', () => {
  test('prints a line for each candidate', async () => {
    expect(await hotwire(['complete', 'proc | sort r'], { bus })).toMatchObject({
      code: 0,
      stdout: 'rss\tMemory that it has in use\n',
      stderr: '',
    });
  });

  test('starts where it is called, without a bus too, and leaves out what is no line', async () => {
    const { code, stdout } = await hotwire(['complete', 'ls mxx', '--cursor', '4', '--cwd', cwd]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "'my folder/'\t\n" });
  });

  test.each([
    [['complete'], 2, /missing required argument 'text'/],
    [['complete', 'ls', '--cursor', '-1'], 2, /whole number, 0 or more/],
    [['complete', 'ls ', '--cwd', '/no/such'], 2, /^hotwire: \/no\/such: no such file or directory\n$/],
  ])('%j fails in words', async (words, status, message) => {
    const { code, stdout, stderr } = await hotwire(words, { bus });
    expect({ code, stdout }).toEqual({ code: status, stdout: '' });
    expect(stderr).toMatch(message);
  });
});
