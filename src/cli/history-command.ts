// `hotwire history`: what was run by hand on this machine, and forgetting it.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { HotwireError } from '../errors';
import { HISTORY_SHOWN } from '../limits';
import { FORMATS, type Format } from '../render';
import { clearHistory, deleteEntry, openExistingStore, readHistory } from '../store';
import type { Screen } from './screen';
import { attempt, showObjects } from './show-objects';
import type { Surroundings } from './surroundings';

const AFTER_HELP = `
Each pipeline that hotwire run is given on a terminal is kept, wherever it ran:
its text as it was typed, when, in which directory, its exit status and how
long it took. Not kept: a text that begins with a blank, what runs with
--no-history, and anything while HOTWIRE_HISTORY is off.

Examples:
  hotwire history
  hotwire history -n 1000 'proc -a'
  hotwire history --format jsonl | jq -r .command
  hotwire history --delete 17
`;

export interface HistoryCommandOptions {
  readonly count: number;
  readonly format?: Format;
  readonly delete?: number;
  readonly clear?: boolean;
}

/** Adds `history` to the program; `action` gets the text to look for and the checked options. */
export function addHistoryCommand(
  program: Command,
  action: (text: string | undefined, options: HistoryCommandOptions) => Promise<void>,
): void {
  program
    .command('history')
    .summary('show the pipelines that were run by hand')
    .description('Show the pipelines that were run by hand, the newest last: all, or those that hold TEXT.')
    .argument('[text]', 'what they hold; case does not count for a-z')
    .option('-n, --count <number>', 'how many at most', wholeNumber, HISTORY_SHOWN)
    .addOption(new Option('--format <format>', 'format of the output').choices(FORMATS))
    .addOption(
      new Option('--delete <id>', 'forget that one').argParser(wholeNumber).conflicts(['clear', 'count', 'format']),
    )
    .addOption(new Option('--clear', 'forget all of them').conflicts(['count', 'format']))
    .addHelpText('after', AFTER_HELP)
    .action((text: string | undefined, options: HistoryCommandOptions) => action(text, options));
}

/** Does what `hotwire history` was told. @returns the exit status */
export function history(
  text: string | undefined,
  options: HistoryCommandOptions,
  surroundings: Surroundings,
): Promise<number> {
  return attempt(surroundings, async (screen) => {
    if (options.delete === undefined && !options.clear) return show(text, options, screen, surroundings);
    if (text !== undefined) {
      throw new HotwireError('InvalidArgs', `'${text}' says nothing with --delete or --clear: leave it out`);
    }
    await forget(options, surroundings);
  });
}

async function show(
  text: string | undefined,
  { count, format }: HistoryCommandOptions,
  screen: Screen,
  { environment }: Surroundings,
): Promise<void> {
  const store = await openExistingStore({ environment });
  const pages = store ? readHistory(store, { count, ...(text !== undefined && { text }) }) : [];
  await showObjects(screen, 'hotwire.builtins.history.HistoryEntry', pages, format);
}

async function forget({ delete: id, clear }: HistoryCommandOptions, { environment }: Surroundings): Promise<void> {
  const store = await openExistingStore({ environment });
  if (clear) {
    if (store) clearHistory(store);
    return;
  }
  if (id !== undefined && store && deleteEntry(store, id)) return;
  throw new HotwireError('InvalidArgs', `the history has no entry ${id}: hotwire history shows the numbers`);
}

function wholeNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number, 0 or more.');
}
