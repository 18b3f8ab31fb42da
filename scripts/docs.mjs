// `npm run docs`: bundles scripts/docs, which is TypeScript like the records that it reads, and lets it write the pages of
// docs/ that are made from code. A test compares them with the code.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const outfile = path.join(root, 'dist', 'docs', 'main.js');
await build({
  absWorkingDir: root,
  entryPoints: ['scripts/docs/main.ts'],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  loader: { '.xml': 'text' },
  external: ['libsql'],
  logLevel: 'warning',
});
const { default: docs } = await import(outfile);
await docs.main(root);
