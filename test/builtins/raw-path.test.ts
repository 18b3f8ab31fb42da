// Names that are not UTF-8. A pattern used to give them to commands with U+FFFD in their place: "no such file".
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Context } from '../../src/engine';
import { closeContexts, contextWith, run, valuesOf } from './support';

afterAll(closeContexts);

const BAD = '\xff';
const raw = (context: Context, name: string) =>
  Buffer.concat([Buffer.from(`${context.cwd}/`), Buffer.from(name, 'latin1')]);
const names = (context: Context, folder = '') => readdirSync(raw(context, folder), 'latin1').toSorted();

/** A file `a<ff>b` with the text "raw". */
function contextWithRaw(): Context {
  const context = contextWith({ 'plain.txt': 'plain\n' });
  writeFileSync(raw(context, `a${BAD}b`), 'raw\n');
  return context;
}

test.each([
  ['cat *', ['raw', 'plain']],
  ['cat a?b', ['raw']],
  ['cat ./a*', ['raw']],
  ['head -1 a*', ['raw']],
  ['ls a* | prop basename', ['a\ufffdb']],
  ['ls a* | apply cat', ['raw']],
  ["ls a* | apply 'cat --'", ['raw']],
  ['ls a* | apply ls | count', [1]],
  ['sechash a* | prop path', ['a\ufffdb']],
  ['df a* | count', [1]],
  ['sh cat *', ['raw', 'plain']],
])('%s', async (text, expected) => {
  expect(await valuesOf(text, contextWithRaw())).toEqual(expected);
});

test.each([
  ['rm a*', ['plain.txt'], ''],
  ['rm -u a*', ['plain.txt'], ''],
  ['ls a* | apply rm', ['plain.txt'], ''],
  ['mv a* b', ['b', 'plain.txt'], ''],
  ['cp a* b', [`a${BAD}b`, 'b', 'plain.txt'], ''],
  ['mv * d', [`a${BAD}b`, 'plain.txt'], 'd'],
  ['cp * d', [`a${BAD}b`, 'plain.txt'], 'd'],
])('%s, and undo', async (text, expected, folder) => {
  const context = contextWithRaw();
  const before = names(context);
  if (folder) mkdirSync(raw(context, folder));
  // With a folder the pattern would match it, too.
  const { pipeline, error } = await run(text.replace('* d', '[!d]* d'), context);
  expect(error).toBeUndefined();
  expect(names(context, folder)).toEqual(expected);
  if (!pipeline.plan.undoable) return;
  await pipeline.undo();
  expect(names(context).filter((name) => name !== folder)).toEqual(before);
  expect(readFileSync(raw(context, `a${BAD}b`), 'utf8')).toBe('raw\n');
});

test('write, and undo', async () => {
  const context = contextWithRaw();
  const { pipeline, error } = await run('write a*', context, ['new']);
  expect([error, readFileSync(raw(context, `a${BAD}b`), 'utf8')]).toEqual([undefined, 'new\n']);
  await pipeline.undo();
  expect(readFileSync(raw(context, `a${BAD}b`), 'utf8')).toBe('raw\n');
});

test('a directory: what is in it is listed, walked, searched and copied', async () => {
  const context = contextWith();
  mkdirSync(raw(context, `d${BAD}`));
  writeFileSync(raw(context, `d${BAD}/x`), 'needle\n');
  expect(await valuesOf('ls d* | prop basename', context)).toEqual(['x']);
  expect(await valuesOf('cat */x', context)).toEqual(['needle']);
  expect(await valuesOf('walk d* | prop basename', context)).toEqual(['x']);
  expect(await valuesOf('fsearch needle d* | prop line', context)).toEqual(['needle']);
  await valuesOf('mkdir d*', context);
  await valuesOf('cp d* e', context);
  expect(names(context, 'e')).toEqual(['x']);
  expect((await run('cp d* d*', context)).error?.message).toMatch(
    /^cp: d\ufffd: is a directory and would go into itself/,
  );
});

test.each([
  'sys cat *',
  'ls a* | apply sys cat',
  'cat plain.txt | sys cat - a*',
  'view a*',
  'edit a*',
  'open a*',
  'term less a*',
])('%s: what takes text alone says which name, and what to do', async (text) => {
  const context = contextWithRaw();
  const { error } = await run(text, context);
  expect(error?.message).toMatch(/^\w+: the name .*a\\xffb is not valid UTF-8 and can't be passed on: rename/);
  expect(existsSync(raw(context, `a${BAD}b`))).toBe(true);
});

test.each(['cd d*', 'path -a d*'])('%s is refused: programs could not use it', async (text) => {
  const context = contextWith();
  mkdirSync(raw(context, `d${BAD}`));
  const { cwd } = context;
  expect((await run(text, context)).error?.message).toMatch(/the name .*d\\xff is not valid UTF-8/);
  expect(context.cwd).toBe(cwd);
});

test.each(['cat a?x', 'rm a?x'])('%s: a name that is meant and not there is shown as it was written', async (text) => {
  expect((await run(text, contextWithRaw())).error?.message).toMatch(/a\?x: no such file/);
});
