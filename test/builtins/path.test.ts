import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Context } from '../../src/engine';
import { closeContexts, contextWith, run, valuesOf } from './support';

afterAll(closeContexts);

function contextWithPath(PATH: string): Context {
  const context = contextWith({ 'bin/tool': '' });
  context.setEnvironment({ PATH });
  return context;
}

test.each([
  ['path', ['/a', '/b']],
  ['path -a /usr', ['/usr', '/a', '/b']],
  ['path --prefix /usr/', ['/usr', '/a', '/b']],
  ['path -s /usr', ['/a', '/b', '/usr']],
  ['path -d /a', ['/b']],
  ['path -d /a/', ['/b']],
])('%s', async (text, entries) => {
  const context = contextWithPath('/a:/b');
  expect(await valuesOf(text, context)).toEqual(entries);
  expect(context.environment.PATH).toBe(entries.join(':'));
});

test('a directory is added by its absolute path, and one that is there is moved', async () => {
  const context = contextWithPath('/a');
  const bin = path.join(context.cwd, 'bin');
  expect(await valuesOf('path -s bin', context)).toEqual(['/a', bin]);
  expect(await valuesOf('path -a bin', context)).toEqual([bin, '/a']);
});

test('undo brings back what was there', async () => {
  const context = contextWithPath('/a:/b');
  const { pipeline } = await run('path -d /b', context);
  expect(context.environment.PATH).toBe('/a');
  await pipeline.undo();
  expect(context.environment.PATH).toBe('/a:/b');
});

test.each([
  ['path /usr', 'InvalidArgs', /say what to do with \/usr/],
  ['path -a', 'InvalidArgs', /--prefix needs a directory/],
  ['path -a -d /usr', 'InvalidArgs', /one of --prefix and --del/],
  ['path -d /c', 'InvalidArgs', /\/c is not in PATH; there are \/a/],
  ['path -d /a', 'InvalidArgs', /the last one/],
  ['path -a nothing', 'Failed', /nothing: no such file/],
  ['path -a bin/tool', 'InvalidArgs', /not a directory/],
  ['path -a x:y', 'InvalidArgs', /colon/],
])('%s is refused, and changes nothing', async (text, kind, message) => {
  const context = contextWithPath('/a');
  mkdirSync(path.join(context.cwd, 'x:y'));
  expect((await run(text, context)).error).toMatchObject({ kind, message: expect.stringMatching(message) });
  expect(context.environment.PATH).toBe('/a');
});
