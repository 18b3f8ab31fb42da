// `npm run bench -- [name …]`: bundles the benchmarks, which are TypeScript like the helpers that they share with the
// tests, and runs them.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

// Where it is set, node reads hundreds of certificates at every start, which no program here needs: `node -e 0` would take
// three times as long, and every ratio to it would flatter.
delete process.env.NODE_EXTRA_CA_CERTS;

const root = fileURLToPath(new URL('..', import.meta.url));
// Two folders below the root, as test/support/ is: helpers find the repository from where they are.
const outfile = path.join(root, 'dist', 'bench', 'main.js');
await build({
  absWorkingDir: root,
  entryPoints: ['bench/main.ts'],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  logLevel: 'warning',
});
const { default: bench } = await import(outfile);
process.exitCode = await bench.main(process.argv.slice(2));
