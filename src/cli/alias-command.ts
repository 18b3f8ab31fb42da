// `hotwire alias` and `hotwire unalias`: names for the starts of pipelines.
import { type Command, Option } from 'commander';
import { HotwireError } from '../errors';
import { didYouMean, nearest } from '../language/near';
import { FORMATS, type Format } from '../render';
import { forgetAlias, openExistingStore, openStore, writeAlias } from '../store';
import { aliasesOf, checkAliasName, checkAliasTarget, defaultAlias } from './aliases';
import type { Screen } from './screen';
import { attempt, showObjects } from './show-objects';
import type { Surroundings } from './surroundings';

const AFTER_HELP = `
An alias counts where a command of a pipeline is named, in every domain, and
not where a part of the name is quoted. Words after it stay.

The aliases that came with hotwire (vi, top, man, …) give a program the
terminal. They count only on a terminal, for a command that stands alone; give
one its text again to have it back.

Examples:
  hotwire alias
  hotwire alias big='proc -a | sort -r rss | head'
  hotwire alias ll ls -l
  hotwire unalias ll
`;

export interface AliasCommandOptions {
  readonly format?: Format;
  readonly force?: boolean;
}

/** Adds `alias` and `unalias` to the program. */
export function addAliasCommands(
  program: Command,
  actions: {
    alias: (words: readonly string[], options: AliasCommandOptions) => Promise<void>;
    unalias: (names: readonly string[]) => Promise<void>;
  },
): void {
  program
    .command('alias')
    .summary('show aliases, or set one')
    .description('Show all aliases, or one; or make NAME stand for TEXT, the start of a pipeline.')
    .usage('[options] [NAME | NAME=TEXT | NAME TEXT…]')
    .argument('[words...]', 'a name and its text')
    .option('--force', 'also where the name is that of a builtin, which it then hides')
    .addOption(new Option('--format <format>', 'format of the output').choices(FORMATS))
    .passThroughOptions()
    .addHelpText('after', AFTER_HELP)
    .action((words: string[], options: AliasCommandOptions) => actions.alias(words, options));
  program
    .command('unalias')
    .summary('remove aliases')
    .description('Remove aliases. They may be those that came with hotwire.')
    .argument('<names...>', 'their names')
    .action((names: string[]) => actions.unalias(names));
}

/** Shows aliases, or sets one. @returns the exit status */
export function alias(
  words: readonly string[],
  options: AliasCommandOptions,
  surroundings: Surroundings,
): Promise<number> {
  return attempt(surroundings, async (screen) => {
    const { name, target } = readWords(words);
    if (target === undefined) return show(name, options.format, screen, surroundings);
    checkAliasName(name ?? '');
    checkAliasTarget(name ?? '', target);
    await set(name ?? '', target, options.force === true, surroundings);
  });
}

/** Removes aliases: all of those that are named, or none where there is not such a one. @returns the exit status */
export function unalias(names: readonly string[], surroundings: Surroundings): Promise<number> {
  return attempt(surroundings, async () => {
    const { environment } = surroundings;
    const aliases = aliasesOf(await openExistingStore({ environment }));
    for (const name of names) if (!aliases.has(name)) throw unknown(name, aliases.keys());
    const store = await openStore({ environment });
    for (const name of names) {
      if (defaultAlias(name) === undefined) forgetAlias(store, name);
      else writeAlias(store, name, null);
    }
  });
}

/** `NAME`, `NAME=TEXT`, `NAME TEXT…`; several words of a text are joined by blanks. */
function readWords([first, ...rest]: readonly string[]): { name: string | undefined; target: string | undefined } {
  const equals = first?.indexOf('=') ?? -1;
  if (first === undefined || equals < 0) return { name: first, target: rest.length > 0 ? rest.join(' ') : undefined };
  return { name: first.slice(0, equals), target: [first.slice(equals + 1), ...rest].join(' ') };
}

async function show(
  name: string | undefined,
  format: Format | undefined,
  screen: Screen,
  { environment }: Surroundings,
): Promise<void> {
  const aliases = aliasesOf(await openExistingStore({ environment }));
  if (name !== undefined && !aliases.has(name)) throw unknown(name, aliases.keys());
  const shown = [...aliases].filter(([one]) => name === undefined || one === name);
  const objects = shown.map(([one, found]) => ({ name: one, target: found.target, default: found.default }));
  await showObjects(screen, 'hotwire.cmdalias.Alias', [objects], format);
}

async function set(name: string, target: string, force: boolean, surroundings: Surroundings): Promise<void> {
  if (!force && (await isBuiltin(name, surroundings))) {
    throw new HotwireError('InvalidArgs', `${name} is a builtin, which the alias would hide: --force does so`);
  }
  const store = await openStore({ environment: surroundings.environment });
  if (target === defaultAlias(name)) forgetAlias(store, name);
  else writeAlias(store, name, target);
}

/** Only a slave knows what it can do. */
async function isBuiltin(name: string, { connect, environment }: Surroundings): Promise<boolean> {
  const domain = await connect('', { environment });
  try {
    const items = (await domain.evaluate('help')).flatMap(({ objects }) => objects);
    return (items as { name: string; aliases: readonly string[] }[]).some(
      (item) => item.name === name || item.aliases.includes(name),
    );
  } finally {
    await domain.close();
  }
}

function unknown(name: string, known: Iterable<string>): HotwireError {
  const hint = didYouMean(nearest(name, known)) ?? 'hotwire alias shows them all';
  return new HotwireError('InvalidArgs', `there is no alias ${name}: ${hint}`);
}
