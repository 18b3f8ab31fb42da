// `hotwire domains` and `hotwire close`: the connections to other hosts and users that this user's slave keeps open.
import type { Command } from 'commander';
import { Option } from 'commander';
import { orAborted } from '../abort';
import { EXIT } from '../errors';
import { FORMATS, type Format } from '../render';
import { busOption } from './domain-options';
import { type ErrandOptions, onErrand } from './errand';
import { showObjects } from './show-objects';
import type { Surroundings } from './surroundings';

/** Class of an entry: a table has its columns (src/classes/domain.ts). */
const DOMAIN_CLASS = 'hotwire.domains.Domain';

const DOMAINS_HELP = `
The slave on the session bus keeps a domain open for a while after its last
use, so that the next pipeline there starts at once. Without a session bus
nothing is kept open here (ssh keeps its own master for some minutes).
`;

const DEFAULTS = { color: 'auto', progress: false } as const;

interface DomainsOptions extends ErrandOptions {
  readonly format?: Format;
}

/** Adds the commands to the program; `ended` is told the exit status. */
export function addDomainCommands(
  program: Command,
  surroundings: Surroundings,
  ended: (status: Promise<number>) => Promise<void>,
): void {
  program
    .command('domains')
    .summary('list open domains')
    .description('List the domains that the slave of this user keeps open.')
    .addOption(new Option('--format <format>', 'format of the output').choices(FORMATS))
    .addOption(busOption())
    .addHelpText('after', DOMAINS_HELP)
    .action((options: DomainsOptions) => ended(list({ ...DEFAULTS, ...options }, surroundings)));
  program
    .command('close')
    .summary('close open domains')
    .description('Close domains that nobody uses.')
    .argument('<hosts...>', 'addresses, as hotwire domains shows them, or (folded) names of hosts of ssh')
    .addOption(busOption())
    .action((addresses: string[], options: object) =>
      ended(close(addresses, { ...DEFAULTS, ...options }, surroundings)),
    );
}

function list(options: DomainsOptions, surroundings: Surroundings): Promise<number> {
  return onErrand(surroundings, options, async (domain, { halt, screen }) => {
    const domains = await orAborted(domain.domains(), halt.signal);
    await showObjects(screen, DOMAIN_CLASS, [domains], options.format);
    return EXIT.ok;
  });
}

function close(addresses: readonly string[], options: ErrandOptions, surroundings: Surroundings): Promise<number> {
  return onErrand(surroundings, options, async (domain, { halt, screen }) => {
    const { formatDomainAddress, parseDomainAddress, resolveHosts } = await import('../client');
    let status: number = EXIT.ok;
    const hosts = addresses.flatMap((text) =>
      /^\w+:/.test(text)
        ? [formatDomainAddress(parseDomainAddress(text))]
        : resolveHosts(text, surroundings.environment).map(({ address }) => address),
    );
    for (const address of hosts) {
      const of = (all: Awaited<ReturnType<typeof domain.domains>>) => all.filter((each) => each.address === address);
      const open = of(await orAborted(domain.domains(), halt.signal));
      for (const { path } of open) await orAborted(domain.closeDomain(path), halt.signal);
      const left = open.length === 0 ? open : of(await orAborted(domain.domains(), halt.signal));
      if (open.length > 0 && left.length === 0) continue;
      const why = open.length === 0 ? "it is not open ('hotwire domains' lists those)" : 'another client is using it';
      screen.complain(`${address}: ${why}`);
      status = EXIT.failed;
    }
    return status;
  });
}
