// A store in a folder of its own, in this process and in others.
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { openStore, type Store } from '../../src/store';
import { environment, run, start } from '../support/process';
import { ROOT } from '../support/slave';
import { temporaryFolder } from '../support/temp';

export function freshEnvironment(): { XDG_DATA_HOME: string } {
  return { XDG_DATA_HOME: path.join(temporaryFolder(), 'data') };
}

export async function freshStore(): Promise<Store> {
  return openStore({ environment: freshEnvironment() });
}

/** The store's own code as one file that a process of its own can load, with or without the package beside it. */
export async function bundledStore({ alone = false } = {}): Promise<string> {
  const file = path.join(temporaryFolder(), 'store.js');
  const options = ['--bundle', '--platform=node', '--format=cjs', '--external:libsql', `--outfile=${file}`];
  const esbuild = path.join(ROOT, 'node_modules', '.bin', 'esbuild');
  const { code, stderr } = await run(esbuild, ['src/store/index.ts', '--log-level=warning', ...options], { cwd: ROOT });
  if (code !== 0) throw new Error(`can't bundle the store:\n${stderr}`);
  if (!alone) symlinkSync(path.join(ROOT, 'node_modules'), path.join(path.dirname(file), 'node_modules'));
  return file;
}

/** A process that runs `script` with the store's exports as `store`, and its user's data in `data`. */
export function startWith(bundle: string, data: string, script: string) {
  const program = `const store = require(${JSON.stringify(bundle)}); (async () => {${script}})();`;
  return start(process.execPath, ['-e', program], { env: environment({ XDG_DATA_HOME: data }) });
}
