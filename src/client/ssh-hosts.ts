/** The hosts that a person's configuration of ssh names: each `Host` without a wildcard, also of files that it includes. */
import { readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { HotwireError } from '../errors';
import { MAX_SSH_INCLUDES } from '../limits';
import { readHostsFile } from './host-files';

/** A pattern, and what would be taken for something else than a name: an option, two words. */
const UNFIT = /[*?!,&^[\]\s\p{Cc}\p{Bidi_Control}]|^[-@]/u;

/** The file of `ssh -F` in HOTWIRE_SSH, else ~/.ssh/config. */
export function sshConfigFile({ HOTWIRE_SSH = '', HOME }: NodeJS.ProcessEnv): string {
  const named = /(?:^|\s)-F\s*(\S+)/.exec(HOTWIRE_SSH)?.[1];
  return named ?? path.join(HOME || homedir(), '.ssh', 'config');
}

/** Their names, each once, in the order of the file. @throws when a file can't be read */
export function sshHosts(environment: NodeJS.ProcessEnv): string[] {
  const home = environment.HOME || homedir();
  return [...new Set(hostsIn(sshConfigFile(environment), home, MAX_SSH_INCLUDES))];
}

function* hostsIn(file: string, home: string, depth: number): Generator<string> {
  if (depth === 0) {
    throw new HotwireError(
      'Failed',
      `${file}: files of ssh's configuration include one another ${MAX_SSH_INCLUDES} deep`,
    );
  }
  for (const line of readHostsFile(file)?.split('\n') ?? []) {
    const [, keyword = '', rest = ''] = /^\s*(\w+)(?:\s*=\s*|\s+)(.*)$/.exec(line) ?? [];
    const words = wordsOf(rest);
    if (keyword.toLowerCase() === 'host') yield* words.filter((word) => !UNFIT.test(word));
    if (keyword.toLowerCase() !== 'include') continue;
    for (const word of words) {
      const pattern = word.replace(/^~(?=\/)/, home);
      const included = filesLike(path.resolve(home, '.ssh', pattern)).filter(isIncluded);
      for (const one of included) yield* hostsIn(one, home, depth - 1);
    }
  }
}

/** ssh reads nothing of a directory that a pattern of files happens to name, and of what is not there. */
function isIncluded(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
  } catch {
    return true; // whoever reads it says what is wrong with it
  }
}

/** Words of a line: quotes hold one together, a `#` begins a comment. */
function wordsOf(line: string): string[] {
  const words: string[] = [];
  for (const [word, quoted, plain = ''] of line.matchAll(/"([^"]*)"?|([^\s"]+)/g)) {
    if (word.startsWith('#')) break;
    words.push(quoted ?? plain);
  }
  return words.filter((word) => word !== '');
}

/** Files whose path is like that, in which each name may have `*` and `?`. */
function filesLike(pattern: string): string[] {
  let found = ['/'];
  for (const name of pattern.split('/').filter((part) => part !== '')) {
    const wild = /[*?]/.test(name);
    found = found.flatMap((folder) =>
      (wild ? namesIn(folder, wildcard(name)) : [name]).map((one) => path.join(folder, one)),
    );
  }
  return found;
}

function namesIn(folder: string, like: RegExp): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => like.test(name) && !name.startsWith('.'))
      .sort();
  } catch {
    return []; // what is not there is not included: ssh itself takes it so
  }
}

/** Names in which `*` is any text and `?` one sign. */
export function wildcard(pattern: string): RegExp {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${escaped}$`, 's');
}
