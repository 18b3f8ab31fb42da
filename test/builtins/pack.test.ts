// pack and unpack, as far as one side alone shows it: what is listed, and what a hostile list can not do.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
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
import { closeContexts, contextWith, failureOf, run, valuesOf } from './support';

afterAll(closeContexts);

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const entry = (fields: object) => ({
  number: 0,
  root: '/',
  path: 'a',
  mode: 0o644,
  size: 0,
  mtime: 1,
  offset: 0,
  ...fields,
});
const file = (name: string, text: string, fields: object = {}) =>
  entry({
    kind: 'file',
    path: name,
    size: text.length,
    data: Buffer.from(text).toString('base64'),
    digest: sha256(text),
    ...fields,
  });

describe('pack', () => {
  test('lists what is special as failed, and passes over what is half received', async () => {
    const context = contextWith({ 'd/a': 'a', 'd/.hotwire-partial-7/x': '' });
    execFileSync('mkfifo', [path.join(context.cwd, 'd/pipe')]);
    symlinkSync('/etc/passwd', path.join(context.cwd, 'd/link'));
    const listed = (await valuesOf('pack --list d', context)) as { path: string; kind: string; error?: string }[];
    expect(listed.map(({ path, kind, error }) => [path, kind, error])).toEqual([
      ['d', 'directory', undefined],
      ['d/a', 'file', undefined],
      ['d/link', 'link', undefined],
      ['d/pipe', 'failed', 'is a named pipe: it is left out'],
    ]);
  });

  test('a missing one does not keep the others from being listed, nor one of the same name', async () => {
    const context = contextWith({ 'x/a': '', 'y/a': '' });
    const listed = (await valuesOf('pack --list x/a nope y/a', context)) as { kind: string; error?: string }[];
    expect(listed.map(({ kind, error }) => error ?? kind)).toEqual([
      'file',
      'no such file or directory',
      expect.stringContaining('would replace another one'),
    ]);
  });

  test('whoever reads may leave early', async () => {
    expect(await valuesOf('pack --list /usr | first 1 | prop path')).toEqual(['usr']);
    expect(await valuesOf('pack /usr | first 1 | prop kind')).toEqual(['directory']);
  });

  test('without paths and without input it says what to do', async () => {
    expect((await failureOf('pack'))?.message).toMatch(/^pack: name a file/);
  });

  test('a file that grows is sent as it was listed; one that is written over is not', async () => {
    const context = contextWith({ log: 'one\n' });
    const [listed] = (await valuesOf('pack --list log', context)) as [object];
    writeFileSync(path.join(context.cwd, 'log'), 'one\ntwo\n');
    const [grown] = (await valuesOf('pack', context, [listed])) as { data: string; digest: string }[];
    expect(Buffer.from(grown?.data ?? '', 'base64').toString()).toBe('one\n');
    writeFileSync(path.join(context.cwd, 'log'), 'x');
    const pieces = (await valuesOf('pack', context, [listed])) as { error: string }[];
    expect(pieces.at(-1)?.error).toBe('became shorter while it was read');
  });

  test('a file of /proc, which tells no size, is not taken for an empty one', async () => {
    const [piece] = (await valuesOf('pack /proc/self/status')) as { error: string }[];
    expect(piece?.error).toBe('has content but tells no size: use cat and write');
  });
});

