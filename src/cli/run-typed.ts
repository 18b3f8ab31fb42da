// `hotwire run` for a person: aliases are expanded before the text is sent, and what was typed is kept in the history.
import { MAX_HISTORY_UNITS } from '../limits';
import { typedDomain } from './domain-options';
import { expandAliases } from './expand-aliases';
import { Notes } from './notes';
import { type RunCommandOptions, run } from './run';
import { attempt } from './show-objects';
import type { Surroundings } from './surroundings';
import { workingDirectory } from './working-directory';

export interface TypedRunOptions extends RunCommandOptions {
  /** False: it is not to be kept. */
  readonly history?: boolean;
}

/** Runs a pipeline as it was typed. @returns the exit status */
export async function runTyped(text: string, options: TypedRunOptions, surroundings: Surroundings): Promise<number> {
  const notes = new Notes(surroundings);
  let expanded = text;
  const refused = await attempt(surroundings, async () => {
    const { stdinIsTerminal, stdout } = surroundings;
    const onTerminal = stdinIsTerminal && stdout.isTTY === true;
    expanded = expandAliases(text, await notes.aliases(), { onTerminal });
  });
  if (refused !== 0) return refused;
  if (!isKept(text, options, surroundings)) return run(expanded, options, surroundings);
  const running = run(expanded, options, surroundings);
  const end = await notes.begin(text, { cwd: directoryOf(options, surroundings), domain: typedDomain(options) });
  const status = await running;
  end(status);
  await notes.told;
  return status;
}

function isKept(text: string, { history }: TypedRunOptions, { stdinIsTerminal, environment }: Surroundings): boolean {
  if (!stdinIsTerminal || history === false || environment.HOTWIRE_HISTORY === 'off') return false;
  return text.length <= MAX_HISTORY_UNITS && /^\S/.test(text);
}

/** Null where it has been removed: the run itself tells. Null, too, where it is whatever it is elsewhere. */
function directoryOf(options: TypedRunOptions, surroundings: Surroundings): string | null {
  const { cwd } = options;
  if (typedDomain(options) !== '') return cwd ?? null;
  try {
    return workingDirectory(surroundings, cwd);
  } catch {
    return null;
  }
}
