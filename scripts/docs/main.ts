import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pages } from './pages';

/** Writes every generated page. @param root the folder of the repository */
export async function main(root: string): Promise<void> {
  for (const [name, text] of await pages(root)) writeFileSync(path.join(root, 'docs', name), text);
}
