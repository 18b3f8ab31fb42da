import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { absolutePath } from './raw-path';

/** Where an administrator's programs are, for users whose PATH lacks them (as the original Hotwire has it). */
const SYSTEM_DIRECTORIES = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Where programs are looked for without a PATH, as execvp and shells do. */
const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/** The file that `word` runs: a path as it is, a name looked up on `searchPath`; undefined when there is none. */
export function findProgram(word: string, cwd: string, searchPath: string): string | undefined {
  if (word === '') return undefined;
  if (word.includes('/')) {
    const file = absolutePath(cwd, word);
    return isExecutable(file) ? file : undefined;
  }
  for (const directory of directoriesOf(searchPath)) {
    const file = absolutePath(cwd, `${directory}/${word}`);
    if (isExecutable(file)) return file;
  }
  return undefined;
}

/** Names of all programs on `searchPath`; directories that can't be read have none. */
export function* programNames(searchPath: string): Generator<string> {
  for (const directory of directoriesOf(searchPath)) {
    try {
      yield* readdirSync(directory);
    } catch {
      // PATH may well name directories that do not exist.
    }
  }
}

/** What child processes get: `environment`, and what tells them that no terminal is there to page or draw on. */
export function childEnvironment(environment: Readonly<Record<string, string>>): Record<string, string> {
  const directories = directoriesOf(environment.PATH ?? '');
  const missing = SYSTEM_DIRECTORIES.filter((directory) => !directories.includes(directory));
  return {
    ...environment,
    PATH: [...directories, ...missing].join(':'),
    HOTWIRE_SHELL: '1',
    TERM: 'dumb',
    PAGER: 'cat',
    GIT_PAGER: 'cat',
  };
}

/** The directories of a PATH, in order. */
export function directoriesOf(searchPath: string): string[] {
  return (searchPath || DEFAULT_PATH).split(':').filter((directory) => directory !== '');
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
