import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { assertRemovable } from '../../src/builtins/lib/original';
import { place } from '../../src/builtins/lib/place';
import { copyTo, moveTo, Progress } from '../../src/builtins/lib/transfer';
import { Trash } from '../../src/builtins/lib/trash';
import { walkTree } from '../../src/builtins/lib/tree-walk';
import { WorkAreas } from '../../src/builtins/lib/work-area';
import { onCleanup } from '../support/cleanup';
import { temporaryFolder } from '../support/temp';
import { closeContexts, contextWith, run } from './support';

afterAll(closeContexts);

const SHM = '/dev/shm';
const onShm = existsSync(SHM) && statSync(SHM).dev !== statSync('/tmp').dev ? test : test.skip;
const asRoot = process.geteuid?.() === 0 ? test : test.skip;
const NOBODY = 65534;

function shmFolder(): string {
  const folder = mkdtempSync(path.join(SHM, 'hotwire-test-'));
  onCleanup(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder with `files` (name → text). */
function folderWith(files: Readonly<Record<string, string>>): string {
  return contextWith(files).cwd;
}

async function inAreas<T>(action: (areas: WorkAreas) => Promise<T>): Promise<T> {
  const areas = new WorkAreas();
  try {
    return await action(areas);
  } finally {
    await areas.close();
  }
}

async function asNobody<T>(action: () => Promise<T>): Promise<T> {
  process.seteuid?.(NOBODY);
  try {
    return await action();
  } finally {
    process.seteuid?.(0);
  }
}

describe('who may write in the directory', () => {
  test('of a copy gets nothing by putting a link in the place of what is made', async () => {
    const folder = folderWith({ 'from/sub/a': 'a', 'from/b': 'b', 'victim/sub/a': 'kept', 'into/x': '' });
    const into = path.join(folder, 'into');
    chmodSync(path.join(folder, 'victim'), 0o711);
    let swapped = false;
    const copied = () => {
      if (swapped) return;
      swapped = true;
      const [name = ''] = readdirSync(into).filter((found) => found.startsWith('.hotwire-'));
      expect(statSync(path.join(into, name)).mode & 0o777).toBe(0o700);
      renameSync(path.join(into, name), path.join(into, 'away'));
      symlinkSync(path.join(folder, 'victim'), path.join(into, name));
    };
    await inAreas((areas) =>
      copyTo(path.join(folder, 'from'), path.join(into, 'copy'), { areas, owner: true, copied }),
    );
    expect([swapped, readFileSync(path.join(into, 'copy/sub/a'), 'utf8')]).toEqual([true, 'a']);
    expect(statSync(path.join(folder, 'victim')).mode & 0o777).toBe(0o711);
    expect(readFileSync(path.join(folder, 'victim/sub/a'), 'utf8')).toBe('kept');
  });

  test('has one area to look at for all copies into a directory, and finds it empty between them', async () => {
    const folder = folderWith({ 'from/a': 'a', 'from/b/x': 'b', 'into/x': '', 'other/x': '' });
    const from = path.join(folder, 'from');
    linkSync(path.join(from, 'a'), path.join(from, 'b/a'));
    const areasIn = (name: string) => readdirSync(path.join(folder, name)).filter((one) => one.startsWith('.hotwire-'));
    await inAreas(async (areas) => {
      const failing = async () => {
        throw new Error('no room');
      };
      const copy = () => copyTo(path.join(from, 'b'), path.join(folder, 'into/b'), { areas, owner: true }, failing);
      await expect(copy()).rejects.toThrow('no room');
      const [own = ''] = areasIn('into');
      for (const name of ['a', 'b']) {
        await copyTo(path.join(from, name), path.join(folder, 'into', name), { areas, owner: true });
        expect([areasIn('into'), readdirSync(path.join(folder, 'into', own))]).toEqual([[own], []]);
      }
      await copyTo(path.join(from, 'a'), path.join(folder, 'other/a'), { areas, owner: false });
      expect(areasIn('other')).toHaveLength(1);
    });
    expect([readdirSync(path.join(folder, 'into')), readdirSync(path.join(folder, 'other'))]).toEqual([
      ['a', 'b', 'x'],
      ['a', 'x'],
    ]);
  });

  test('of a tree does not lead a walk elsewhere by a link', async () => {
    const folder = folderWith({ 'd/a': '', 'd/x/b': '', 'victim/c': '' });
    const visited: string[] = [];
    const swap = async () => {
      renameSync(path.join(folder, 'd/x'), path.join(folder, 'moved'));
      symlinkSync(path.join(folder, 'victim'), path.join(folder, 'd/x'));
    };
    const walk = walkTree(path.join(folder, 'd'), {
      mayVanish: true,
      async file(entry) {
        visited.push(entry.name.toString());
        if (visited.length === 1) await swap();
      },
    });
    await expect(walk).rejects.toThrow(`${folder}/d/x: was a directory and is replaced now`);
    expect(visited).toEqual(['a']);
  });

  test('does not lead it elsewhere by moving a directory that it will come back to', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `${index}`);
    const folder = folderWith({ [`d/${names.join('/')}/leaf`]: '', 'other/x': '' });
    const half = path.join(folder, 'd', ...names.slice(0, 15));
    const walk = walkTree(path.join(folder, 'd'), {
      file: async () => renameSync(path.join(half, '15'), path.join(folder, 'other/15')),
    });
    await expect(walk).rejects.toThrow('15: was moved to another directory meanwhile');
  });

  asRoot('a failed move leaves no second name in a sticky directory', async () => {
    const folder = folderWith({ 's/rooted': '' });
    chmodSync(folder, 0o755);
    chmodSync(path.join(folder, 's'), 0o1777);
    chmodSync(path.join(folder, 's/rooted'), 0o666);
    const move = () => place(path.join(folder, 's/rooted'), path.join(folder, 's/new'));
    await expect(asNobody(move)).rejects.toMatchObject({ code: 'EPERM' });
    expect(readdirSync(path.join(folder, 's'))).toEqual(['rooted']);
    await expect(asNobody(() => assertRemovable(path.join(folder, 's/rooted')))).rejects.toThrow(
      `${folder}/s/rooted: can't be removed from its directory: operation not permitted`,
    );
  });
});

