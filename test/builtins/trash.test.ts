import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { topTrash } from '../../src/builtins/lib/trash-folder';
import { type Context, plan } from '../../src/engine';
import { onCleanup } from '../support/cleanup';
import { temporaryFolder } from '../support/temp';
import { closeContexts, contextWith, registry, run } from './support';

afterAll(closeContexts);

const trashOf = (context: Context) => path.join(context.environment.XDG_DATA_HOME ?? '', 'Trash');
const inTrash = (context: Context) => readdirSync(path.join(trashOf(context), 'files')).sort();
const infoOf = (context: Context, name: string) =>
  readFileSync(path.join(trashOf(context), 'info', `${name}.trashinfo`), 'utf8');
const at = (context: Context, name: string) => path.join(context.cwd, name);

/** A folder on another file system than the temporary one, if there is one here. */
const SHM = '/dev/shm';
const HAS_SHM = existsSync(SHM) && statSync(SHM).dev !== statSync('/tmp').dev;

describe('rm', () => {
  test('moves to the trash, with an info file as the specification has it', async () => {
    const context = contextWith({ 'a b%ü.txt': 'text' });
    const { error } = await run("rm 'a b%ü.txt'", context);
    expect(error).toBeUndefined();
    expect(inTrash(context)).toEqual(['a b%ü.txt']);
    expect(infoOf(context, 'a b%ü.txt').split('\n')).toEqual([
      '[Trash Info]',
      `Path=${context.cwd}/a%20b%25%C3%BC.txt`,
      expect.stringMatching(/^DeletionDate=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/),
      '',
    ]);
  });

  test('undo puts everything back, with what is in it, and leaves nothing in the trash', async () => {
    const context = contextWith({ 'dir/sub/a': 'a', b: 'b' });
    symlinkSync('nowhere', at(context, 'link'));
    const { pipeline } = await run('rm dir b link', context);
    expect(readdirSync(context.cwd)).toEqual([]);
    await pipeline.undo();
    expect(readFileSync(at(context, 'dir/sub/a'), 'utf8')).toBe('a');
    expect(readlinkSync(at(context, 'link'))).toBe('nowhere');
    expect(inTrash(context)).toEqual([]);
    expect(readdirSync(path.join(trashOf(context), 'info'))).toEqual([]);
  });

  test('equal names at the same time do not meet', async () => {
    const files = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`${index}/same`, String(index)]));
    const context = contextWith(files);
    const runs = await Promise.all(Object.keys(files).map((file) => run(`rm ${file}`, context)));
    expect(runs.map(({ error }) => error)).toEqual(runs.map(() => undefined));
    expect(inTrash(context)).toHaveLength(20);
    for (const { pipeline } of runs) await pipeline.undo();
    for (const [file, text] of Object.entries(files)) expect(readFileSync(at(context, file), 'utf8')).toBe(text);
  });

  test('an older item stays, with an info file or without', async () => {
    const context = contextWith({ a: 'new' });
    mkdirSync(path.join(trashOf(context), 'files'), { recursive: true });
    writeFileSync(path.join(trashOf(context), 'files', 'a'), 'old');
    await run('rm a', context);
    expect(readFileSync(path.join(trashOf(context), 'files', 'a'), 'utf8')).toBe('old');
    expect(inTrash(context)).toEqual(['a', expect.stringMatching(/^a\.[0-9a-f]{8}$/)]);
  });

  test('the longest names, and those that are not UTF-8', async () => {
    const context = contextWith();
    const names = [Buffer.from('ü'.repeat(127)), Buffer.from([0x62, 0xff, 0x64])];
    const files = names.map((name) => Buffer.concat([Buffer.from(`${context.cwd}/`), name]));
    for (const file of files) writeFileSync(file, 'x');
    const { error, pipeline } = await run('ls | rm', context);
    expect(error).toBeUndefined();
    expect(readdirSync(context.cwd)).toEqual([]);
    expect(
      readdirSync(path.join(trashOf(context), 'info'), 'latin1').map((name) =>
        readFileSync(Buffer.from(path.join(trashOf(context), 'info', name), 'latin1'), 'utf8'),
      ),
    ).toEqual(expect.arrayContaining([expect.stringContaining(`Path=${context.cwd}/b%FFd\n`)]));
    await pipeline.undo();
    for (const file of files) expect(existsSync(file)).toBe(true);
  });

  test('undo is no way over something newer', async () => {
    const context = contextWith({ a: 'old', 'd/x': 'old' });
    const { pipeline } = await run('rm a d', context);
    writeFileSync(at(context, 'a'), 'newer');
    mkdirSync(at(context, 'd'));
    await expect(pipeline.undo()).rejects.toThrow(
      `${at(context, 'd')}: can't be put back, something else is there now`,
    );
    rmSync(at(context, 'd'), { recursive: true });
    await expect(pipeline.undo()).rejects.toThrow(
      `${at(context, 'a')}: can't be put back, something else is there now`,
    );
    expect(readFileSync(at(context, 'd/x'), 'utf8')).toBe('old');
    expect(readFileSync(at(context, 'a'), 'utf8')).toBe('newer');
    rmSync(at(context, 'a'));
    await pipeline.undo();
    expect(readFileSync(at(context, 'a'), 'utf8')).toBe('old');
  });

  test('undo says when the trash was emptied', async () => {
    const context = contextWith({ a: '' });
    const { pipeline } = await run('rm a', context);
    rmSync(path.join(trashOf(context), 'files', 'a'));
    await expect(pipeline.undo()).rejects.toThrow(`${at(context, 'a')}: can't be put back: it is in the trash no more`);
  });

  // One that is lost used to keep all others from being put back, for ever.
  test('undo puts back what is left, tells what is lost, and ends', async () => {
    const context = contextWith({ a: 'a', b: 'b', c: 'c' });
    const { pipeline } = await run('rm a b c', context);
    const lost = path.join(trashOf(context), 'files', 'b');
    rmSync(lost);
    writeFileSync(lost, 'of somebody else');
    rmSync(path.join(trashOf(context), 'info', 'b.trashinfo'));
    await expect(pipeline.undo()).rejects.toThrow(
      `no more (it was ${lost})\n(2 changes are taken back; undo again ends`,
    );
    expect([readdirSync(context.cwd), pipeline.state]).toEqual([['a', 'c'], 'complete']);
    await pipeline.undo();
    expect([readdirSync(context.cwd), pipeline.state]).toEqual([['a', 'c'], 'undone']);
    expect(readFileSync(lost, 'utf8')).toBe('of somebody else');
  });

  // It used to count as another file.
  test('a file that a program still writes to is put back', async () => {
    const context = contextWith({ log: 'one\n' });
    const file = openSync(at(context, 'log'), 'a');
    onCleanup(() => closeSync(file));
    const { pipeline } = await run('rm log', context);
    writeSync(file, 'two\n');
    utimesSync(path.join(trashOf(context), 'files', 'log'), 1, 1);
    await pipeline.undo();
    expect(readFileSync(at(context, 'log'), 'utf8')).toBe('one\ntwo\n');
  });

  test('goes on after one that can not be removed, and tells all that could not', async () => {
    const context = contextWith({ a: '', b: '', 'd/x': '' });
    const { error, pipeline } = await run('rm a none b nothing d', context);
    expect(error?.message).toBe('rm: none: no such file or directory, nothing: no such file or directory');
    expect(readdirSync(context.cwd)).toEqual([]);
    await pipeline.undo();
    expect(readdirSync(context.cwd)).toEqual(['a', 'b', 'd']);
  });

  // It used to make a trash in the directory that it is mounted on.
  test('a mount point is refused, and nothing is left behind', async () => {
    const trashes = () => readdirSync('/').filter((name) => name.startsWith('.Trash'));
    const before = trashes();
    const { error } = await run('rm /proc');
    expect(error?.message).toMatch(/^rm: \/proc: (can't be moved to the trash: it is a mount point|permission denied)/);
    expect(trashes()).toEqual(before);
  });

  // It used to advise rm -u, which can not do it either.
  test('of a directory that can not be written the reason is told, and no way that is none', async () => {
    const { error } = await run('rm /proc/self/status');
    expect(error?.message).toMatch(/^rm: \/proc\/self\/status: (permission denied|operation not permitted)$/);
  });

  test('with -u for good: said before it runs, and refused by undo', async () => {
    const context = contextWith({ a: '', 'd/e/f': '' });
    symlinkSync('d', at(context, 'link'));
    expect(plan('rm a', context, registry).undoable).toBe(true);
    for (const text of ['rm -u a', 'rm -ru d', 'ls | rm --unlink'])
      expect([text, plan(text, context, registry).undoable]).toEqual([text, false]);
    const { pipeline, error } = await run('rm -ur a link d', context);
    expect(error).toBeUndefined();
    expect(readdirSync(context.cwd)).toEqual([]);
    expect(existsSync(trashOf(context))).toBe(false);
    await expect(pipeline.undo()).rejects.toMatchObject({
      kind: 'InvalidState',
      message: "rm --unlink --recursive a link d: can't be undone",
    });
  });

  test.each([
    ['rm', /name a file/],
    ['rm missing', /^rm: missing: no such file/],
    ['rm -u d', /^rm: d: is a directory: add -r/],
    ['rm .', /^rm: \.: is refused/],
    ['rm d/..', /^rm: d\/\.\.: is refused/],
    ['rm -ruf /', /^rm: \/: is refused/],
    ['js-eval 1 | rm', /no absolute path/],
  ])('%s fails', async (text, message) => {
    const context = contextWith({ 'd/x': '' });
    expect((await run(text, context)).error?.message).toMatch(message);
    expect(existsSync(at(context, 'd/x'))).toBe(true);
  });

  test.each(['rm -f missing', 'rm -f', 'rm -uf missing'])('%s is no error', async (text) => {
    expect((await run(text)).state).toBe('complete');
  });

  const onShm = HAS_SHM ? test : test.skip;
  onShm('another file system has a trash of its own', async () => {
    const own = path.join(SHM, `.Trash-${process.getuid?.()}`);
    const wasThere = existsSync(own);
    const folder = mkdtempSync(path.join(SHM, 'hotwire-test-'));
    onCleanup(() => rmSync(folder, { recursive: true, force: true }));
    if (!wasThere) onCleanup(() => rmSync(own, { recursive: true, force: true }));
    const name = path.basename(folder);
    writeFileSync(path.join(folder, name), 'text');
    const context = contextWith();
    const { pipeline, error } = await run(`rm ${path.join(folder, name)}`, context);
    expect(error).toBeUndefined();
    expect(lstatSync(own).mode & 0o777).toBe(0o700);
    expect(readFileSync(path.join(own, 'files', name), 'utf8')).toBe('text');
    expect(readFileSync(path.join(own, 'info', `${name}.trashinfo`), 'utf8')).toContain(`\nPath=${name}/${name}\n`);
    await pipeline.undo();
    expect(readFileSync(path.join(folder, name), 'utf8')).toBe('text');
    expect(existsSync(path.join(own, 'info', `${name}.trashinfo`))).toBe(false);
  });
});

