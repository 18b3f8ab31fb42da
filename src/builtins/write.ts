import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { type Builtin, describe, openFile, toLines } from '../engine';
import { HotwireError } from '../errors';

export const write: Builtin = {
  name: 'write',
  summary: 'Writes the text of each object to files',
  help: 'A line each: texts as they are, anything else as JSON. What was in the files is lost unless -a is given.',
  options: [
    { name: 'append', short: 'a', summary: 'Add to the end of the files' },
    { name: 'newline', short: 'n', summary: 'No effect: every text ends with a line feed' },
  ],
  arguments: [{ name: 'path', kind: 'path', repeated: true }],
  input: { type: 'any' },
  output: null,
  examples: [
    { text: "js-eval '[1, 2]' | iter | write numbers.txt", shows: 'a file with a line for each object', result: [] },
    { text: 'proc | json | write -a log.jsonl', shows: 'adding to a file', result: [] },
  ],
  async *run({ args, options, cwd, input }) {
    const flags = options.has('append') ? 'a' : 'w';
    const files: { shown: string; handle: FileHandle }[] = [];
    try {
      for (const shown of args)
        files.push({ shown, handle: await openFile(path.resolve(cwd, shown), flags, `write: ${shown}`) });
      for await (const { objects } of input) {
        const text = toLines(objects);
        for (const { shown, handle } of files) await attempt(shown, handle.writeFile(text));
      }
    } finally {
      await Promise.all(files.map(({ shown, handle }) => attempt(shown, handle.close())));
    }
  },
};

async function attempt<T>(shown: string, action: Promise<T>): Promise<T> {
  try {
    return await action;
  } catch (error) {
    throw new HotwireError('Failed', `write: ${shown}: ${describe(error as NodeJS.ErrnoException)}`, { cause: error });
  }
}
