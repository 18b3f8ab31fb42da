import { stat } from 'node:fs/promises';
import { METADATA } from '../../contract';
import { absolutePath, assertText, type Builtin, type Stage } from '../../engine';
import { HotwireError } from '../../errors';
import type { Link } from '../../link';
import { unusable } from './files';

/** What every command has in common that only asks its display for something. */
export const LINK_DECLARATION = { input: null, output: null } as const satisfies Partial<Builtin>;

/** For the help of those commands: who does what they ask for. */
export const DONE_BY_DISPLAY =
  'It yields no objects: the display does it, and only for a pipeline of its own machine and user. hotwire run does it on its ' +
  'terminal once the pipeline has ended, and elsewhere tells how to do it by hand.';

/** Asks the display to do something. */
export async function askDisplay({ metadata }: Pick<Stage, 'metadata'>, link: Link): Promise<void> {
  await metadata(METADATA.link, link);
}

/** Asks the display to show files. @throws Failed when one of those that `mustExist` does not, naming it */
export async function askForFiles(
  stage: Pick<Stage, 'metadata' | 'args' | 'cwd'>,
  action: 'open' | 'edit' | 'view',
  mustExist: boolean,
): Promise<void> {
  const { args, cwd } = stage;
  assertText(action, args);
  const paths = args.map((file) => absolutePath(cwd, file));
  for (const [index, file] of paths.entries()) {
    if (!mustExist) break;
    await stat(file).catch((error) => {
      throw unusable(`${action}: ${args[index]}`, error);
    });
  }
  await askDisplay(stage, { action, paths, cwd });
}

/** Asks the display to run a program on a terminal. */
export async function askForTerminal(
  stage: Pick<Stage, 'metadata' | 'cwd'>,
  command: readonly string[],
): Promise<void> {
  await askDisplay(stage, { action: 'terminal', command, cwd: stage.cwd });
}

/** The words after a command that runs a program. @throws InvalidArgs when the first is none of a program */
export function programWords(command: string, args: readonly string[]): readonly string[] {
  const [program = ''] = args;
  assertText(command, args);
  if (program !== '' && !program.startsWith('-')) return args;
  throw new HotwireError('InvalidArgs', `${command}: ${program || "''"} is no program: write its name first`);
}
