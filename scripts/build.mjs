// Bundles each program into one file: a bundle starts several times faster than its hundred sources, and the slave's
// can be sent to another host as it is. `node scripts/build.mjs [FOLDER]`, into dist/ unless told otherwise.

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = path.resolve(root, process.argv[2] ?? 'dist');
/** Of 11: the best would take ten times as long, for a tenth of the size. */
const BROTLI_QUALITY = 9;

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
  legalComments: 'none',
  logLevel: 'warning',
})
  .then(() => compress('hotwire-slave.js'))
  .catch((error) => {
    if (!error.errors) throw error;
    process.exitCode = 1; // esbuild has already printed what is wrong with the sources
  });

/** What is sent to hosts that have only node (src/domains/bundle.ts). */
function compress(name) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY };
  writeFileSync(path.join(folder, `${name}.br`), brotliCompressSync(readFileSync(path.join(folder, name)), { params }));
}
