// The arguments of `hotwire bridge`, and its help.
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { BridgedBus } from '../client';
import { BRIDGE_IDLE_S, MAX_TIMER_MS } from '../limits';

const AFTER_HELP = `
Prints a D-Bus address of this machine that leads to a bus of the domain. Any
D-Bus client of yours may connect to it, several at once, whatever your uid is
there; no other user of this machine may. It stays in the background until the
far side has gone, nobody has used it for an hour (--idle-exit), or --end.

--bus session  your session bus there (the default)
--bus system   the system bus there
--bus slave    a slave of hotwire there, for clients of org.hotwireshell.Slave1

Examples:
  busctl --address="$(hotwire bridge ssh:web1 --bus system)" list
  BUS=$(hotwire bridge ssh:web1/sudo:postgres)
  DBUS_SESSION_BUS_ADDRESS=$BUS d-feet
  hotwire bridge --end "$BUS"

Exit status: 0 it works (with --foreground: it was idle, or was ended by --end),
2 the command line is wrong, 3 the bus can't be had, or the far side has gone.
`;

const BUSES = ['session', 'system', 'slave'] as const satisfies readonly BridgedBus[];
const MAX_SECONDS = Math.floor(MAX_TIMER_MS / 1000);

export interface BridgeCommandOptions {
  readonly bus: BridgedBus;
  readonly foreground?: boolean;
  /** In seconds; 0 never. */
  readonly idleExit: number;
  /** A bridge to end, by its D-Bus address. */
  readonly end?: string;
  /** Set by `startInBackground`. */
  readonly report?: boolean;
}

/** Adds `bridge` to the program; `action` gets the address of the domain, '' with `end`, and the checked options. */
export function addBridgeCommand(
  program: Command,
  action: (address: string, options: BridgeCommandOptions) => Promise<void>,
): void {
  const command = program
    .command('bridge')
    .summary('give a local D-Bus address to a bus elsewhere')
    .description('Give a local D-Bus address to a bus of another host, user or container.')
    .argument('[address]', "the domain, e.g. ssh:web1 or sudo:postgres; 'local:' is this one")
    .addOption(new Option('--bus <bus>', 'which bus there').choices(BUSES).default('session'))
    .option('--foreground', 'stay until Ctrl-C')
    .option('--idle-exit <seconds>', 'end when unused for so long; 0: never', parseSeconds, BRIDGE_IDLE_S)
    .addOption(new Option('--end <d-bus address>', 'end a bridge, by what it printed').conflicts('foreground'))
    .addOption(new Option('--report').hideHelp())
    .addHelpText('after', AFTER_HELP);
  command.action((address: string | undefined, options: BridgeCommandOptions) => {
    if (options.end === undefined && address === undefined) command.error("missing required argument 'address'");
    if (options.end !== undefined && address !== undefined) command.error("'--end' takes no address of a domain");
    return action(address ?? '', options);
  });
}

function parseSeconds(text: string): number {
  if (/^\d{1,9}$/.test(text) && Number(text) <= MAX_SECONDS) return Number(text);
  throw new InvalidArgumentError(`It must be a whole number of seconds, at most ${MAX_SECONDS}.`);
}