/** Makes directories below each other, further than any path can name. */
function makeDeep(folder: string): void {
  const script =
    "import os,sys\nos.chdir(sys.argv[1])\nfor i in range(300):\n os.mkdir('n'*50); os.chdir('n'*50)\nopen('leaf','w').write('deep')";
  execFileSync('/usr/bin/python3', ['-c', script, folder]);
}

describe('a tree deeper than a path can be long', () => {
  async function leavesOf(root: string): Promise<number> {
    let leaves = 0;
    let most = 0;
    await walkTree(root, {
      async file() {
        leaves += 1;
        most = readdirSync('/proc/self/fd').length;
      },
    });
    expect(most).toBeLessThan(readdirSync('/proc/self/fd').length + 25);
    return leaves;
  }

  test('is copied, and removed by undo and for good', async () => {
    const context = contextWith({ 'd/a': '' });
    makeDeep(path.join(context.cwd, 'd'));
    const open = readdirSync('/proc/self/fd').length;
    const { pipeline, error } = await run('cp d e', context);
    expect([error, await leavesOf(path.join(context.cwd, 'e'))]).toEqual([undefined, 2]);
    await pipeline.undo();
    expect(readdirSync(context.cwd)).toEqual(['d']);
    expect((await run('rm -ur d', context)).error).toBeUndefined();
    expect([readdirSync(context.cwd), readdirSync('/proc/self/fd').length]).toEqual([[], open]);
  });

  onShm('is moved to another file system and back', async () => {
    const context = contextWith({ 'd/a': '' });
    const folder = shmFolder();
    makeDeep(path.join(context.cwd, 'd'));
    const { pipeline, error } = await run(`mv d ${folder}`, context);
    expect([error, await leavesOf(path.join(folder, 'd')), readdirSync(context.cwd)]).toEqual([undefined, 2, []]);
    await pipeline.undo();
    expect(await leavesOf(path.join(context.cwd, 'd'))).toBe(2);
    expect((await run('rm -ur d', context)).error).toBeUndefined();
  });
});

