// `hotwire get` and `hotwire put` as a person calls them, to slaves that a command starts.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { environment, run, start } from '../support/process';
import { HOTWIRE, hotwire, programsForAll } from '../support/slave';
import { temporaryFolder } from '../support/temp';
import { waitFor } from '../support/wait';

jest.setTimeout(60_000);

const MIB = 1024 * 1024;
const HERE = ['--embedded', '-t', 'exec:env A=1'];
const NOBODY = 65534;
const asRoot = process.getuid?.() === 0 ? test : test.skip; // becomes another user

function folders() {
  const folder = temporaryFolder();
  for (const name of ['source', 'target']) mkdirSync(path.join(folder, name));
  return { folder, source: path.join(folder, 'source'), target: path.join(folder, 'target') };
}

test('put and get: there and back', async () => {
  const { folder, source, target } = folders();
  writeFileSync(path.join(source, "it's *.txt"), 'hello');
  const put = await hotwire(['put', ...HERE, 'source', `${target}/new/`], { cwd: folder });
  expect(put).toMatchObject({ code: 0, stdout: '', stderr: '' });
  const get = await hotwire(['get', ...HERE, `${target}/new/s*/*.txt`, 'back'], { cwd: folder });
  expect(get).toMatchObject({ code: 0, stdout: '', stderr: '' });
  expect(readFileSync(path.join(folder, 'back'), 'utf8')).toBe('hello');
});

test('get from several: a directory for each; put to several', async () => {
  const { folder, source } = folders();
  writeFileSync(path.join(source, 'a'), 'a');
  const both = [...HERE, '-t', 'exec:env B=1'];
  expect(await hotwire(['get', ...both, `${source}/a`, 'got'], { cwd: folder })).toMatchObject({ code: 0, stderr: '' });
  expect(readdirSync(path.join(folder, 'got')).sort()).toEqual(['exec:env A=1', 'exec:env B=1']);
  expect(readFileSync(path.join(folder, 'got', 'exec:env A=1', 'a'), 'utf8')).toBe('a');
  const put = await hotwire(['put', ...both, 'source/a', `${folder}/target/`], { cwd: folder });
  expect(put).toMatchObject({ code: 0, stderr: '' });
  expect(readFileSync(path.join(folder, 'target/a'), 'utf8')).toBe('a');
});

test.each([
  ['a missing source', ['get', ...HERE, '/nope/x', '.'], 1, /^hotwire: exec:env A=1: x: no such file or directory$/m],
  [
    'a target that can not be',
    ['put', ...HERE, '/etc/hostname', '/nope/x/y'],
    1,
    /exec:env A=1: unpack: \/nope\/x\/y: there is no/,
  ],
  ['no domain', ['get', 'a', 'b'], 2, /name the hosts \(-H\) or another domain/],
  ['no target', ['get', ...HERE, 'a'], 2, /missing required argument 'TARGET'/],
  ['an empty path', ['get', ...HERE, 'a', ''], 2, /a path is empty/],
  ['a domain that is none', ['get', '--embedded', '-t', 'exec:/nope/x', 'a', 'b'], 2, /exec:/],
  [
    'one of several domains that fails',
    ['put', ...HERE, '-t', 'exec:false', '/etc/hostname', '/dev/null/x'],
    1,
    /exec:false: /,
  ],
])('%s', async (_, args, code, message) => {
  const done = await hotwire(args as string[]);
  expect(done.stderr).toMatch(message as RegExp);
  expect(done.code).toBe(code);
});

test('Ctrl-C keeps what has arrived and says so; the same command goes on', async () => {
  const { folder, source, target } = folders();
  const content = Buffer.alloc(100 * MIB, 'x');
  writeFileSync(path.join(source, 'big'), content);
  const args = ['put', ...HERE, 'source/big', `${target}/`];
  await hotwire(['--version']);
  const putting = start(HOTWIRE, args, { cwd: folder, env: environment() });
  const area = path.join(target, `.hotwire-partial-${process.geteuid?.()}`);
  const isUnderWay = () =>
    existsSync(area) && readdirSync(area).some((name) => statSync(path.join(area, name)).size > MIB);
  await waitFor(isUnderWay, 'a part of the file');
  process.kill(putting.pid, 'SIGINT');
  expect(await putting.exited).toMatchObject({ code: 130 });
  expect(putting.stderr).toMatch(/it was broken off: the same command goes on/);
  expect(readdirSync(target)).toEqual([path.basename(area)]);
  expect(readdirSync(area)).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
  expect(await hotwire(args, { cwd: folder })).toMatchObject({ code: 0 });
  expect(readFileSync(path.join(target, 'big')).equals(content)).toBe(true);
  expect(readdirSync(target)).toEqual(['big']);
});

