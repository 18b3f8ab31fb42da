import type { Builtin, RawPath, Stage } from '../engine';
import { HotwireError } from '../errors';
import { attempt } from './lib/attempt';
import { copyTo, Replaced, type Transfer } from './lib/transfer';
import { type TransferTools, transferEach } from './lib/transfer-each';
import { discardTree, fingerprint, sizeOfTree } from './lib/tree';

export const cp: Builtin = {
  name: 'cp',
  aliases: ['copy'],
  summary: 'Copies files and directories',
  help:
    'The last path is the target: a new name, or a directory to put the copies into. Directories are copied whole, ' +
    'links as links, each with mode and time, but without extended attributes and access lists. What a copy ' +
    'replaces goes to the trash first; a link as the target is replaced itself, a directory is never replaced. A ' +
    'copy takes its place only when it is whole. Undo removes the copies, unless they have changed, and brings back ' +
    'what they replaced.',
  options: [{ name: 'recursive', short: 'r', summary: 'No effect: directories are copied whole' }],
  arguments: [
    { name: 'source', kind: 'path' },
    { name: 'source or target', kind: 'path', repeated: true },
  ],
  input: null,
  output: null,
  undoable: true,
  examples: [
    { text: 'cp a.txt b.txt', shows: 'a copy under another name', files: { 'a.txt': 'a\n' }, result: [] },
    {
      text: 'ls backup | prop basename',
      shows: 'copies in a directory',
      after: ['cp a.txt src backup'],
      files: { 'a.txt': 'a\n', 'src/b.txt': 'b\n', 'backup/c.txt': 'c\n' },
      result: ['a.txt', 'c.txt', 'src'],
    },
  ],
  async *run(stage) {
    await transferEach(
      'cp',
      stage,
      (transfer, tools) => copy(transfer, stage, tools),
      async (transfers, { progress }) => {
        for (const { source, shown } of transfers) {
          progress.expect(await attempt('cp', shown, () => sizeOfTree(source, stage.signal)));
        }
      },
    );
  },
};

async function copy(
  { source, target, shown }: Transfer,
  stage: Stage,
  { trash, progress, areas }: TransferTools,
): Promise<void> {
  const { signal, undo } = stage;
  const replaced = new Replaced(trash, target);
  let mark = '';
  progress.begin(shown);
  try {
    await copyTo(
      source,
      target,
      { signal, areas, owner: false, copied: (bytes) => progress.add(bytes) },
      async (temporary) => {
        mark = await fingerprint(temporary);
        await replaced.clear();
      },
    );
  } catch (error) {
    await replaced.restore();
    throw error;
  }
  const { old } = replaced;
  if (old) undo(() => old.restore());
  undo(() => removeCopy(target, mark));
}

async function removeCopy(target: RawPath, mark: string): Promise<void> {
  await attempt('undo of cp', target.toString(), async () => {
    if ((await fingerprint(target)) !== mark) {
      throw new HotwireError('Failed', 'has changed since it was copied: move it away and undo again');
    }
    await discardTree(target);
  });
}
