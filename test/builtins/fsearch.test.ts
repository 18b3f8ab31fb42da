import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { propertiesOf } from '../../src/classes';
import { METADATA } from '../../src/contract';
import { run as runProgram } from '../support/process';
import { recorded } from './recorded';
import { closeContexts, contextWith, failureOf, run, valuesOf } from './support';

afterAll(closeContexts);

const TREE = { 'a.txt': 'one\nTwo\ntwo two\n', 'sub/b.txt': 'no\nätwo', '.hidden/c.txt': 'two\n' };

test('objects are as their class declares', async () => {
  const context = contextWith(TREE);
  const { batches } = await run('fsearch two', context);
  expect(batches.flatMap(({ objects }) => objects)).toEqual([
    { path: path.join(context.cwd, 'a.txt'), line: 'two two', line_num: 3, match_start: 0, match_end: 3 },
    { path: path.join(context.cwd, 'sub/b.txt'), line: 'ätwo', line_num: 2, match_start: 1, match_end: 4 },
  ]);
  const names = propertiesOf(batches[0]?.className ?? '').map(({ name }) => name);
  expect(Object.keys(batches[0]?.objects[0] ?? {})).toEqual(names);
});

test.each([
  ['fsearch -i two', ['Two', 'two two', 'ätwo']],
  ['fsearch -a ^two$', ['two']],
  ['fsearch two sub', ['ätwo']],
  ['fsearch two | first', ['two two']],
  ['fsearch ^$', []],
])('%s', async (text, lines) => {
  expect(await valuesOf(`${text} | prop line`, contextWith(TREE))).toEqual(lines);
});

test('a line across chunks has its number and its place', async () => {
  const filler = `${'x'.repeat(99)}\n`.repeat(2000);
  const values = await valuesOf('fsearch needle', contextWith({ 'big.txt': `${filler}a needle` }));
  expect(values).toMatchObject([{ line: 'a needle', line_num: 2001, match_start: 2, match_end: 8 }]);
});

test('binary files are skipped and counted, what can not be read is told', async () => {
  const context = contextWith({ 'a.bin': 'two\0', 'b.bin': '\0', 'text.txt': 'two' });
  writeFileSync(path.join(context.cwd, 'long.txt'), Buffer.alloc(9 * 1024 * 1024, 'x'));
  const { values, valuesOf: of, error } = await recorded('fsearch two | prop line', context);
  expect({ values, error }).toEqual({ values: ['two'], error: undefined });
  const told = of(METADATA.stderr).join('');
  expect(told).toMatch(/^fsearch: \S+long.txt: a line is longer than \d+ bytes/m);
  expect(told).toMatch(/^fsearch: 2 binary files skipped$/m);
});

test('a file without permission is told', async () => {
  if (process.getuid?.() === 0) return; // root may read all
  const context = contextWith({ 'secret.txt': 'two', 'a.txt': 'two' });
  chmodSync(path.join(context.cwd, 'secret.txt'), 0);
  const { values, valuesOf: of } = await recorded('fsearch two | prop line', context);
  expect(values).toEqual(['two']);
  expect(of(METADATA.stderr).join('')).toMatch(/secret.txt: permission denied/);
});

test('pipes are not opened, links not followed, names that are not UTF-8 found', async () => {
  const context = contextWith({ 'a.txt': 'two' });
  await runProgram('mkfifo', [path.join(context.cwd, 'pipe')]);
  symlinkSync('a.txt', path.join(context.cwd, 'link'));
  mkdirSync(path.join(context.cwd, 'loop'));
  symlinkSync('..', path.join(context.cwd, 'loop', 'up'));
  writeFileSync(Buffer.concat([Buffer.from(`${context.cwd}/`), Buffer.from([0xff])]), 'two');
  const values = await valuesOf('fsearch two', context);
  expect(values.map((value) => path.basename((value as { path: string }).path))).toEqual(['a.txt', '\ufffd']);
});

test.each([
  ['fsearch (', 'Parse', /fsearch: /],
  ['fsearch two a.txt', 'Failed', /a.txt: not a directory/],
  ['fsearch two nothing', 'Failed', /nothing: no such file/],
])('%s fails', async (text, kind, message) => {
  expect(await failureOf(text, contextWith(TREE))).toMatchObject({ kind, message: expect.stringMatching(message) });
});
