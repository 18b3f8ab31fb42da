// Makes a clone ready to run: the right Node, the dependencies that package-lock.json names, and an up-to-date dist/.
// `npm start` and `npm test` call it each time, so it is quick when there is nothing to do. It prints to stderr alone:
// stdout belongs to whoever called. Only built-in modules, as it runs before there are others.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const LEAST_NODE_MAJOR = 20;
const root = fileURLToPath(new URL('..', import.meta.url));
const inRoot = (...parts) => path.join(root, ...parts);
/** Everything that the bundles are made from. */
const SOURCES = ['src', 'dbus', 'bin', 'package.json', 'scripts/build.mjs', 'scripts/late.mjs', 'scripts/warm.cjs'];
/** Made when a build begins, so that whatever is saved during it counts as newer. */
const STAMP = '.built';

const options = process.argv.slice(2);
const force = options.includes('--force');

try {
  checkNode();
  if (force || !isInstalled() || !isBuilt()) locked(prepare);
} catch (error) {
  process.stderr.write(`prepare: ${error.message}\n`);
  process.exitCode = 1;
}

function prepare() {
  if (!isInstalled()) install();
  if (force || !isBuilt()) build();
}

function checkNode() {
  if (Number.parseInt(process.versions.node, 10) >= LEAST_NODE_MAJOR) return;
  throw new Error(
    `Node ${process.versions.node} is too old: Hotwire needs ${LEAST_NODE_MAJOR} or newer (https://nodejs.org/en/download)`,
  );
}

/**
 * Runs `work` while no other prepare of this clone does. The lock is held on the folder itself by flock(1), whose
 * process starts this program again: the kernel drops it however that ends, so there is no stale lock to find.
 */
function locked(work) {
  if (options.includes('--locked')) return work();
  const again = [process.execPath, fileURLToPath(import.meta.url), '--locked', ...options];
  const { error, status } = spawnSync('flock', ['--close', root, ...again], { stdio: ['ignore', 2, 2] });
  // Only a system without util-linux has no flock; there, two at once may both do the work.
  if (error?.code === 'ENOENT') return work();
  if (error) throw error;
  process.exitCode = status ?? 1;
}

/** Whether node_modules holds what the lock file names, by the record that npm itself keeps there. */
function isInstalled() {
  const record = inRoot('node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = packagesOf(record);
  return Object.entries(packagesOf(inRoot('package-lock.json'))).every(([folder, wanted]) => {
    const found = installed[folder];
    // The programs of other platforms are optional packages and stay out.
    if (!found) return folder === '' || wanted.optional === true;
    return found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

function install() {
  process.stderr.write('prepare: installing dependencies (npm ci)\n');
  // The bundler is a development dependency, so these are wanted even where NODE_ENV says production.
  run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], 'the dependencies');
}

function isBuilt() {
  const built = statSync(inRoot('dist', STAMP), { throwIfNoEntry: false });
  return built !== undefined && SOURCES.every((source) => newest(inRoot(source)) < built.mtimeMs);
}

/** When `file`, or anything in it, last changed; a folder's own time tells of files that went. */
function newest(file) {
  const found = statSync(file);
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(found.mtimeMs, ...readdirSync(file).map((name) => newest(path.join(file, name))));
}

/** Builds in a folder within dist/, then moves file by file: a program that starts meanwhile finds the old or the new. */
function build() {
  process.stderr.write('prepare: building dist/\n');
  mkdirSync(inRoot('dist'), { recursive: true });
  const fresh = mkdtempSync(inRoot('dist', '.build-'));
  try {
    writeFileSync(path.join(fresh, STAMP), '');
    run(process.execPath, [inRoot('scripts', 'build.mjs'), fresh], 'dist/ (it stays as it was)');
    const files = readdirSync(fresh).sort((a, b) => Number(a === STAMP) - Number(b === STAMP));
    for (const name of files) renameSync(path.join(fresh, name), inRoot('dist', name));
    const old = readdirSync(inRoot('dist')).filter((name) => !files.includes(name));
    for (const name of old) rmSync(inRoot('dist', name), { recursive: true });
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function run(file, args, making) {
  const { error, status, signal } = spawnSync(file, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (!error && status === 0) return;
  throw new Error(`can't make ${making}: ${error?.message ?? `${path.basename(file)} ended with ${signal ?? status}`}`);
}
