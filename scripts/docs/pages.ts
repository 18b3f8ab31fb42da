import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { builtinsPage } from './builtins';
import { classesPage } from './classes';
import { dbusPage } from './dbus';
import { examplesPage } from './examples';

/** Most that the formatter may print, in bytes: far more than a page. */
const MAX_PAGE_BYTES = 16 * 1024 * 1024;

/** The pages of docs/ that are made from code: name of the file → text. @param root the folder of the repository */
export async function pages(root: string): Promise<ReadonlyMap<string, string>> {
  const texts = {
    'builtins.md': await builtinsPage(),
    'classes.md': classesPage(),
    'dbus.md': await dbusPage(),
    'examples.md': examplesPage(root),
  };
  return new Map(Object.entries(texts).map(([name, text]) => [name, formatted(root, name, text)]));
}

/** As the lint wants it: a table with columns of one width. */
function formatted(root: string, name: string, text: string): string {
  const biome = path.join(root, 'node_modules', '.bin', 'biome');
  const args = ['format', `--stdin-file-path=docs/${name}`];
  return execFileSync(biome, args, { cwd: root, input: text, encoding: 'utf8', maxBuffer: MAX_PAGE_BYTES });
}
