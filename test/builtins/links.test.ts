import path from 'node:path';
import { METADATA } from '../../src/contract';
import { readLink } from '../../src/link';
import { recorded } from './recorded';
import { closeContexts, contextWith, run } from './support';

afterAll(closeContexts);

const inFolder = (cwd: string, ...names: string[]) => names.map((name) => path.join(cwd, name));

test.each(['open', 'edit', 'ed', 'view'])('%s asks for files by their absolute paths', async (command) => {
  const context = contextWith({ 'a b.txt': '', 'c.txt': '' });
  const { valuesOf, values, error } = await recorded(`${command} *.txt`, context);
  expect({ error, values }).toEqual({ error: undefined, values: [] });
  const action = command === 'ed' ? 'edit' : command;
  const [link] = valuesOf(METADATA.link);
  expect(link).toEqual({ action, paths: inFolder(context.cwd, 'a b.txt', 'c.txt'), cwd: context.cwd });
  expect(readLink(link)).toEqual(link);
});

test.each([
  ['term top -d 1', ['top', '-d', '1']],
  ['ssh -p 22 web1 ls *', ['ssh', '-p', '22', 'web1', 'ls', '*']],
  ['sudo -u postgres psql', ['sudo', '-u', 'postgres', 'psql']],
])('%s asks for a terminal', async (text, command) => {
  const context = contextWith();
  const [link] = (await recorded(text, context)).valuesOf(METADATA.link);
  expect(link).toEqual({ action: 'terminal', command, cwd: context.cwd });
  expect(readLink(link)).toEqual(link);
});

test.each([
  ['exit', { action: 'exit' }],
  ['selection', { action: 'selection' }],
  ['sel 3', { action: 'selection', index: 3 }],
])('%s', async (text, link) => {
  const { valuesOf } = await recorded(text);
  expect(valuesOf(METADATA.link)).toEqual([link]);
  expect(readLink(link)).toEqual(link);
});

test.each([
  ['open nothing.txt', 'Failed', /open: nothing.txt: no such file/],
  ['view nothing.txt', 'Failed', /view: nothing.txt: no such file/],
  ['open', 'Parse', /open needs FILE/],
  ['term -e top', 'InvalidArgs', /term: -e is no program/],
  ['selection x', 'InvalidArgs', /selection: x is no index/],
])('%s fails with %s', async (text, kind, message) => {
  const failure = await run(text).then(
    ({ error }) => error,
    (error) => error,
  );
  expect(failure).toMatchObject({ kind, message: expect.stringMatching(message) });
});

test('nothing is asked for when one file is missing', async () => {
  const { valuesOf, error } = await recorded('open a.txt nothing.txt', contextWith({ 'a.txt': '' }));
  expect(error?.kind).toBe('Failed');
  expect(valuesOf(METADATA.link)).toEqual([]);
});

const cwd = '/tmp';
test.each([
  [null],
  ['edit'],
  [[]],
  [{}],
  [{ action: 'format', paths: ['/a'], cwd }],
  [{ action: 'edit', paths: [], cwd }],
  [{ action: 'edit', paths: '/a', cwd }],
  [{ action: 'edit', paths: ['a'], cwd }],
  [{ action: 'edit', paths: ['/a', 1], cwd }],
  [{ action: 'edit', paths: ['/a\0'], cwd }],
  [{ action: 'edit', paths: ['/a'] }],
  [{ action: 'edit', paths: ['-a'], cwd }],
  [{ action: 'terminal', command: [], cwd }],
  [{ action: 'terminal', command: [''], cwd }],
  [{ action: 'terminal', command: ['vi', null], cwd }],
  [{ action: 'terminal', command: ['vi'], cwd: 'relative' }],
  [{ action: 'selection', index: -1 }],
  [{ action: 'selection', index: '1' }],
])('%j is no link', (value) => {
  expect(readLink(value)).toBeUndefined();
});

test('what is not of its shape is left out', () => {
  expect(readLink({ action: 'edit', paths: ['/a'], cwd, command: ['rm'] })).toEqual({
    action: 'edit',
    paths: ['/a'],
    cwd,
  });
});
