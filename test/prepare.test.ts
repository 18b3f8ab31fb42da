// scripts/prepare.mjs in a small clone: real bundler, sources of one line.
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { environment, run } from './support/process';
import { ROOT } from './support/slave';
import { temporaryFolder } from './support/temp';

const ENTRIES = { 'src/cli/main.ts': 'hotwire', 'src/slave/main.ts': 'hotwire-slave', 'src/client/index.ts': 'client' };
const BUILT = [
  '.built',
  'client.js',
  'hotwire-slave.js',
  'hotwire-slave.js.bundle',
  'hotwire-slave.js.code',
  'hotwire.js',
  'hotwire.js.code',
];

function clone() {
  const root = temporaryFolder();
  for (const name of ['package.json', 'scripts', 'bin']) {
    cpSync(path.join(ROOT, name), path.join(root, name), { recursive: true });
  }
  // What is installed, as npm records it, is exactly what this clone asks for: nothing is installed here.
  const installed = path.join('node_modules', '.package-lock.json');
  mkdirSync(path.join(root, 'node_modules'));
  for (const name of [installed, 'package-lock.json']) copyFileSync(path.join(ROOT, installed), path.join(root, name));
  for (const name of ['esbuild', '@esbuild']) {
    symlinkSync(path.join(ROOT, 'node_modules', name), path.join(root, 'node_modules', name));
  }
  mkdirSync(path.join(root, 'dbus'));
  const write = (file: string, text: string) => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  };
  for (const [file, program] of Object.entries(ENTRIES)) write(file, `export const program = '${program} 1';\n`);
  const script = path.join(root, 'scripts', 'prepare.mjs');
  return {
    write,
    prepare: (...args: string[]) => run(process.execPath, [script, ...args]),
    prepareOffline: () => run(process.execPath, [script], { env: environment({ npm_config_offline: 'true' }) }),
    built: () => readdirSync(path.join(root, 'dist')).sort(),
    output: (name: string) => readFileSync(path.join(root, 'dist', name), 'utf8'),
    dist: (name: string) => path.join(root, 'dist', name),
    builtAt: () => statSync(path.join(root, 'dist', '.built')).mtimeMs,
  };
}

const quiet = { code: 0, stdout: '', stderr: '' };

test('builds what is missing, and then has nothing to do', async () => {
  const { prepare, built, builtAt } = clone();
  expect(await prepare()).toEqual({ ...quiet, signal: null, stderr: 'prepare: building dist/\n' });
  expect(built()).toEqual(BUILT);
  const before = builtAt();
  expect(await prepare()).toMatchObject(quiet);
  expect(builtAt()).toBe(before);
  await prepare('--force');
  expect(builtAt()).toBeGreaterThan(before);
});

test('builds anew when a source changed or went, and clears away what no build makes', async () => {
  const { prepare, write, built, output } = clone();
  await prepare();
  write('dist/old.js', '');
  write('src/cli/main.ts', `export const program = 'hotwire 2';\n`);
  expect(await prepare()).toMatchObject({ code: 0, stderr: 'prepare: building dist/\n' });
  expect(output('hotwire.js')).toContain('hotwire 2');
  expect(built()).toEqual(BUILT);
  write('dbus/new.xml', '<node/>');
  expect(await prepare()).toMatchObject({ code: 0, stderr: 'prepare: building dist/\n' });
});

test('a build that fails says what, and leaves the old one', async () => {
  const { prepare, write, built, output } = clone();
  await prepare();
  write('src/slave/main.ts', `import './missing';\n`);
  const failed = await prepare();
  expect(failed).toMatchObject({ code: 1, stdout: '' });
  expect(failed.stderr).toContain('Could not resolve "./missing"');
  expect(failed.stderr).toMatch(/prepare: can't make dist\/ \(it stays as it was\): node ended with 1\n$/);
  expect(built()).toEqual(BUILT);
  expect(output('hotwire-slave.js')).toContain('hotwire-slave 1');
  expect((await prepare()).code).toBe(1);
});

test('dependencies that differ from the lock file are installed, or it says why not', async () => {
  const { prepareOffline, write } = clone();
  const dependencies = { 'no-such-package-zz': '1.0.0' };
  const packages = { '': { dependencies }, 'node_modules/no-such-package-zz': { version: '1.0.0' } };
  write('package.json', JSON.stringify({ dependencies }));
  write('package-lock.json', JSON.stringify({ lockfileVersion: 3, packages }));
  const failed = await prepareOffline();
  expect(failed).toMatchObject({ code: 1, stdout: '' });
  expect(failed.stderr).toMatch(/^prepare: installing dependencies \(npm ci\)\n/);
  expect(failed.stderr).toMatch(/prepare: can't make the dependencies: npm ended with 1\n$/);
});

test('two at once: one builds, the other waits and finds it done', async () => {
  const { prepare, built } = clone();
  const both = await Promise.all([prepare(), prepare()]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(both.map(({ stderr }) => stderr).sort()).toEqual(['', 'prepare: building dist/\n']);
  expect(built()).toEqual(BUILT);
});

/** Whether the code that was compiled in an earlier run is used; undefined where there is none for it. */
async function usesCode(program: string, node = process.execPath): Promise<boolean | undefined> {
  const script = 'const { launch } = require(process.argv[1]); console.log(launch(process.argv[2]).cachedDataRejected)';
  const { code, stdout, stderr } = await run(node, ['-e', script, path.join(ROOT, 'bin', 'launch.js'), program]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return { 'false\n': true, 'true\n': false }[stdout];
}

test('a program starts with what was compiled of it, unless that is of another text or another node', async () => {
  const { prepare, write, dist, output } = clone();
  await prepare();
  const program = dist('hotwire.js');
  expect(await usesCode(program)).toBe(true);
  const code = readFileSync(`${program}.code`);
  const source = output('hotwire.js');

  write('src/cli/main.ts', `export const program = 'hotwire 2';\n`); // as long as before
  await prepare();
  expect(output('hotwire.js')).toHaveLength(source.length);
  expect(await usesCode(program)).toBe(true);
  writeFileSync(`${program}.code`, code);
  expect(await usesCode(program)).toBeUndefined();

  writeFileSync(program, source);
  expect(await usesCode(program)).toBe(true);
  const otherNode = path.join(path.dirname(program), 'node');
  copyFileSync(process.execPath, otherNode);
  expect(await usesCode(program, otherNode)).toBeUndefined();
  rmSync(`${program}.code`);
  expect(await usesCode(program)).toBeUndefined();
});