describe('mv to another file system', () => {
  /** Moves, and runs `change` while the first file is copied. */
  async function moveWhile(source: string, target: string, change: () => void): Promise<void> {
    let changed = false;
    const status = () => {
      if (!changed) change();
      changed = true;
    };
    await inAreas((areas) => moveTo(source, target, { areas, progress: new Progress({ status }) }));
  }

  onShm('keeps what was changed or added meanwhile, and says so', async () => {
    const folder = folderWith({ 'd/a': 'a', 'd/b': 'b', 'd/sub/c': 'c', 'd/sub2/e': 'e' });
    const [source, target] = [path.join(folder, 'd'), path.join(shmFolder(), 'd')];
    const move = moveWhile(source, target, () => {
      writeFileSync(path.join(source, 'a'), 'A');
      writeFileSync(path.join(source, 'new'), 'n');
      mkdirSync(path.join(source, 'newer/deep'), { recursive: true });
    });
    await expect(move).rejects.toThrow(
      new RegExp(`copied whole to ${target}, but not all .*/d/a, .*/d/new, .*/d/newer: changed or new`),
    );
    expect(readdirSync(source)).toEqual(['a', 'new', 'newer']);
    expect(readFileSync(path.join(source, 'a'), 'utf8')).toBe('A');
    expect([readdirSync(target), readdirSync(path.join(target, 'sub'))]).toEqual([['a', 'b', 'sub', 'sub2'], ['c']]);
  });

  onShm('takes the copy back when nothing could be removed', async () => {
    const folder = folderWith({ a: 'old' });
    const [source, target] = [path.join(folder, 'a'), path.join(shmFolder(), 'a')];
    const move = moveWhile(source, target, () => writeFileSync(source, 'new'));
    await expect(move).rejects.toThrow(`${source}: changed or new since it was copied, kept`);
    expect([readFileSync(source, 'utf8'), readdirSync(path.dirname(target))]).toEqual(['new', []]);
  });

  asRoot('takes the copy back when the directory does not let go of the file', async () => {
    const folder = folderWith({ a: 'a' });
    const into = shmFolder();
    chmodSync(folder, 0o755);
    chmodSync(into, 0o777);
    const move = () => inAreas((areas) => moveTo(path.join(folder, 'a'), path.join(into, 'a'), { areas }));
    await expect(asNobody(move)).rejects.toThrow(/permission denied/);
    expect([readdirSync(folder), readdirSync(into)]).toEqual([['a'], []]);
    const { error } = await run(`mv /proc/version ${into}`);
    expect(error?.message).toMatch(/^mv: \/proc\/version to .*version: operation not permitted/);
    expect(readdirSync(into)).toEqual([]);
  });

  onShm('joins the names of a file again', async () => {
    const context = contextWith({ 'd/a': 'a', 'd/sub/x': '', outside: 'o' });
    const at = (name: string) => path.join(context.cwd, name);
    for (const name of ['d/b', 'd/c', 'd/sub/e']) linkSync(at('d/a'), at(name));
    linkSync(at('outside'), at('d/o'));
    const folder = shmFolder();
    expect((await run(`mv d ${folder}`, context)).error).toBeUndefined();
    const { ino, nlink } = lstatSync(path.join(folder, 'd/a'));
    expect(nlink).toBe(4);
    for (const name of ['d/b', 'd/c', 'd/sub/e']) expect(lstatSync(path.join(folder, name)).ino).toBe(ino);
    expect([lstatSync(path.join(folder, 'd/o')).nlink, readdirSync(context.cwd)]).toEqual([1, ['outside']]);
  });
});

test.each([
  ['at the end', 'data', 0],
  ['in between', 'data', 8_000_000],
  ['everywhere', '', 0],
])('a copy has the holes of a file, here %s', async (_, text, position) => {
  const context = contextWith({ sparse: '' });
  const file = path.join(context.cwd, 'sparse');
  truncateSync(file, 32_000_001);
  execFileSync('dd', [`of=${file}`, 'conv=notrunc', 'bs=1', `seek=${position}`, 'status=none'], { input: text });
  expect((await run('cp sparse copy', context)).error).toBeUndefined();
  const copy = path.join(context.cwd, 'copy');
  expect(readFileSync(copy).equals(readFileSync(file))).toBe(true);
  expect(lstatSync(copy).blocks).toBeLessThanOrEqual(lstatSync(file).blocks);
});

test('what is kept of a file for undo can be cancelled, and leaves nothing then', async () => {
  const folder = folderWith({ large: '' });
  const data = temporaryFolder();
  truncateSync(path.join(folder, 'large'), 2 ** 34);
  const stop = new AbortController();
  const copied = () => stop.abort(new Error('enough'));
  const kept = new Trash({ XDG_DATA_HOME: data }).keepCopy(path.join(folder, 'large'), { signal: stop.signal, copied });
  await expect(kept).rejects.toThrow('enough');
  for (const name of ['files', 'info']) expect(readdirSync(path.join(data, 'Trash', name))).toEqual([]);
});
