// The arguments of `hotwire get` and `hotwire put`, and their help.
import { type Command, Option } from 'commander';
import { type CopyCommandOptions, type CopyDirection, copyFiles } from './copy';
import { addDomainOptions, DOMAIN_HELP, typedDomain } from './domain-options';
import type { Surroundings } from './surroundings';

const COMMON_HELP = `
As for cp, TARGET is a directory to put all into if it is one, if it ends with
a slash (it is then made) or if there are several sources; else it is the name
of the copy. Directories are copied with all that is in them, links as links.
A file takes its place only when all of it has arrived and its SHA-256 is
right; files of the same size, time and mode are left as they are. What is
broken off goes on where it was when the same is called again. What a host sends
that was not asked for is refused.
`;

const EXIT_HELP = `
Exit status: 0 all is in its place, 1 something is not (each is told), 2 the
command line is wrong, 3 a domain can't be had, 130 cancelled.
`;

const HELP: Readonly<Record<CopyDirection, { summary: string; description: string; after: string }>> = {
  get: {
    summary: 'copy files from elsewhere to here',
    description: 'Copy files and directories from other hosts or users to here.',
    after: `${COMMON_HELP}
Patterns in SOURCE are expanded there: quote them. Relative paths there start
from the home directory. From several hosts, each has TARGET/HOST.

Examples:
  hotwire get -H web1 /etc/nginx .
  hotwire get -H 'web[1-3]' '/var/log/nginx/*.log' logs
  hotwire get -t ssh:web1/sudo:postgres backup.tar .
${DOMAIN_HELP}${EXIT_HELP}`,
  },
  put: {
    summary: 'copy files from here to elsewhere',
    description: 'Copy files and directories from here to other hosts or users.',
    after: `${COMMON_HELP}
Relative paths there start from the home directory, and so does a quoted '~/…'.

Examples:
  hotwire put -H web1 site.conf /etc/nginx/conf.d/
  hotwire put -H 'web[1-20]' build /srv/app/
${DOMAIN_HELP}${EXIT_HELP}`,
  },
};

/** Adds the commands to the program; `ended` is told the exit status. */
export function addCopyCommands(
  program: Command,
  surroundings: Surroundings,
  ended: (status: Promise<number>) => Promise<void>,
): void {
  for (const [direction, { summary, description, after }] of Object.entries(HELP) as [
    CopyDirection,
    typeof HELP.get,
  ][]) {
    const command = program
      .command(direction)
      .summary(summary)
      .description(description)
      .usage('[options] SOURCE… TARGET')
      .argument('<paths...>', 'what is copied, and where to')
      .option('--exact', 'TARGET is the name of the copy, also where a directory of that name is there')
      .option('--checksum', 'compare files that look the same by their content, too')
      .addOption(
        new Option('--color <when>', 'colours: by default on a terminal, unless NO_COLOR is set')
          .choices(['auto', 'always', 'never'])
          .default('auto'),
      )
      .option('--no-progress', 'show no progress line')
      .option('--debug', 'show stack traces')
      .addHelpText('after', after);
    addDomainOptions(command);
    command.action((paths: string[], options: CopyCommandOptions) => {
      const [sources, target] = [paths.slice(0, -1), paths.at(-1) ?? ''];
      if (sources.length === 0) command.error("missing required argument 'TARGET'");
      if (paths.includes('')) command.error('a path is empty');
      if (typedDomain(options) === '') command.error('name the hosts (-H) or another domain (-t)');
      if (options.exact && sources.length > 1) command.error("'--exact' is for one source");
      return ended(copyFiles({ direction, sources, target }, options, surroundings));
    });
  }
}
