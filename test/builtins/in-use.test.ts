// What is in a file is not lost by a command that can not work, nor by one that reads what it writes.
import { existsSync, linkSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import type { Context } from '../../src/engine';
import { closeContexts, contextWith, failureOf, run } from './support';

afterAll(closeContexts);

const at = (context: Context, name: string) => path.join(context.cwd, name);
const read = (context: Context, name: string) => readFileSync(at(context, name), 'utf8');

/** Lines enough for several reads of a file. */
const LONG = 'a line of a long file\n'.repeat(10_000);

// `>>` and `write -a` used to go on until the disk was full, and `>` to empty the file.
test.each([
  'cat f >> f',
  'cat f > f',
  'cat < f > f',
  'cat < f >> f',
  'cat f > link',
  'cat second >> f',
  'cat g f > f',
  'head -100000 f >> f',
  'cat f | filter line >> f',
  'cat f | write f',
  'cat f | write -a f',
  'cat f | write g -a link',
  'cat f | sys cat > f',
  'cat f | sys cat >> f',
  'sys cat < f > f',
  'sys cat < f | sys cat >> f',
])('%s is refused', async (text) => {
  const context = contextWith({ f: LONG, g: 'g\n' });
  linkSync(at(context, 'f'), at(context, 'second'));
  symlinkSync('f', at(context, 'link'));
  const { error } = await run(text, context);
  expect(error?.message).toMatch(/(f|link): is read and written by the same pipeline: write to another file, and mv/);
  if (text !== 'cat g f > f') expect(read(context, 'f')).toBe(LONG);
});

test('fsearch passes over the file that it writes', async () => {
  const context = contextWith({ a: 'x\n', b: 'x\n' });
  const { error } = await run('fsearch x | prop line >> b', context);
  expect(error).toBeUndefined();
  expect(read(context, 'b')).toBe('x\nx\n');
});

test.each([
  ['cat f | sort | write f', 'a\nb\n'],
  ['cat f | sort > f', 'a\nb\n'],
  ['cat f | sort >> f', 'b\na\na\nb\n'],
  ['cat f > other', 'b\na\n'],
  ['cat f f > other', 'b\na\n'],
  ['sys cat f | sort > f', 'a\nb\n'],
])('%s reads all before it writes', async (text, expected) => {
  const context = contextWith({ f: 'b\na\n' });
  expect((await run(text, context)).error).toBeUndefined();
  expect(read(context, 'f')).toBe(expected);
});

// Files used to be emptied before the commands before them had looked at their arguments.
test.each([
  'cat a.csv | from csv | where "Unit Price" > 5',
  "cat a.csv | from csv | where n ~ '(' | write 5",
  'cat a.csv | from nonsense > 5',
  'cat missing > 5',
  'cat missing | sys cat > 5',
  'cat missing | write 5',
  'cat a.csv | from nonsense | sys cat > 5',
  "cat a.csv | filter '(' > 5",
])('%s empties no file', async (text) => {
  const context = contextWith({ 'a.csv': 'Unit Price,n\n7,x\n', '5': 'precious' });
  await failureOf(text, context);
  expect(read(context, '5')).toBe('precious');
});

test('a property with a blank in its name is compared', async () => {
  const context = contextWith({ 'a.csv': 'Unit Price,n\n7,x\n3,y\n' });
  const { values, error } = await run('cat a.csv | from csv | where "Unit Price" > 5', context);
  expect(error).toBeUndefined();
  expect(values).toEqual([{ 'Unit Price': '7', n: 'x' }]);
  expect(existsSync(at(context, '5'))).toBe(false);
});

test.each(['ls none* | write f', 'cat empty > f', 'cat empty | write f', 'cat empty | sys cat > f'])(
  '%s: an empty output is one, too',
  async (text) => {
    const context = contextWith({ empty: '', f: 'old' });
    const { error } = await run(text.replace('ls none*', 'cat empty'), context);
    expect(error).toBeUndefined();
    expect(read(context, 'f')).toBe('');
  },
);
