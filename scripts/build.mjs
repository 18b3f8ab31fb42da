// Bundles each program into one file: a bundle starts several times faster than its hundred sources, and the slave's
// can be sent to another host as it is. `node scripts/build.mjs [FOLDER]`, into dist/ unless told otherwise.

import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

await build({
  absWorkingDir: root,
  entryPoints: {
    hotwire: 'src/cli/main.ts',
    'hotwire-slave': 'src/slave/main.ts',
    client: 'src/client/index.ts',
  },
  outdir: process.argv[2] ?? 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  loader: { '.xml': 'text' },
  // native, and loaded only where history or aliases are used: a bundle alone works without it
  external: ['libsql'],
  legalComments: 'none',
  logLevel: 'warning',
}).catch((error) => {
  if (!error.errors) throw error;
  process.exitCode = 1; // esbuild has already printed what is wrong with the sources
});
