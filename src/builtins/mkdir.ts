import { lstat, mkdir as makeDirectory, rmdir, stat } from 'node:fs/promises';
import type { Builtin, RawPath, Stage } from '../engine';
import { HotwireError } from '../errors';
import { attempt } from './lib/attempt';
import { finisher } from './lib/finish';
import { codeOf } from './lib/place';
import { namedFile, splitRaw } from './lib/raw-path';

export const mkdir: Builtin = {
  name: 'mkdir',
  summary: 'Makes directories',
  help:
    'Directories above it that are missing are made, too. One that is there already is no error. Undo removes those that were made, ' +
    'unless something is in them by then.',
  options: [{ name: 'parents', short: 'p', summary: 'No effect: directories above are always made' }],
  arguments: [{ name: 'directory', kind: 'directory', repeated: true }],
  input: null,
  output: null,
  undoable: true,
  examples: [
    { text: 'mkdir a/b c', shows: 'several, with what is above them', result: [] },
    { text: 'ls | prop basename', shows: 'once more is no error', after: ['mkdir a', 'mkdir a'], result: ['a'] },
  ],
  async *run(stage) {
    const finish = finisher(stage);
    for (const argument of stage.args) {
      const { file, shown } = namedFile(stage.cwd, argument);
      await finish(() => attempt('mkdir', shown, () => makeAll(file, stage)));
    }
  },
};

/** Makes a directory and those above it, each with a step that takes it back. */
async function makeAll(directory: RawPath, stage: Pick<Stage, 'undo'>): Promise<void> {
  const missing: RawPath[] = [];
  for (let at = directory; !(await isDirectory(at)); at = splitRaw(at).directory) missing.push(at);
  for (const at of missing.reverse()) {
    try {
      await makeDirectory(at);
    } catch (error) {
      if (codeOf(error) === 'EEXIST' && (await isDirectory(at))) continue; // somebody else has just made it
      throw error;
    }
    const { dev, ino } = await lstat(at);
    stage.undo(() => takeBack(at, { dev, ino }));
  }
}

/** @throws the system's error for anything else that is there, or above it */
async function isDirectory(file: RawPath): Promise<boolean> {
  try {
    if ((await stat(file)).isDirectory()) return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && !(await isLink(file))) return false;
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  throw new HotwireError('Failed', `${file} is there already, and no directory`);
}

function isLink(file: RawPath): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}

async function takeBack(directory: RawPath, made: { dev: number; ino: number }): Promise<void> {
  await attempt('undo of mkdir', directory.toString(), async () => {
    const { dev, ino } = await lstat(directory);
    if (dev !== made.dev || ino !== made.ino) {
      throw new HotwireError('Failed', 'is another one than the directory that was made: move it away');
    }
    await rmdir(directory).catch((error) => {
      if (codeOf(error) !== 'ENOTEMPTY') throw error;
      throw new HotwireError('Failed', 'is not empty any more: move away what is in it and undo again', {
        cause: error,
      });
    });
  });
}
