// `hotwire complete`: what may stand at a place of a pipeline's text, for the completion function of a shell.
import { type Command, InvalidArgumentError } from 'commander';
import type { Completion, Domain } from '../client/api';
import { EXIT } from '../errors';
import { Sink, safeText } from '../render';
import { addDomainOptions, type DomainOptions } from './domain-options';
import { domainsOf } from './errand';
import { commandBeingTyped, expandAliases } from './expand-aliases';
import { Notes } from './notes';
import { failureStatus, failureText } from './outcome';
import type { Surroundings } from './surroundings';
import { workingDirectory } from './working-directory';

const AFTER_HELP = `
Prints a line for each candidate: what to write in place of the word that ends
at the cursor, a tab, and a description. A candidate that a line can't hold (a
file name with a line end or a tab) is left out. Add a blank after one, unless
it ends in / or =.

Examples:
  hotwire complete 'proc | sort r'
  hotwire complete 'proc | head' --cursor 3
`;

/** Signs that end a line or a column. */
const SEPARATORS = /[\t\n\r]/;

export interface CompleteCommandOptions extends DomainOptions {
  /** In UTF-16 units of the text; its end by default. */
  readonly cursor?: number;
  readonly cwd?: string;
}

/** Adds `complete` to the program; `action` gets the text and the checked options. */
export function addCompleteCommand(
  program: Command,
  action: (text: string, options: CompleteCommandOptions) => Promise<void>,
): void {
  const command = program
    .command('complete')
    .summary('list what may stand at a place of a pipeline')
    .description('List what may stand at the end, or at another place, of the text of a pipeline.')
    .argument('<text>', 'the text so far')
    .option('--cursor <units>', 'place, in UTF-16 units from the start (the end, if not given)', parseCursor)
    .option('--cwd <directory>', 'where the pipeline would start (here, if not given)')
    .addHelpText('after', AFTER_HELP)
    .action((text: string, options: CompleteCommandOptions) => action(text, options));
  addDomainOptions(command);
}

/** Writes the candidates to standard output; a failure is told on standard error. @returns the exit status */
export async function complete(
  text: string,
  options: CompleteCommandOptions,
  surroundings: Surroundings,
): Promise<number> {
  const sink = new Sink(surroundings.stdout, { name: 'standard output' });
  try {
    const { candidates } = await ask(text, options, surroundings);
    sink.push(linesOf(candidates, surroundings.stdout.isTTY === true));
    await sink.flush();
    return EXIT.ok;
  } catch (thrown) {
    const words = failureText(thrown, false);
    if (words !== undefined) new Sink(surroundings.stderr, { name: 'standard error' }).push(`hotwire: ${words}\n`);
    return failureStatus(thrown);
  }
}

async function ask(text: string, options: CompleteCommandOptions, surroundings: Surroundings): Promise<Completion> {
  const { environment } = surroundings;
  const { bus, cwd, embedded = false, cursor = text.length } = options;
  // Of several hosts the first tells for all; nobody is asked to log in while a line is being typed.
  const [first] = await domainsOf(options, environment);
  const address = first?.address ?? '';
  const domain = await surroundings.connect(address, { environment, embedded, ...(bus !== undefined && { bus }) });
  try {
    const start = address === '' ? workingDirectory(surroundings, cwd) : cwd;
    if (start !== undefined) await domain.changeDirectory(start);
    return await completeWithAliases(text, Math.min(cursor, text.length), domain, surroundings);
  } finally {
    await domain.close();
  }
}

/** The user's own aliases are names of commands too, and what follows one is completed as what it stands for. */
async function completeWithAliases(
  text: string,
  cursor: number,
  domain: Domain,
  surroundings: Surroundings,
): Promise<Completion> {
  const notes = new Notes(surroundings);
  const aliases = new Map([...(await notes.aliases())].filter(([, alias]) => !alias.default));
  await notes.told;
  const before = text.slice(0, cursor);
  const typed = commandBeingTyped(before);
  if (typed === undefined) {
    const expanded = expandAliases(before, aliases, { onTerminal: false });
    return domain.complete(expanded + text.slice(cursor), expanded.length);
  }
  const { start, candidates } = await domain.complete(text, cursor);
  const names = [...aliases].filter(([name]) => name.startsWith(typed));
  const own = names.map(([name, { target }]) => ({ replacement: name, description: `Alias for: ${target}` }));
  return { start, candidates: [...own, ...candidates.filter(({ replacement }) => !aliases.has(replacement))] };
}

function linesOf(candidates: Completion['candidates'], forTerminal: boolean): string {
  const lines = candidates
    .filter(({ replacement }) => !SEPARATORS.test(replacement))
    .map(({ replacement, description }) => `${replacement}\t${description.replace(/[\t\n\r]+/g, ' ')}\n`)
    .join('');
  return forTerminal ? safeText(lines) : lines;
}

function parseCursor(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number, 0 or more.');
}
