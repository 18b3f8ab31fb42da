import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { FileObject } from '../../src/builtins/lib/files';
import { walk } from '../../src/builtins/walk';
import type { Stage } from '../../src/engine';
import { closeContexts, contextWith, run, valuesOf } from './support';

afterAll(closeContexts);

const BAD_NAME = Buffer.from([0x62, 0xff, 0x64]); // b, a byte that is not UTF-8, d

const filesOf = async (...[text, context]: Parameters<typeof valuesOf>) =>
  (await valuesOf(text, context)) as FileObject[];
const names = (files: readonly FileObject[]) => files.map((file) => file.basename);

describe('ls', () => {
  test('says all about a file', async () => {
    const context = contextWith({ 'run.sh': '12345' });
    chmodSync(path.join(context.cwd, 'run.sh'), 0o4750);
    expect(await filesOf('ls run.sh', context)).toEqual([
      {
        path: path.join(context.cwd, 'run.sh'),
        basename: 'run.sh',
        size: 5,
        is_directory: false,
        is_executable: true,
        is_link: false,
        hidden: false,
        file_type_char: '-',
        permissions_string: 'rwsr-x---',
        mode: 0o104750,
        mtime: expect.any(Number),
        owner: process.getuid?.(),
        group: process.getgid?.(),
        owner_name: expect.any(String),
        group_name: expect.any(String),
        link_target: null,
        stat_error: null,
      },
    ]);
  });

  test('follows links to say what they are', async () => {
    const context = contextWith({ 'dir/a': '' });
    symlinkSync('dir', path.join(context.cwd, 'good'));
    symlinkSync('nowhere', path.join(context.cwd, 'broken'));
    expect(await filesOf('ls broken', context)).toMatchObject([
      { is_link: true, is_directory: false, link_target: 'nowhere', file_type_char: 'l', size: null, stat_error: null },
    ]);
    expect(names(await filesOf('ls good', context))).toEqual(['a']);
    expect(await filesOf('ls | filter good basename', context)).toMatchObject([{ is_link: true, is_directory: true }]);
  });

  // It used to be a File of nulls, and no failure.
  test('a path that is named and is not there fails, after what came before it', async () => {
    const { values, error } = await run('ls a missing.txt a', contextWith({ a: '' }));
    expect(names(values as FileObject[])).toEqual(['a']);
    expect(error?.message).toBe('missing.txt: no such file or directory');
  });

  test('a path of the input that is not there says so', async () => {
    const [file] = await valuesOf('ls -i', contextWith(), ['missing.txt']);
    expect(file).toMatchObject({ basename: 'missing.txt', stat_error: 'no such file or directory', mode: null });
  });

  test('hidden names only with -a', async () => {
    const context = contextWith({ '.a': '', b: '' });
    expect(names(await filesOf('ls', context))).toEqual(['b']);
    expect(names(await filesOf('ls -a', context))).toEqual(['.a', 'b']);
    expect(names(await filesOf('ls .a', context))).toEqual(['.a']);
  });

  test('-i takes paths from the input; without it there is none', async () => {
    const context = contextWith({ a: '', b: '', 'd/c': '' });
    expect(names((await valuesOf('ls -i', context, ['b', 'd'])) as FileObject[])).toEqual(['b', 'c']);
    await expect(valuesOf('ls d', context, ['b'])).rejects.toThrow('ls d: it takes no input');
  });

  test('a name that is not UTF-8 has its bytes, and can be looked at', async () => {
    const context = contextWith();
    const raw = Buffer.concat([Buffer.from(`${context.cwd}/`), BAD_NAME]);
    writeFileSync(raw, '123');
    const shown = { basename: 'b\ufffdd', size: 3, path_bytes: raw.toString('base64'), stat_error: null };
    expect(await filesOf('ls', context)).toMatchObject([shown]);
    expect(await filesOf('walk', context)).toMatchObject([shown]);
  });

  test('yields a large directory in parts', async () => {
    const context = contextWith(Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`f${index}`, ''])));
    const { batches } = await run('ls', context);
    expect(batches.map((batch) => batch.objects.length)).toEqual([256, 256, 88]);
  });
});

