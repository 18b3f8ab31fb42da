import { lstat, stat } from 'node:fs/promises';
import type { Builtin, RawPath, Stage } from '../engine';
import { HotwireError } from '../errors';
import { attempt } from './lib/attempt';
import { codeOf, inTheWay } from './lib/place';
import { splitRaw } from './lib/raw-path';
import { moveTo, Replaced, type Transfer } from './lib/transfer';
import { type TransferTools, transferEach } from './lib/transfer-each';
import { WorkAreas } from './lib/work-area';

export const mv: Builtin = {
  name: 'mv',
  aliases: ['move'],
  summary: 'Moves or renames files and directories',
  help:
    'The last path is the target: a new name, or a directory to put them into. To another file system they are ' +
    'copied, with mode, time and where possible owner, and removed here once the copy is whole. Several names of one ' +
    'file (hard links) in a directory stay names of one file where the file system has such; what has changed since ' +
    'it was copied is kept here, and the failure tells of it. Named pipes, sockets and devices, extended attributes ' +
    'and access lists can not go along. What is replaced goes to the trash first; a directory is never replaced. ' +
    'Undo moves them back and brings back what they replaced.',
  arguments: [
    { name: 'source', kind: 'path' },
    { name: 'source or target', kind: 'path', repeated: true },
  ],
  input: null,
  output: null,
  undoable: true,
  examples: [
    { text: 'mv draft.txt final.txt', shows: 'renaming', files: { 'draft.txt': 'a\n' }, result: [] },
    {
      text: 'ls old | prop basename',
      shows: 'moving into a directory',
      after: ['mv *.log old'],
      files: { 'a.log': '', 'b.log': '', 'old/c.log': '' },
      result: ['a.log', 'b.log', 'c.log'],
    },
  ],
  async *run(stage) {
    await transferEach('mv', stage, (transfer, tools) => move(transfer, stage, tools));
  },
};

async function move(
  { source, target, shown }: Transfer,
  stage: Stage,
  { trash, progress, areas }: TransferTools,
): Promise<void> {
  const { signal, undo } = stage;
  const replaced = new Replaced(trash, target);
  progress.begin(shown);
  try {
    await moveTo(source, target, { signal, areas, progress }, () => replaced.clear());
  } catch (error) {
    await replaced.restore();
    throw error;
  }
  const { old } = replaced;
  if (old) undo(() => old.restore());
  const { dev, ino } = await lstat(target);
  undo(() => moveBack(source, target, { dev, ino }));
}

async function moveBack(source: RawPath, target: RawPath, moved: { dev: number; ino: number }): Promise<void> {
  const { directory } = splitRaw(source);
  await attempt('undo of mv', directory.toString(), () => stat(directory));
  await attempt('undo of mv', target.toString(), async () => {
    const { dev, ino } = await lstat(target);
    if (dev !== moved.dev || ino !== moved.ino) {
      throw new HotwireError('Failed', 'is another file than the one that was moved there: move it away');
    }
    const areas = new WorkAreas();
    try {
      await moveTo(target, source, { areas });
    } catch (error) {
      throw codeOf(error) === 'EEXIST' ? inTheWay(source, error) : error;
    } finally {
      await areas.close();
    }
  });
}
