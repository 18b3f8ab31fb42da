// The arguments of `hotwire run`, and its help.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { FORMATS } from '../render';
import { addDomainOptions, DOMAIN_HELP } from './domain-options';
import { INPUT_CHOICES } from './feed';
import type { TypedRunOptions } from './run-typed';

const AFTER_HELP = `
Options come before PIPELINE: what follows its first word belongs to the
pipeline. Several words are joined by blanks.

Output is a table on a terminal (a list for a single value) and JSON, an
object a line, elsewhere; text is plain lines in both. Input that is no
terminal is fed to a pipeline that takes some: as lines where its first
command takes text, else as JSON, a value a line.

Examples:
  hotwire run 'proc -a | filter -i node cmd'
  hotwire run 'ls /usr | sort -r basename | head 3'
  hotwire run --format csv proc > processes.csv
  hotwire run 'proc -a' | jq .pid
  printf '{"a":1}\\n{"a":2}\\n' | hotwire run 'js-filter "it.a > 1"'
  tail -f server.log | hotwire run --input lines 'filter ERROR'
  hotwire run --detach 'sys make -C /src world'   # then: hotwire attach 1
  hotwire run -H web1 'ls /etc'
  hotwire run -H 'web[1-20],@db' 'proc -a | sort -r rss | head 3'
  hotwire run -t ssh:web1/sudo:postgres 'sys psql -l'

On several hosts each object has the property @domain, and what went wrong is
listed at the end; without --cwd it starts in the home directory there.
${DOMAIN_HELP}
Exit status:
  0    the pipeline completed
  1    it failed; if its last command is a program, that program's own status
       (128 + N if signal N ended it); after edit, view, term and the like,
       the status of what they started on this terminal
  2    the pipeline does not parse, or the command line is wrong
  3    the domain can't be had, or there is no slave to run it
  130  cancelled by Ctrl-C (129 by a hangup, 143 by SIGTERM)
  141  whoever read the output has gone
On several hosts it is 0 if all is well, theirs if all that failed have the
same one, else 1.
`;

/** Adds `run` to the program; `action` gets the pipeline's text and the checked options. */
export function addRunCommand(
  program: Command,
  action: (text: string, options: TypedRunOptions) => Promise<void>,
): void {
  const run = program
    .command('run')
    .summary('run a pipeline and show its objects')
    .description('Run a pipeline and show the objects that it yields.')
    .usage('[options] PIPELINE…')
    .argument('<pipeline...>', "the pipeline's text")
    .addOption(new Option('--format <format>', 'format of the output').choices(FORMATS));
  addDomainOptions(run)
    .addOption(
      new Option('--color <when>', 'colours: by default on a terminal, unless NO_COLOR is set')
        .choices(['auto', 'always', 'never'])
        .default('auto'),
    )
    .addOption(new Option('--input <mode>', 'how standard input is fed').choices(INPUT_CHOICES))
    .addOption(new Option('-n', 'the same as --input none').implies({ input: 'none' }))
    .option('--detach', 'start it, print its id, and leave it: see hotwire jobs')
    .option('--timeout <seconds>', 'end it, as failed, after so long', parseSeconds)
    .option('--cwd <directory>', 'where it starts (here, if not given; elsewhere, at home)')
    .option('--env <name=value>', 'set an environment variable for it; may be repeated; no value removes', addVariable)
    .option('--no-progress', 'show no progress line')
    .option('--no-history', 'do not keep it in the history')
    .option('--debug', 'show stack traces')
    .passThroughOptions()
    .addHelpText('after', AFTER_HELP)
    .action((words: string[], options: TypedRunOptions, command: Command) => {
      const misplaced = words
        .slice(1)
        .find((word) => command.options.some(({ long }) => long === word.split('=', 1)[0]));
      return action(words.join(' '), { ...options, ...(misplaced !== undefined && { misplaced }) });
    });
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== '' && Number.isFinite(seconds) && seconds > 0) return seconds;
  throw new InvalidArgumentError('It must be a number of seconds, more than 0.');
}

function addVariable(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const separator = text.indexOf('=');
  if (separator > 0) return { ...before, [text.slice(0, separator)]: text.slice(separator + 1) };
  throw new InvalidArgumentError('It must be NAME=VALUE.');
}
