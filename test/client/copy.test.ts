// Copies between two real slaves: what arrives is what was there, whatever happens on the way.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { type CopyOptions, connect, copy, type Domain } from '../../src/client';
import { onCleanup } from '../support/cleanup';
import { environment } from '../support/process';
import { built } from '../support/slave';
import { temporaryFolder } from '../support/temp';

jest.setTimeout(60_000);

const MIB = 1024 * 1024;
const AREA = `.hotwire-partial-${process.geteuid?.()}`;

let from: Domain;
let to: Domain;

const slave = () => connect('', { embedded: true, environment: environment() });

beforeAll(async () => {
  await built();
  [from, to] = await Promise.all([slave(), slave()]);
});
afterAll(() => Promise.all([from.close(), to.close()]));

/** A source and a target in folders of their own, and what copies between them. */
function place(options: CopyOptions = {}) {
  const source = temporaryFolder();
  const target = temporaryFolder();
  const start = (sources: readonly string[], into = './', more: CopyOptions = {}) =>
    copy({ domain: from, cwd: source, name: 'source' }, sources, { domain: to, cwd: target, name: 'target' }, into, {
      ...options,
      ...more,
    });
  return { source, target, start };
}

/** All below a folder: names in bytes, with mode, time and content. */
function tree(folder: string): Map<string, unknown> {
  const found = new Map<string, unknown>();
  const visit = (directory: Buffer) => {
    for (const name of readdirSync(directory, { encoding: 'buffer' })) {
      const file = Buffer.concat([directory, Buffer.from('/'), name]);
      const stats = lstatSync(file);
      const what = stats.isDirectory()
        ? 'directory'
        : stats.isSymbolicLink()
          ? readlinkSync(file, 'latin1')
          : readFileSync(file, 'latin1');
      const key = file.subarray(Buffer.byteLength(folder)).toString('latin1');
      found.set(key, [what, stats.isSymbolicLink() || stats.mode, Math.floor(stats.mtimeMs)]);
      if (stats.isDirectory()) visit(file);
    }
  };
  visit(Buffer.from(folder));
  return found;
}

/** Stops a copy once so many bytes are over. */
function stopAt(bytes: number) {
  const stop = new AbortController();
  const progress = (state: { bytes: number }) => {
    if (state.bytes >= bytes) stop.abort(new Error('stopped'));
  };
  return { signal: stop.signal, progress };
}

test('a tree of odd names, modes, times, links and sizes', async () => {
  const { source, target, start } = place();
  mkdirSync(path.join(source, 'd/deep/er'), { recursive: true });
  const names: (string | Buffer)[] = [
    'plain',
    'a\nb',
    '-rf',
    "it's",
    '*',
    '#x',
    'ü',
    'x'.repeat(255),
    Buffer.from([0xff, 0x61, 0x80]),
  ];
  for (const [index, name] of names.entries()) {
    const file = Buffer.concat([Buffer.from(`${source}/d/`), Buffer.from(name)]);
    writeFileSync(file, randomBytes(index * 70_001));
    chmodSync(file, 0o600 + index);
    utimesSync(file, 1, 1_000_000_000 + index + 0.123);
  }
  writeFileSync(path.join(source, 'd/deep/empty'), '');
  writeFileSync(path.join(source, 'd/deep/er/one'), '1');
  symlinkSync('/nowhere', path.join(source, 'd/deep/dangling'));
  symlinkSync('..', path.join(source, 'd/deep/up'));
  chmodSync(path.join(source, 'd/deep'), 0o555);
  utimesSync(path.join(source, 'd/deep'), 1, 1_000_000_000);
  const summary = await start(['d']);
  expect(summary).toMatchObject({ failed: 0, failures: [], same: 0, placed: names.length + 7 });
  const [copied, original] = [tree(target), tree(source)];
  for (const [name, [what, mode]] of original as Map<string, unknown[]>) {
    expect([name, ...(copied.get(name) as unknown[]).slice(0, 2)]).toEqual([name, what, mode]);
  }
  expect(copied.size).toBe(original.size);
  for (const name of ['/d/plain', '/d/deep']) expect(copied.get(name)).toEqual(original.get(name));
  // A second time nothing goes over.
  expect(await start(['d'])).toMatchObject({ failed: 0, bytes: 0, same: names.length + 4 });
  expect(tree(target)).toEqual(copied);
});

test('5,000 small files', async () => {
  const { source, target, start } = place();
  mkdirSync(path.join(source, 'd'));
  for (let number = 0; number < 5000; number += 1) writeFileSync(path.join(source, 'd', `${number}`), `${number}`);
  expect(await start(['d'])).toMatchObject({ placed: 5001, failed: 0 });
  expect(tree(target).size).toBe(5001);
});