// Called again, it used to put a second copy into what the first had made.
test('a far end that dies: told once, with what to do; the same command goes on in the same directory', async () => {
  const { folder, source, target } = folders();
  writeFileSync(path.join(source, 'a'), 'a');
  const content = Buffer.alloc(100 * MIB, 'x');
  writeFileSync(path.join(source, 'big'), content);
  const pidFile = path.join(folder, 'pid');
  writeFileSync(path.join(folder, 'far'), `echo $$ > ${pidFile}; exec "$@"`);
  const far = `exec:sh ${path.join(folder, 'far').replaceAll('/', '%2F')}`;
  const copied = path.join(target, 'copy');
  const args = ['put', '--embedded', '-t', far, 'source', copied];
  await hotwire(['--version']);
  const putting = start(HOTWIRE, args, { cwd: folder, env: environment() });
  const area = path.join(copied, `.hotwire-partial-${process.geteuid?.()}`);
  const isUnderWay = () =>
    existsSync(area) && readdirSync(area).some((name) => statSync(path.join(area, name)).size > MIB);
  await waitFor(isUnderWay, 'a part of the file');
  process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
  expect(await putting.exited).toMatchObject({ code: 3 });
  const [told = '', hint = ''] = putting.stderr.trim().split('\n').slice(-2);
  expect(told.split(far)).toHaveLength(2);
  expect(hint).toMatch(/it was broken off: the same command goes on/);
  expect(await hotwire(args, { cwd: folder })).toMatchObject({ code: 0 });
  expect(readdirSync(copied).sort()).toEqual(['a', 'big']);
  expect(readFileSync(path.join(copied, 'big')).equals(content)).toBe(true);
  // Once it is whole, it is a directory as any other.
  expect(await hotwire(args, { cwd: folder })).toMatchObject({ code: 0 });
  expect(readdirSync(copied).sort()).toEqual(['a', 'big', 'source']);
});

test('put expands a quoted ~, and refuses that of another user', async () => {
  const { folder, source } = folders();
  writeFileSync(path.join(source, 'a'), 'a');
  const home = path.join(folder, 'home');
  mkdirSync(path.join(home, '*'), { recursive: true });
  const there = ['--embedded', '-t', `exec:env HOME=${home.replaceAll('/', '%2F')}`];
  for (const into of ['~', '~/new', '~/*']) {
    expect(await hotwire(['put', ...there, 'source/a', into], { cwd: folder })).toMatchObject({ code: 0, stderr: '' });
  }
  expect(readdirSync(home).sort()).toEqual(['*', 'a', 'new']);
  expect(readdirSync(path.join(home, '*'))).toEqual(['a']);
  const other = await hotwire(['put', ...there, 'source/a', '~nobody/x'], { cwd: folder });
  expect(other.stderr).toMatch(/~nobody\/x: only ~ itself is expanded/);
  expect(other.code).toBe(2);
});

asRoot('what is left of a read-only file is begun anew', async () => {
  const bin = await programsForAll();
  const { folder, source, target } = folders();
  for (const part of [folder, source]) chmodSync(part, 0o755);
  writeFileSync(path.join(source, 'a'), 'all of it');
  chmodSync(path.join(source, 'a'), 0o444);
  const area = path.join(target, `.hotwire-partial-${NOBODY}`);
  mkdirSync(area, { mode: 0o700 });
  const left = path.join(area, createHash('sha256').update('a').digest('hex').slice(0, 32));
  writeFileSync(left, 'all', { mode: 0o444 });
  for (const file of [target, area, left]) chownSync(file, NOBODY, NOBODY);
  const nobody = `exec:setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups`;
  const env = environment({ PATH: `${bin}:${process.env.PATH}` });
  const args = ['put', '--embedded', '-t', nobody, `${source}/a`, `${target}/`];
  const put = await run(path.join(bin, 'hotwire'), args, { cwd: '/', env });
  expect(put).toMatchObject({ code: 0, stderr: '' });
  expect(readdirSync(target)).toEqual(['a']);
  expect(readFileSync(path.join(target, 'a'), 'utf8')).toBe('all of it');
});

asRoot('as another user: what it may not read is told, the others come; what it may not write is', async () => {
  const bin = await programsForAll();
  const { folder, source, target } = folders();
  for (const part of [folder, source, target]) chmodSync(part, 0o755);
  for (const name of ['a', 'b', 'c']) writeFileSync(path.join(source, name), name);
  chmodSync(path.join(source, 'b'), 0o600);
  mkdirSync(path.join(source, 'closed'), { mode: 0o700 });
  const nobody = `exec:setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups`;
  const env = environment({ PATH: `${bin}:${process.env.PATH}` });
  const there = ['--embedded', '-t', nobody];
  const command = path.join(bin, 'hotwire');
  const got = await run(command, ['get', ...there, source, target], { cwd: '/', env });
  expect(got.stderr.trim().split('\n').sort()).toEqual([
    `hotwire: ${nobody}: source/b: permission denied`,
    `hotwire: ${nobody}: source/closed: permission denied`,
  ]);
  expect(got.code).toBe(1);
  expect(readdirSync(path.join(target, 'source')).sort()).toEqual(['a', 'c', 'closed']);
  const refused = await run(command, ['put', ...there, `${source}/a`, `${target}/`], { cwd: '/', env });
  expect(refused.stderr).toMatch(/: a: permission denied$/m);
  expect(refused.code).toBe(1);
  const own = path.join(folder, 'own');
  mkdirSync(own);
  chownSync(own, NOBODY, NOBODY);
  expect(await run(command, ['put', ...there, source, `${own}/`], { cwd: '/', env })).toMatchObject({
    code: 0,
    stderr: '',
  });
  expect(statSync(path.join(own, 'source/b')).uid).toBe(NOBODY);
});
