import type { RE2JS } from 're2js';
import { METADATA } from '../contract';
import { type Batch, type Builtin, type FilesInUse, linesOf, type Stage } from '../engine';
import { HotwireError } from '../errors';
import { lookAt } from './lib/check';
import { chunksOf, fileOf } from './lib/file-content';
import { isRecord } from './lib/property';
import type { NamedFile } from './lib/raw-path';
import { loadRegExp } from './lib/regexp';
import { walk } from './walk';

const MATCH = 'hotwire.builtins.fsearch.FileStringMatch';

export const fsearch: Builtin = {
  name: 'fsearch',
  summary: 'Lines of files that match a regular expression, in all files below a directory',
  help:
    'The directory is the one that you are in unless another is named. Of each line the first match is told. Names that start with a dot ' +
    'are left out without -a; links are not followed. Binary files (with a NUL near their start) are skipped and counted; files that can ' +
    'not be read are told on standard error. The syntax is that of filter.',
  options: [
    { name: 'ignore-case', short: 'i', summary: 'Capital and small letters are the same' },
    { name: 'all', short: 'a', summary: 'Also names that start with a dot, and what is below them' },
  ],
  arguments: [
    { name: 'regexp', kind: 'regexp' },
    { name: 'directory', kind: 'directory', optional: true },
  ],
  input: null,
  output: MATCH,
  idempotent: true,
  examples: [
    {
      text: 'fsearch -i ^todo | select line line_num match_start match_end',
      shows: 'lines of all files below this directory',
      files: { 'a.txt': 'one\nTodo: two\n', 'sub/b.txt': 'not todo\n' },
      result: [{ line: 'Todo: two', line_num: 2, match_start: 0, match_end: 4 }],
    },
    {
      text: 'fsearch main sub | prop line',
      shows: 'another directory',
      files: { 'sub/a.c': 'int main;\n' },
      result: ['int main;'],
    },
  ],
  check({ args: [pattern = ''] }) {
    lookAt(0, () => loadRegExp('fsearch', pattern, false));
  },
  async *run(stage) {
    const { args, options, signal, cwd, status } = stage;
    const [pattern = '', directory] = args;
    const regexp = loadRegExp('fsearch', pattern, options.has('ignore-case'));
    const search: Search = { regexp, signal, inUse: stage.inUse, searched: 0, binary: 0 };
    for await (const { objects } of filesBelow(stage, directory)) {
      const complaints: string[] = [];
      for (const object of objects) {
        signal.throwIfAborted();
        const named = fileOf('fsearch', object, cwd);
        const unreadable = isRecord(object) && object.stat_error;
        if (unreadable) complaints.push(`${named.shown}: ${unreadable}`);
        else if (isSearched(object)) yield* matchesOf(named, search, complaints);
      }
      if (complaints.length > 0) await tell(stage, complaints);
      status(`${search.searched} files searched`, -1);
    }
    const { binary } = search;
    if (binary > 0) await tell(stage, [`${binary} binary ${binary === 1 ? 'file' : 'files'} skipped`]);
  },
};

interface Search {
  readonly regexp: RE2JS;
  readonly signal: AbortSignal;
  readonly inUse: FilesInUse;
  searched: number;
  binary: number;
}

function filesBelow(stage: Stage, directory: string | undefined): AsyncIterable<Batch> {
  const options = new Map([...stage.options].filter(([name]) => name === 'all'));
  const args = directory === undefined ? [] : [directory];
  return walk.run?.({ ...stage, options, args, status: () => undefined }) ?? stage.input;
}

/** Regular files: pipes and devices have no lines to search, and what a link leads to is found under its own name. */
function isSearched(object: unknown): boolean {
  return isRecord(object) && object.file_type_char === '-';
}

async function* matchesOf(named: NamedFile, search: Search, complaints: string[]): AsyncGenerator<Batch> {
  const { regexp, signal } = search;
  let number = 0;
  search.searched++;
  const shown = Buffer.isBuffer(named.file) ? named.shown : named.file;
  try {
    for await (const { objects } of linesOf(textOrNothing(named, search), named.shown)) {
      const found: unknown[] = [];
      for (const line of objects as readonly string[]) {
        number++;
        if (!regexp.test(line)) continue;
        const matcher = regexp.matcher(line);
        if (!matcher.find()) continue;
        found.push({ path: shown, line, line_num: number, match_start: matcher.start(), match_end: matcher.end() });
      }
      if (found.length > 0) yield { className: MATCH, objects: found };
    }
  } catch (error) {
    signal.throwIfAborted();
    const { kind, message } = HotwireError.from(error);
    complaints.push(kind === 'LimitExceeded' ? message : `${named.shown}: ${message}`);
  }
}

/** The bytes of a file, none of a binary one: lines of such a file tell nothing. */
async function* textOrNothing(named: NamedFile, search: Search): AsyncGenerator<Buffer> {
  let isFirst = true;
  for await (const chunk of chunksOf(named, search.signal, search.inUse)) {
    if (isFirst && chunk.includes(0)) {
      search.binary++;
      return;
    }
    isFirst = false;
    yield chunk;
  }
}

async function tell({ metadata }: Stage, messages: readonly string[]): Promise<void> {
  await metadata(METADATA.stderr, messages.map((message) => `fsearch: ${message}\n`).join(''));
}
