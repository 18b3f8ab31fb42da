import { absolutePath, type Builtin, toLines } from '../engine';
import { attempt } from './lib/attempt';
import { finisher } from './lib/finish';
import { namedPath } from './lib/raw-path';
import { Trash } from './lib/trash';
import { WrittenFile } from './lib/written-file';

export const write: Builtin = {
  name: 'write',
  summary: 'Writes the text of each object to files',
  help:
    'A line each: texts as they are, anything else as JSON. Without -a what was in the files goes to the trash, as a copy. ' +
    'Undo brings it back, or cuts off what was added, unless a file has changed since.',
  options: [
    { name: 'append', short: 'a', summary: 'Add to the end of the files' },
    { name: 'newline', short: 'n', summary: 'No effect: every text ends with a line feed' },
  ],
  arguments: [{ name: 'path', kind: 'path', repeated: true }],
  input: { type: 'any' },
  output: null,
  undoable: true,
  examples: [
    { text: "js-eval '[1, 2]' | iter | write numbers.txt", shows: 'a file with a line for each object', result: [] },
    { text: 'proc | json | write -a log.jsonl', shows: 'adding to a file', result: [] },
  ],
  async *run(stage) {
    const { args, options, cwd, input, environment } = stage;
    const how = { append: options.has('append'), trash: new Trash(environment), stage };
    const files: { shown: string; file: WrittenFile }[] = [];
    const closeAll = async () => {
      await Promise.all(files.map(({ shown, file }) => attempt('write', shown, () => file.close())));
    };
    const finish = finisher(stage, closeAll);
    // One that is named twice is written once.
    const named = new Map(args.map((argument) => [absolutePath(cwd, argument), namedPath(cwd, argument)]));
    const openAll = async () => {
      for (const { file, shown } of named.values()) {
        stage.signal.throwIfAborted();
        files.push({ shown, file: await WrittenFile.open(file, `write: ${shown}`, how) });
      }
    };
    try {
      // Only once the input has begun: where it fails at once, nothing that is in the files is lost.
      for await (const { objects } of input) {
        if (files.length === 0) await finish(openAll);
        const text = toLines(objects);
        await finish(async () => {
          for (const { shown, file } of files) await attempt('write', shown, () => file.write(text));
        });
      }
      if (files.length === 0) await finish(openAll);
    } finally {
      await closeAll();
    }
  },
};
