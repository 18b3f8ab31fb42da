// The commands of docs/detached.md do what they say.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { run } from '../support/process';
import { ResidentHome } from '../support/resident';
import { built, ROOT } from '../support/slave';
import { PATIENCE_MS } from '../support/wait';

const NUMBERS = 100_000;
const MANY_COMMANDS_MS = 2 * PATIENCE_MS;

test(
  'the commands of the beginning, one after the other',
  async () => {
    await built();
    const home = new ResidentHome();
    const PATH = `${path.join(ROOT, 'bin')}:${process.env.PATH}`;
    const page = readFileSync(path.join(ROOT, 'docs', 'detached.md'), 'utf8');
    const [block = ''] = /(^ {4}.*\n)+/m.exec(page) ?? [];
    const { code, stdout, stderr } = await run('sh', ['-ec', block], {
      env: { ...home.environment, PATH },
      cwd: home.folder,
      patience: MANY_COMMANDS_MS,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^1\n2\n/);
    const numbers = readFileSync(path.join(home.folder, 'numbers'), 'utf8').trimEnd().split('\n');
    expect([numbers.length, numbers.at(-1)]).toEqual([NUMBERS, String(NUMBERS)]);
    expect(existsSync(path.join(home.folder, 'home', 'made'))).toBe(false);
  },
  MANY_COMMANDS_MS,
);