describe('unpack', () => {
  const outside = (folder: string) => readdirSync(path.dirname(folder)).filter((name) => name.includes('evil'));

  test.each(['../evil', '/evil', 'a/../../evil', '..', '.', '', 'a//evil', 'a/', 'evil\0', 'x/'.repeat(200_000)])(
    'a path that leads elsewhere is refused: %#',
    async (name) => {
      const context = contextWith();
      expect(await failureOf('unpack .', context, [file(name, 'x')])).toMatchObject({ kind: 'InvalidArgs' });
      expect(outside(context.cwd)).toEqual([]);
    },
  );

  test.each([
    [{ kind: 'device' }, 'kind'],
    [{ number: -1 }, 'number'],
    [{ size: 1.5 }, 'size'],
    [{ size: 2 ** 60 }, 'size'],
    [{ mtime: 'now' }, 'mtime'],
    [{ path: 7 }, 'path'],
    [{ path: 'a', path_bytes: Buffer.from('../b').toString('base64') }, 'path'],
    [{ offset: -1 }, 'offset'],
    [{ data: 7 }, 'data'],
    [{ digest: {} }, 'digest'],
    [{ kind: 'link' }, 'target'],
  ])('a piece with %j is refused', async (fields, name) => {
    const message = (await failureOf('unpack .', contextWith(), [file('a', 'x', fields)]))?.message;
    expect(message).toMatch(new RegExp(`as its ${name}: pack yields no such thing`));
  });

  test.each([[[1]], [[{ number: 3, data: 'eA==' }]], [[null]]])('what is no piece is refused: %j', async (input) => {
    expect(await failureOf('unpack .', contextWith(), input)).toMatchObject({ kind: 'InvalidArgs' });
  });

  test('nothing is written through a link, be it one that came before', async () => {
    const context = contextWith();
    const target = path.join(context.cwd, 'target');
    mkdirSync(target);
    const secret = contextWith().cwd;
    const pieces = [
      entry({ number: 0, kind: 'link', path: 'd', target: secret }),
      file('d/evil', 'x', { number: 1 }),
      entry({ number: 2, kind: 'directory', path: 'd', mode: 0o777 }),
    ];
    const { values } = await run('unpack target', context, pieces);
    expect((values as { state: string }[]).map(({ state }) => state)).toEqual(['placed', 'failed', 'failed']);
    expect(readdirSync(secret)).toEqual([]);
    expect(readlinkSync(path.join(target, 'd'))).toBe(secret);
  });

  test.each([
    ['more than was announced', { size: 1 }, 'its content does not come as it was announced'],
    ['less than was announced', { size: 9 }, 'it did not arrive as it was sent'],
    ['other content', { digest: sha256('y') }, 'it did not arrive as it was sent'],
    ['an offset of nothing', { offset: 5 }, 'what was there of it is gone'],
  ])('%s: the file does not take its place, and nothing stays', async (_, fields, why) => {
    const context = contextWith({ a: 'old' });
    const { error } = await run('unpack ./', context, [file('a', 'xyz', fields), file('b', 'b', { number: 1 })]);
    expect(error?.message).toContain(`a: ${why}`);
    expect(readFileSync(path.join(context.cwd, 'a'), 'utf8')).toBe('old');
    expect(readdirSync(context.cwd).sort()).toEqual(['a', 'b']);
  });

  test('a directory is never replaced, nor a file by a directory', async () => {
    const context = contextWith({ 'd/x': '', f: 'f' });
    const pieces = [
      file('d', 'x'),
      entry({ number: 1, kind: 'directory', path: 'f' }),
      file('f/y', 'x', { number: 2 }),
    ];
    const { values, error } = await run('unpack ./', context, pieces);
    expect((values as { state: string }[]).map(({ state }) => state)).toEqual(['failed', 'failed', 'failed']);
    expect(error?.message).toMatch(/d: is a directory there, which is never replaced/);
    expect(readFileSync(path.join(context.cwd, 'f'), 'utf8')).toBe('f');
  });

  test('bits that change who it runs as do not come along; a link is replaced, not what it leads to', async () => {
    const context = contextWith({ real: 'real' });
    symlinkSync('real', path.join(context.cwd, 'a'));
    expect((await run('unpack ./', context, [file('a', 'x', { mode: 0o6755 })])).state).toBe('complete');
    expect(statSync(path.join(context.cwd, 'a')).mode & 0o7777).toBe(0o755);
    expect(readFileSync(path.join(context.cwd, 'real'), 'utf8')).toBe('real');
  });

  test('names for half-received files are refused, and a place of theirs that others may write', async () => {
    const name = `.hotwire-partial-${process.geteuid?.()}`;
    expect((await failureOf('unpack ./', contextWith(), [file(name, 'x')]))?.message).toContain('half received');
    const context = contextWith();
    mkdirSync(path.join(context.cwd, name));
    chmodSync(path.join(context.cwd, name), 0o777);
    const { error } = await run('unpack ./', context, [file('a', 'x')]);
    expect(error?.message).toMatch(/is not ours alone: remove that first/);
    expect(existsSync(path.join(context.cwd, 'a'))).toBe(false);
  });

  test('several need a directory, and the directory of one must be there', async () => {
    const pieces = [file('a', 'x'), file('b', 'x', { number: 1 })];
    expect((await failureOf('unpack new', contextWith(), pieces))?.message).toContain('end it with / to have it made');
    expect((await failureOf('unpack no/new', contextWith(), pieces))?.message).toContain('there is no directory');
    expect((await run('unpack new/', contextWith(), pieces)).state).toBe('complete');
  });

  test('directories get their modes and times last', async () => {
    const context = contextWith({ 'src/d/a': 'a' });
    chmodSync(path.join(context.cwd, 'src/d'), 0o500);
    utimesSync(path.join(context.cwd, 'src/d'), 5, 1_000_000);
    for (const round of [1, 2]) {
      expect([round, (await run('pack src | unpack out/', context)).state]).toEqual([round, 'complete']);
      const { mode, mtimeMs } = statSync(path.join(context.cwd, 'out/src/d'));
      expect([mode & 0o777, mtimeMs]).toEqual([0o500, 1_000_000_000]);
    }
    expect(readdirSync(path.join(context.cwd, 'out/src/d'))).toEqual(['a']);
  });
});