test('as cp: what the target is', async () => {
  const { source, target, start } = place();
  writeFileSync(path.join(source, 'a'), 'a');
  writeFileSync(path.join(source, 'b c'), 'b');
  mkdirSync(path.join(target, 'there'));
  await start(['a'], 'name');
  await start(['a'], 'there');
  await start(['a', 'b c'], 'several');
  await start(['a'], 'slash/');
  await start(['?*'], 'patterns/', { patterns: true });
  await start(['a'], 'there', { target: 'copy' }).then(({ failures }) =>
    expect(failures).toEqual([{ side: 'target', path: 'a', message: expect.stringMatching(/never replaced/) }]),
  );
  expect([...tree(target).keys()].sort()).toEqual(
    [
      '/name',
      '/there',
      '/there/a',
      '/several',
      '/several/a',
      '/several/b c',
      '/slash',
      '/slash/a',
      '/patterns',
      '/patterns/a',
      '/patterns/b c',
    ].sort(),
  );
});

test('--checksum finds what size and time do not tell', async () => {
  const { source, target, start } = place();
  writeFileSync(path.join(source, 'a'), 'new');
  utimesSync(path.join(source, 'a'), 1, 1);
  writeFileSync(path.join(target, 'a'), 'old');
  utimesSync(path.join(target, 'a'), 1, 1);
  expect(await start(['a'])).toMatchObject({ same: 1, placed: 0 });
  expect(await start(['a'], './', { checksum: true })).toMatchObject({ same: 0, placed: 1 });
  expect(readFileSync(path.join(target, 'a'), 'utf8')).toBe('new');
  expect(await start(['a'], './', { checksum: true })).toMatchObject({ same: 1, placed: 0 });
});

describe('one that is broken off', () => {
  const SIZE = 24 * MIB;
  const setUp = () => {
    const around = place();
    const content = randomBytes(SIZE);
    writeFileSync(path.join(around.source, 'big'), content);
    const left = () => {
      const area = path.join(around.target, AREA);
      return existsSync(area) ? readdirSync(area).map((name) => statSync(path.join(area, name)).size) : [];
    };
    return { ...around, content, left };
  };

  test.each([1, 9 * MIB, 18 * MIB])('at %d bytes goes on from there: no byte twice', async (bytes) => {
    const { target, start, content, left } = setUp();
    await expect(start(['big'], './', stopAt(bytes))).rejects.toThrow('stopped');
    expect(readdirSync(target)).toEqual(left().length > 0 ? [AREA] : []);
    const [there = 0] = left();
    expect(left().length).toBeLessThanOrEqual(1);
    expect(await start(['big'])).toMatchObject({ placed: 1, failed: 0, bytes: SIZE - there });
    expect(readFileSync(path.join(target, 'big')).equals(content)).toBe(true);
    expect(readdirSync(target)).toEqual(['big']);
  });

  test('by the death of the target goes on from there', async () => {
    const { source, target, start, content, left } = setUp();
    const victim = await slave();
    const { pid } = await victim.context();
    const kill = ({ bytes }: { bytes: number }) => bytes > 5 * MIB && process.kill(Number(pid), 'SIGKILL');
    const sides = [
      { domain: from, cwd: source },
      ['big'],
      { domain: victim, cwd: target, name: 'victim' },
      './',
    ] as const;
    let killed = false;
    const progress = (state: { bytes: number }) => {
      if (!killed && kill(state)) killed = true;
    };
    await expect(copy(...sides, { progress })).rejects.toThrow(/^victim: /);
    await victim.close().catch(() => undefined);
    const [there = 0] = left();
    expect(there).toBeGreaterThan(0);
    expect(await start(['big'])).toMatchObject({ placed: 1, bytes: SIZE - there });
    expect(readFileSync(path.join(target, 'big')).equals(content)).toBe(true);
    expect(readdirSync(target)).toEqual(['big']);
  });

  test('and whose source is another file then begins anew', async () => {
    const { source, target, start, left } = setUp();
    await expect(start(['big'], './', stopAt(9 * MIB))).rejects.toThrow('stopped');
    expect(left()).toHaveLength(1);
    const other = randomBytes(SIZE);
    writeFileSync(path.join(source, 'big'), other);
    expect(await start(['big'])).toMatchObject({ placed: 1, bytes: SIZE });
    expect(readFileSync(path.join(target, 'big')).equals(other)).toBe(true);
    expect(readdirSync(target)).toEqual(['big']);
  });
});

test('two at once to one target: one whole file or the other', async () => {
  const { source, target, start } = place();
  mkdirSync(path.join(source, 'other'));
  const contents = [randomBytes(6 * MIB), randomBytes(6 * MIB)];
  for (const [index, name] of ['big', 'other/big'].entries())
    writeFileSync(path.join(source, name), contents[index] as Buffer);
  const summaries = await Promise.all([start(['big']), start(['other/big'])]);
  expect(summaries).toMatchObject([{ placed: 1 }, { placed: 1 }]);
  const found = readFileSync(path.join(target, 'big'));
  expect(contents.some((content) => content.equals(found))).toBe(true);
  expect(readdirSync(target)).toEqual(['big']);
});

