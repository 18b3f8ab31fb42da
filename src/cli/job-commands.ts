// The arguments of `hotwire jobs`, `attach`, `cancel`, `undo` and `release`, and their help.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { MAX_DETACHED_ID } from '../limits';
import { FORMATS } from '../render';
import { type AttachOptions, attach } from './attach';
import { addDomainOptions, DOMAIN_HELP } from './domain-options';
import { type Action, act, type JobsOptions, jobs } from './jobs';
import type { Surroundings } from './surroundings';

const JOBS_HELP = `
A detached pipeline (hotwire run --detach) belongs to its user, not to the
terminal that started it. What it yields is kept on disk until it is released;
when that has grown large, the pipeline waits until it is read.
`;

const ATTACH_HELP = `
Shows what the pipeline has yielded, and what it yields, until it ends. Ctrl-C
leaves it, and says from where it can be followed again; hotwire cancel ends
it. The exit status is that of hotwire run.

Examples:
  hotwire attach 1
  hotwire attach 1 --from 120
`;

const HELP: Readonly<Record<Action, { summary: string; after: string }>> = {
  cancel: {
    summary: 'cancel detached pipelines',
    after: '\nWhat they have yielded is kept. One that has ended is left as it is.\n',
  },
  undo: {
    summary: 'undo detached pipelines that have ended',
    after: '\nThe last step is taken back first. hotwire jobs --format list shows which can be undone.\n',
  },
  release: {
    summary: 'forget detached pipelines and what they yielded',
    after: '\nOne that still runs is cancelled.\n',
  },
};

/** Options of every command here that it has no option for. */
const DEFAULTS = { color: 'auto', progress: false } as const;

/** Adds the commands to the program; `ended` is told the exit status. */
export function addJobCommands(
  program: Command,
  surroundings: Surroundings,
  ended: (status: Promise<number>) => Promise<void>,
): void {
  const format = () => new Option('--format <format>', 'format of the output').choices(FORMATS);

  addDomainOptions(program.command('jobs').summary('list detached pipelines'))
    .description('List the detached pipelines of this user.')
    .addOption(format())
    .addHelpText('after', JOBS_HELP + DOMAIN_HELP)
    .action((options: JobsOptions) => ended(jobs({ ...DEFAULTS, ...options }, surroundings)));

  addDomainOptions(program.command('attach').summary('follow a detached pipeline'))
    .description('Follow a detached pipeline.')
    .argument('<id>', 'its number (see hotwire jobs)', parseId)
    .option('--from <number>', 'begin at that signal, counted from 0', parseNumber, 0)
    .addOption(format())
    .addOption(
      new Option('--color <when>', 'colours: by default on a terminal, unless NO_COLOR is set')
        .choices(['auto', 'always', 'never'])
        .default('auto'),
    )
    .option('--no-progress', 'show no progress line')
    .option('--debug', 'show stack traces')
    .addHelpText('after', ATTACH_HELP + DOMAIN_HELP)
    .action((id: number, options: AttachOptions) => ended(attach(id, options, surroundings)));

  for (const [name, { summary, after }] of Object.entries(HELP) as [Action, (typeof HELP)[Action]][]) {
    addDomainOptions(program.command(name).summary(summary))
      .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`)
      .argument('<ids...>', 'their numbers (see hotwire jobs)', parseIds)
      .addHelpText('after', after + DOMAIN_HELP)
      .action((ids: number[], options: object) => ended(act(name, ids, { ...DEFAULTS, ...options }, surroundings)));
  }
}

function parseIds(text: string, before: number[] = []): number[] {
  return [...before, parseId(text)];
}

function parseId(text: string): number {
  const id = parseNumber(text);
  if (id >= 1 && id <= MAX_DETACHED_ID) return id;
  throw new InvalidArgumentError('It must be the number of a detached pipeline.');
}

/** Largest D-Bus `u`. */
const MAX_NUMBER = 2 ** 32 - 1;

function parseNumber(text: string): number {
  if (/^\d{1,10}$/.test(text) && Number(text) <= MAX_NUMBER) return Number(text);
  throw new InvalidArgumentError('It must be a whole number, 0 or more.');
}