describe('walk', () => {
  test('goes down in order, and not into links or hidden directories', async () => {
    const context = contextWith({ 'a/2': '', 'a/1': '', 'b/c/d': '', '.h/x': '', z: '' });
    symlinkSync('a', path.join(context.cwd, 'link'));
    expect(names(await filesOf('walk', context))).toEqual(['link', 'z', '1', '2', 'd']);
    expect(names(await filesOf('walk -a', context))).toContain('x');
    expect(names(await filesOf('walk b', context))).toEqual(['d']);
  });

  // It used to be a File of nulls, and no failure.
  test.each([
    ['walk missing', 'missing: no such file or directory'],
    ['walk file', 'file: not a directory'],
  ])('%s fails', async (text, message) => {
    expect((await run(text, contextWith({ file: '' }))).error?.message).toBe(message);
  });

  test('a directory below that can not be read is not lost', async () => {
    const many = Object.fromEntries(Array.from({ length: 256 }, (_, index) => [`f${index}`, '']));
    const { cwd } = contextWith({ 'dir/a': '', ...many });
    const stage = { args: [], options: new Map(), cwd } as unknown as Stage;
    const values: unknown[] = [];
    for await (const { objects } of walk.run?.(stage) ?? []) {
      rmSync(path.join(cwd, 'dir'), { recursive: true, force: true }); // found by now, and not yet read
      values.push(...objects);
    }
    expect(values).toHaveLength(257);
    expect(values.at(-1)).toMatchObject({
      basename: 'dir',
      is_directory: true,
      stat_error: 'no such file or directory',
    });
  });

  test('stops with its consumer', async () => {
    expect(await filesOf('walk / | head 1')).toHaveLength(1);
  });
});

describe('cat', () => {
  test('shows bytes that are not UTF-8 as U+FFFD and keeps empty lines', async () => {
    const context = contextWith({ empty: '' });
    writeFileSync(path.join(context.cwd, 'a'), Buffer.concat([BAD_NAME, Buffer.from('\n\nlast')]));
    expect(await valuesOf('cat a empty', context)).toEqual(['b\ufffdd', '', 'last']);
  });

  test.each([
    ['cat missing', /^missing: no such file/],
    ['cat .', /^\.: is a directory/],
    ['cat', /name a file/],
  ])('%s fails', async (text, message) => {
    expect((await run(text)).error?.message).toMatch(message);
  });

  test('passes its input on', async () => {
    expect(await valuesOf('cat', contextWith(), ['a', 'b'])).toEqual(['a', 'b']);
  });
});

describe('write', () => {
  test('writes a line for each object, and appends', async () => {
    const context = contextWith();
    await valuesOf('write a.txt b.txt', context, ['x', 'y\n', { z: 1 }]);
    await valuesOf('write -a a.txt', context, ['more']);
    expect(readFileSync(path.join(context.cwd, 'a.txt'), 'utf8')).toBe('x\ny\n{"z":1}\nmore\n');
    expect(readFileSync(path.join(context.cwd, 'b.txt'), 'utf8')).toBe('x\ny\n{"z":1}\n');
  });

  test('names the file that it can not write', async () => {
    const context = contextWith();
    mkdirSync(path.join(context.cwd, 'dir'));
    expect((await run('write dir', context, ['x'])).error?.message).toBe('write: dir: is a directory');
  });
});

describe('cd', () => {
  test('goes there, lists it, and back when undone', async () => {
    const context = contextWith({ 'sub/a': '' });
    const before = context.cwd;
    const { pipeline, values } = await run('cd sub', context);
    expect(names(values as FileObject[])).toEqual(['a']);
    expect(context.cwd).toBe(path.join(before, 'sub'));
    await pipeline.undo();
    expect(context.cwd).toBe(before);
  });

  test('goes home without an argument', async () => {
    const context = contextWith({ 'home/a': '' });
    context.setEnvironment({ HOME: path.join(context.cwd, 'home') });
    expect(names(await filesOf('cd', context))).toEqual(['a']);
  });

  test('stays where it is when there is no such directory', async () => {
    const context = contextWith();
    const before = context.cwd;
    expect((await run('cd missing', context)).error).toMatchObject({ kind: 'InvalidArgs' });
    expect(context.cwd).toBe(before);
  });
});
