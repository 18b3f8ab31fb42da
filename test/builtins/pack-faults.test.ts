// What a copy must not lose, follow or leave behind: unpack, and what is left of one that was killed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import path from 'node:path';
import type { Writable } from 'node:stream';
import { isOwned, ownName } from '../../src/builtins/lib/partial-names';
import { onCleanup } from '../support/cleanup';
import { waitFor } from '../support/wait';
import { closeContexts, contextWith, failureOf, run, valuesOf } from './support';

afterAll(closeContexts);

const AREA = `.hotwire-partial-${process.geteuid?.()}`;
const keyOf = (name: string) => createHash('sha256').update(name).digest('hex').slice(0, 32);

/** A target with what another has left of file `data`. */
function withLeft(leave: (file: string) => void) {
  const context = contextWith({ 'src/data': 'header\nnew\n', 'dst/other': '', precious: 'header\n' });
  const area = path.join(context.cwd, 'dst', AREA);
  mkdirSync(area, { mode: 0o700 });
  leave(path.join(area, keyOf('data')));
  return context;
}

describe('what is left of a file', () => {
  test.each([
    ['a link', (file: string) => symlinkSync('../../precious', file)],
    ['a link that nobody makes any more', (file: string) => symlinkSync('../../precious', `${file}.x.1.gone.1`)],
  ] as [string, (file: string) => void][])('%s is neither offered nor written through', async (_, leave) => {
    const context = withLeft(leave);
    const [offer] = (await valuesOf('pack --list src/data | unpack --check dst/', context)) as { offset: number }[];
    expect(offer).toMatchObject({ state: 'wanted', offset: 0, digest: null });
    const entry = { number: 0, kind: 'file', root: '/', path: 'data', mode: 0o644, size: 11, mtime: 1, offset: 7 };
    const rest = { ...entry, data: Buffer.from('new\n').toString('base64'), digest: '' };
    expect((await run('unpack dst/', context, [rest])).error?.message).toContain('what was there of it is gone');
    expect(await valuesOf('pack src/data | unpack dst/ | prop state', context)).toEqual(['placed']);
    expect(readFileSync(path.join(context.cwd, 'precious'), 'utf8')).toBe('header\n');
    expect(lstatSync(path.join(context.cwd, 'dst/data')).isFile()).toBe(true);
  });

  test('a process that has ended and was not asked for yet owns nothing', async () => {
    // The shell can't ask for it: it becomes another program before its child may end.
    const parent = spawn('sh', ['-c', 'cat <&3 & echo $!; exec sleep 1000 3<&-'], {
      stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
    });
    onCleanup(() => void parent.kill('SIGKILL'));
    let pid = '';
    parent.stdout?.on('data', (data) => {
      pid += data;
    });
    const isOther = () => readFileSync(`/proc/${parent.pid}/comm`, 'utf8') === 'sleep\n';
    await waitFor(() => pid.includes('\n') && isOther(), 'the other program');
    (parent.stdio[3] as Writable).end();
    const fields = () => readFileSync(`/proc/${pid.trim()}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    await waitFor(() => fields()[0] === 'Z', 'a process that has ended');
    const own = ownName('key').split('.');
    expect(isOwned(own.join('.'))).toBe(true);
    expect(isOwned(['key', own[1], pid.trim(), fields()[19], '1'].join('.'))).toBe(false);
  });

  test('a link in the place of their directory is named', async () => {
    const context = contextWith({ 'src/a': 'a', 'elsewhere/x': '' });
    mkdirSync(path.join(context.cwd, 'dst'));
    symlinkSync('../elsewhere', path.join(context.cwd, 'dst', AREA));
    const { error } = await run('pack src/a | unpack dst/', context);
    expect(error?.message).toContain(`a: ${AREA} beside it is no directory: remove that first`);
    expect(readdirSync(path.join(context.cwd, 'elsewhere'))).toEqual(['x']);
  });
});

test('a copy of a directory that was broken off goes on in it; another one goes into it', async () => {
  const context = contextWith({ 'src/a': 'a', 'src/b': 'b', 'other/c': 'c' });
  const pieces = (await valuesOf('pack src', context)) as { path?: string }[];
  // Its end never comes: the input fails before.
  const { error } = await run('unpack copy', context, [...pieces.slice(0, 2), null]);
  expect(error).toMatchObject({ kind: 'InvalidArgs' });
  expect(readdirSync(path.join(context.cwd, 'copy')).sort()).toEqual([AREA, 'a']);
  const states = await valuesOf('pack --list src | unpack --check copy | prop state', context);
  expect(states).toEqual(['wanted', 'same', 'wanted']);
  expect((await run('pack other | unpack copy', context)).state).toBe('complete');
  expect((await run('pack src | unpack copy', context)).state).toBe('complete');
  expect(readdirSync(path.join(context.cwd, 'copy')).sort()).toEqual(['a', 'b', 'other']);
  expect((await run('pack src | unpack copy', context)).state).toBe('complete');
  expect(readdirSync(path.join(context.cwd, 'copy')).sort()).toEqual(['a', 'b', 'other', 'src']);
});

test('a sticky directory stays one, in which others remove only what is theirs', async () => {
  const context = contextWith({ 'src/shared/a': 'a' });
  chmodSync(path.join(context.cwd, 'src/shared'), 0o1777);
  expect((await run('pack src | unpack dst/', context)).state).toBe('complete');
  expect(statSync(path.join(context.cwd, 'dst/src/shared')).mode & 0o7777).toBe(0o1777);
});

test('times before 1970 are kept, and found to be the same', async () => {
  const context = contextWith({ 'src/a': 'a' });
  symlinkSync('x', path.join(context.cwd, 'src/link'));
  for (const name of ['a', '']) utimesSync(path.join(context.cwd, 'src', name), 1, '-86400.25');
  expect((await run('pack src | unpack dst/', context)).state).toBe('complete');
  for (const name of ['a', '']) expect(statSync(path.join(context.cwd, 'dst/src', name)).mtimeMs).toBe(-86_400_250);
  const states = await valuesOf('pack --list src/a | unpack --check dst/src/ | prop state', context);
  expect(states).toEqual(['same']);
});

test('--check writes nothing, also where all is still to be made', async () => {
  const context = contextWith({ 'src/a': 'a' });
  for (const target of ['new/', 'new/deep/', '--into other']) {
    const states = await valuesOf(`pack --list src | unpack --check ${target} | prop state`, context);
    expect([target, states]).toEqual([target, ['wanted', 'wanted']]);
  }
  expect(readdirSync(context.cwd)).toEqual(['src']);
  expect((await failureOf('pack --list src | unpack --check src/a/b/', context))?.message).toMatch(
    /^unpack: src\/a\/b\//,
  );
});

describe('a directory', () => {
  test.each(['self/zz', 'self/new', 'self/zz/new/', 'self', 'link'])(
    'is not copied into itself: %s',
    async (target) => {
      const context = contextWith({ 'self/a': 'a', 'self/zz/b': 'b' });
      symlinkSync('self/zz', path.join(context.cwd, 'link'));
      for (const text of [`pack self | unpack ${target}`, `pack --list self | unpack --check ${target}`]) {
        const message = (await failureOf(text, context))?.message;
        expect([text, message]).toEqual([text, 'unpack: self: is a directory and would go into itself']);
      }
      expect(readdirSync(path.join(context.cwd, 'self')).sort()).toEqual(['a', 'zz']);
      expect(readdirSync(path.join(context.cwd, 'self/zz'))).toEqual(['b']);
    },
  );

  test('of the same path on another host, or of a like name, is copied', async () => {
    const context = contextWith({ 'self/a': 'a', 'selfish/x': '' });
    expect((await run('pack self | unpack selfish', context)).state).toBe('complete');
    const pieces = await valuesOf('pack self', context);
    renameSync(path.join(context.cwd, 'self'), path.join(context.cwd, 'moved'));
    mkdirSync(path.join(context.cwd, 'self'));
    expect((await run('unpack self', context, pieces)).state).toBe('complete');
    expect(readdirSync(path.join(context.cwd, 'self/self'))).toEqual(['a']);
  });
});