describe('the trash of a file system', () => {
  const uid = process.getuid?.() ?? 0;
  const makers: [what: string, make: (top: string) => void, folder: string][] = [
    ['none', () => undefined, `.Trash-${uid}`],
    ['a shared one that is sticky', (top) => makeShared(top, 0o1777), `.Trash/${uid}`],
    ['a shared one that is not sticky', (top) => makeShared(top, 0o777), `.Trash-${uid}`],
    ['a shared one that is a link', (top) => symlinkSync(temporaryFolder(), path.join(top, '.Trash')), `.Trash-${uid}`],
  ];
  test.each(makers)('with %s', async (_, make, folder) => {
    const top = temporaryFolder();
    make(top);
    const found = await topTrash(top);
    expect(found).toEqual({ top, files: path.join(top, folder, 'files'), info: path.join(top, folder, 'info') });
    expect(statSync(path.join(top, folder)).mode & 0o777).toBe(0o700);
  });

  test('is not one that somebody else has made', async () => {
    const top = temporaryFolder();
    symlinkSync(temporaryFolder(), path.join(top, `.Trash-${uid}`));
    await expect(topTrash(top)).rejects.toThrow(`.Trash-${uid} is not a directory of yours: rm -u`);
  });

  test('says why it can not be', async () => {
    await expect(topTrash('/proc')).rejects.toThrow(
      `the trash of its file system can't be made: /proc/.Trash-${uid}: `,
    );
  });
});

function makeShared(top: string, mode: number): void {
  mkdirSync(path.join(top, '.Trash'));
  chmodSync(path.join(top, '.Trash'), mode);
}
