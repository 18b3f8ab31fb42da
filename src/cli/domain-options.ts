// Options that say in which domains a command does its work, and which slave leads there.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { FANOUT } from '../limits';

/** Options of every command that speaks to a slave. */
export interface DomainOptions {
  /** Address of the bus. */
  readonly bus?: string;
  readonly embedded?: boolean;
  /** Folded names of hosts. */
  readonly hosts?: string;
  /** Addresses of domains. */
  readonly domain?: readonly string[];
  /** Domains that are spoken to at once. */
  readonly fanout?: number;
}

export function busOption(): Option {
  return new Option('--bus <address>', 'use the slave on that bus, not on the session bus');
}

export function embeddedOption(): Option {
  return new Option('--embedded', 'use no bus: start a slave of its own');
}

/** What `addDomainOptions` says of its options, below the help of a command. */
export const DOMAIN_HELP = `
HOSTS are folded names, as ClusterShell has them: web1,db1  web[1-20]
web[01-20/2,30]  rack[1-2]n[1-4]  web[1-9]!web3 (without)  a&b (in both)
a^b (in one). @name is a group of ~/.config/hotwire/groups or
/etc/hotwire/groups (a line each, name: hosts), @ssh:web* hosts of
~/.ssh/config, @* all groups. An ADDRESS is ssh:web1, sudo:postgres,
ssh:web1/sudo:postgres, exec:docker exec -i C, …
`;

/** -H, -t, --fanout, --bus and --embedded. */
export function addDomainOptions(command: Command): Command {
  return command
    .option('-H, --hosts <hosts>', 'on these hosts, by ssh; may be repeated', join)
    .option('-t, --domain <address>', 'in that domain; may be repeated', collect)
    .option('--fanout <number>', `on so many hosts at once (${FANOUT}, if not given)`, parseFanout)
    .addOption(busOption())
    .addOption(embeddedOption());
}

/** Where the work is done, as it was typed; empty for this machine. */
export function typedDomain({ hosts, domain = [] }: DomainOptions): string {
  return [...(hosts === undefined ? [] : [hosts]), ...domain].join(',');
}

function join(text: string, before?: string): string {
  return before === undefined ? text : `${before},${text}`;
}

function collect(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

function parseFanout(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number, 1 or more.');
}
