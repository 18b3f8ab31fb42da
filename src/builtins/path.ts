import { stat } from 'node:fs/promises';
import pathOf from 'node:path';
import { absolutePath, assertText, type Builtin, type Context, directoriesOf } from '../engine';
import { HotwireError } from '../errors';
import { unusable } from './lib/files';
import { listed } from './lib/property';

const EDITS = ['prefix', 'suffix', 'del'] as const;
type Edit = (typeof EDITS)[number];

export const path: Builtin = {
  name: 'path',
  summary: 'Directories in which programs are looked for (PATH): shows them, or changes them',
  help:
    'Without an option it shows them, in the order in which they are searched. A change is for the programs that you run from then on, ' +
    'and shows what has become of them. A directory that is there already is moved. Undo brings back what was there.',
  options: [
    { name: 'prefix', short: 'a', summary: 'Put the directory first' },
    { name: 'suffix', short: 's', summary: 'Put the directory last' },
    { name: 'del', short: 'd', summary: 'Take the directory out' },
  ],
  arguments: [{ name: 'directory', kind: 'directory', optional: true }],
  input: null,
  output: 'string',
  undoable: true,
  examples: [
    { text: 'path', shows: 'the directories' },
    { text: 'path -a / | first', shows: 'one more, before the others', result: ['/'] },
  ],
  async *run({ args: [directory], options, context, environment, cwd, undo }) {
    const edits = EDITS.filter((edit) => options.has(edit));
    const [edit] = edits;
    if (edits.length > 1)
      throw new HotwireError('InvalidArgs', `path: give one of --${edits.join(' and --')}, not both`);
    if (edit === undefined && directory !== undefined) {
      const message = `path: say what to do with ${directory}: -a puts it first, -s last, -d takes it out`;
      throw new HotwireError('InvalidArgs', message);
    }
    if (edit !== undefined && directory === undefined) {
      throw new HotwireError('InvalidArgs', `path: --${edit} needs a directory: write it after the option`);
    }
    if (edit === undefined || directory === undefined) {
      const entries = directoriesOf(environment.PATH ?? '');
      yield { className: 'string', objects: entries };
      return;
    }
    assertText('path', [directory]);
    const entries = await edited(directoriesOf(context.environment.PATH ?? ''), edit, directory, cwd);
    const before = context.environment.PATH ?? '';
    change(context, entries.join(':'));
    undo(async () => change(context, before));
    yield { className: 'string', objects: entries };
  },
};

function change(context: Context, PATH: string): void {
  context.setEnvironment({ PATH });
}

/** @throws InvalidArgs when the result can't be; Failed when the directory is none */
async function edited(entries: readonly string[], edit: Edit, shown: string, cwd: string): Promise<string[]> {
  const directory = absolutePath(cwd, shown).replace(/(?<=.)\/$/, '');
  const others = entries.filter((entry) => entry !== shown && pathOf.resolve(cwd, entry) !== directory);
  if (edit === 'del') {
    if (others.length === entries.length) {
      throw new HotwireError('InvalidArgs', `path: ${shown} is not in PATH; there are ${listed(entries)}`);
    }
    // Without any, programs would be looked for in the default places: that is not what was asked for.
    if (others.length === 0)
      throw new HotwireError('InvalidArgs', `path: ${shown} is the last one: put in another first`);
    return others;
  }
  if (directory.includes(':')) {
    throw new HotwireError('InvalidArgs', `path: ${shown}: PATH can't hold a name with a colon: make a link to it`);
  }
  const found = await stat(directory).catch((error) => {
    throw unusable(`path: ${shown}`, error);
  });
  if (!found.isDirectory()) throw new HotwireError('InvalidArgs', `path: ${shown}: not a directory`);
  return edit === 'prefix' ? [directory, ...others] : [...others, directory];
}
