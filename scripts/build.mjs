// Bundles each program into one file: a bundle starts several times faster than its hundred sources, and the slave's
// can be sent to another host as it is. `node scripts/build.mjs [FOLDER]`, into dist/ unless told otherwise.

import { isAscii } from 'node:buffer';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { build } from 'esbuild';
import { late } from './late.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = path.resolve(root, process.argv[2] ?? 'dist');
/** Of 11: the best would take ten times as long, for a tenth of the size. */
const BROTLI_QUALITY = 9;
/** In characters: a stack trace, or an error that shows the line, stays readable. */
const LONGEST_LINE = 200;
/** A program that runs longer hangs, in milliseconds. */
const WARM_BOUND_MS = 30_000;

await build({
  absWorkingDir: root,
  entryPoints: {
    hotwire: 'src/cli/main.ts',
    'hotwire-slave': 'src/slave/main.ts',
    client: 'src/client/index.ts',
  },
  outdir: folder,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  loader: { '.xml': 'text' },
  // native, and loaded only where history or aliases are used: a bundle alone works without it
  external: ['libsql'],
  // a script that bin/launch.js compiles has require alone
  supported: { 'dynamic-import': false },
  plugins: [late],
  // names stay: they are in messages and stack traces
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: LONGEST_LINE,
  legalComments: 'none',
  logLevel: 'warning',
  write: false,
})
  .then(({ outputFiles }) => {
    mkdirSync(folder, { recursive: true });
    for (const { path: file, contents } of outputFiles) writeNamed(file, contents);
    bundle('hotwire-slave.js');
    warm();
  })
  .catch((error) => {
    if (!error.errors) throw error;
    process.exitCode = 1; // esbuild has already printed what is wrong with the sources
  });

/** The first line tells one text from another (bin/launch.js, which reads a byte as a character). */
function writeNamed(file, contents) {
  if (!isAscii(contents)) throw new Error(`${file} has characters beyond ASCII, which esbuild should have escaped`);
  writeFileSync(file, Buffer.concat([Buffer.from(`// ${sha256(contents)}\n`), contents]));
}

/** What is sent to hosts that have only node (src/domains/bundle.ts): the hash of the program, the program compressed. */
function bundle(name) {
  const program = readFileSync(path.join(folder, name));
  const compressed = brotliCompressSync(program, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } });
  writeFileSync(path.join(folder, `${name}.bundle`), Buffer.concat([Buffer.from(sha256(program)), compressed]));
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * Runs the programs once, so that what they use is compiled when they are started: `hotwire run` on what it takes for a
 * bus, a slave on its stdio. The slave alone comes first, as a `hotwire` that fails would start none.
 */
function warm() {
  const slave = [path.join(root, 'scripts', 'warm.cjs'), path.join(folder, 'hotwire-slave.js'), '--stdio'];
  const command = [path.join(root, 'scripts', 'warm.cjs'), path.join(folder, 'hotwire.js'), 'run', 'proc'];
  const words = slave.map((word, index) => `argv${index + 1}=${escaped(word)}`);
  const bus = `unixexec:path=${escaped(process.execPath)},${words.join(',')}`;
  for (const words of [slave, command]) {
    const env = { PATH: process.env.PATH, HOME: folder, HOTWIRE_LOG: 'silent', DBUS_SESSION_BUS_ADDRESS: bus };
    // Until nobody holds its stderr any more: the slave ends after the command.
    const { error, stderr } = spawnSync(process.execPath, words, {
      env,
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: WARM_BOUND_MS,
    });
    if (error) throw error;
    const program = words[1];
    if (!existsSync(`${program}.code`)) throw new Error(`${path.basename(program)} does not start:\n${stderr}`);
  }
}

/** As a value in a D-Bus address. */
function escaped(text) {
  return [...Buffer.from(text)]
    .map((byte) => (/[-\w/.*]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${byte.toString(16)}`))
    .join('');
}