// One used to remove the directory that the other had just made for what it receives.
test('many small ones at once to one target', async () => {
  const { source, target, start } = place();
  for (let number = 0; number < 30; number += 1) {
    writeFileSync(path.join(source, `${number}`), `${number}`);
    symlinkSync('x', path.join(source, `l${number}`));
  }
  const others = Array.from({ length: 6 }, (_, round) =>
    start(['0', 'l0', `${round}`], './', { checksum: round % 2 === 0 }),
  );
  for (let number = 0; number < 30; number += 1) others.push(start([`${number}`, `l${number}`]));
  const summaries = await Promise.all(others);
  expect(summaries.flatMap(({ failures }) => failures)).toEqual([
    { side: 'source', path: '0', message: expect.stringContaining('would replace another one') },
  ]);
  expect(readdirSync(target)).toHaveLength(60);
});

test('a source that changes while it is copied is told, and the old copy stays', async () => {
  const { source, target, start } = place();
  const file = path.join(source, 'big');
  writeFileSync(file, randomBytes(24 * MIB));
  writeFileSync(path.join(target, 'big'), 'old');
  let changed = false;
  const progress = () => {
    if (changed) return;
    changed = true;
    writeFileSync(file, randomBytes(24 * MIB));
  };
  const { failures } = await start(['big'], './', { progress });
  expect(failures).toEqual([{ side: 'source', path: 'big', message: 'changed while it was read: copy it again' }]);
  expect(readFileSync(path.join(target, 'big'), 'utf8')).toBe('old');
  expect(readdirSync(target)).toEqual(['big']);
});

const isRoot = process.getuid?.() === 0;
const asRoot = isRoot ? test : test.skip; // mounts, and other users

asRoot(
  'a target that is full: told with the side, nothing hidden keeps it full, and it is whole when there is room',
  async () => {
    const { source, target, start } = place();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', target]);
    onCleanup(() => execFileSync('umount', [target]));
    writeFileSync(path.join(source, 'big'), randomBytes(6 * MIB));
    await expect(start(['big'])).rejects.toThrow(/^target: unpack: big: no space left on the device/);
    expect(readdirSync(target)).toEqual([]);
    execFileSync('mount', ['-o', 'remount,size=16m', target]);
    expect(await start(['big'])).toMatchObject({ placed: 1, bytes: 6 * MIB });
    expect(readdirSync(target)).toEqual(['big']);
  },
);

describe('failures', () => {
  test('of a side are told with it', async () => {
    const { source, start } = place();
    writeFileSync(path.join(source, 'a'), 'a');
    await expect(start(['a'], 'no/such')).rejects.toThrow(/^target: unpack: no\/such: there is no directory/);
    expect((await start(['nope'])).failures).toEqual([
      { side: 'source', path: 'nope', message: 'no such file or directory' },
    ]);
    await expect(start([])).rejects.toThrow('nothing to copy');
  });

  // What a side answers is not trusted: see Copying.
  test.each([
    ['another number', '({number: 99, state: "wanted"})', /^target: it answered entry 99/],
    ['no object', '1', /^target: a transfer holds what is no part of one/],
    ['a wrong offset', '({number: it.number, state: "wanted", offset: -5})', /^target: a transfer has a wrong offset/],
  ])('a target that answers with %s', async (_, expression, message) => {
    const { source, target } = place();
    writeFileSync(path.join(source, 'a'), 'a');
    const liar = new Proxy(to, {
      get: (domain, name: keyof Domain) =>
        name === 'run'
          ? (text: string, options: object) =>
              domain.run(text.startsWith('unpack --check') ? `js-map '${expression}'` : text, options)
          : domain[name],
    });
    const done = copy({ domain: from, cwd: source }, ['a'], { domain: liar, cwd: target, name: 'target' }, './');
    await expect(done).rejects.toThrow(message);
    expect(readdirSync(target)).toEqual([]);
  });

  test('a target can not have another file sent than what was offered', async () => {
    const { source, target } = place();
    writeFileSync(path.join(source, 'a'), 'a');
    writeFileSync(path.join(source, 'secret'), 's');
    const lie = '({number: it.number, state: "wanted", path: "secret", root: it.root, kind: "file", size: 1})';
    const liar = new Proxy(to, {
      get: (domain, name: keyof Domain) =>
        name === 'run'
          ? (text: string, options: object) =>
              domain.run(text.startsWith('unpack --check') ? `js-map '${lie}'` : text, options)
          : domain[name],
    });
    await copy({ domain: from, cwd: source }, ['a'], { domain: liar, cwd: target }, './');
    expect(readdirSync(target)).toEqual(['a']);
    expect(readFileSync(path.join(target, 'a'), 'utf8')).toBe('a');
  });
});
