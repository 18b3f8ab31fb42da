/** `hotwire-slave`: where it serves, when it ends. */
import { EventEmitter, once } from 'node:events';
import { statSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { createRegistry } from '../builtins';
import { BUS_NAME } from '../contract';
import {
  type AddressPart,
  BRIDGED_BUSES,
  type BridgedBus,
  DomainDirectory,
  keepAlive,
  ownResidentPlace,
  rerunLocked,
  routeOfArgument,
} from '../domains';
import { homeOf } from '../engine';
import { EXIT, HotwireError } from '../errors';
import { END_BOUND_MS, KEEP_ALIVE_COUNT, MAX_TIMER_MS, RESIDENT_IDLE_S } from '../limits';
import { configure } from '../settings';
import { VERSION } from '../version';
import { type Connection, sessionBusAddress } from '../wire';
import { Accounts } from './account';
import { bridgeOnStdio } from './bridge';
import { type BusSlave, serveOnBus } from './bus';
import { IdleTimer } from './idle-timer';
import { type LoadedSettings, loadSettings, showSettings } from './load-settings';
import { createLog, type Logger } from './log';
import { ResidentSlave } from './resident';
import type { Service, ServiceOptions } from './service';
import { serveOnStdio } from './stdio';

/** A timer of more would fire at once. */
const MAX_TIMER_S = Math.floor(MAX_TIMER_MS / 1000);

interface Options {
  session?: true;
  address?: string;
  stdio?: true;
  resident?: true;
  bridge?: BridgedBus;
  idleExit?: number;
  keepAlive?: number;
  logLevel?: string;
  limit: string[];
  limits?: true;
}

const EXIT_STATUSES = `
Exit statuses:
  0  asked to end (SIGTERM, the end of stdin or of the bus), or idle for long enough
  2  wrong usage, or a setting that makes no sense
  3  the bus can't be had, or another slave has the name

Its log is JSON lines on stderr.`;

function parseOptions(argv: string[]): Options & { loaded: LoadedSettings; route: AddressPart[] } {
  const command = new Command('hotwire-slave')
    .description(`Runs pipelines for others: exports ${BUS_NAME} on a D-Bus connection.`)
    .version(VERSION)
    .addOption(new Option('--session', 'serve on the session bus of the environment').conflicts(['address', 'stdio']))
    .addOption(new Option('--address <address>', 'serve on the bus at this D-Bus address').conflicts('stdio'))
    .addOption(new Option('--stdio', 'serve one peer on stdin and stdout').conflicts('resident'))
    .addOption(
      new Option('--resident', 'hold detached pipelines, for the other slaves of this user (they start it)').conflicts([
        'session',
        'address',
      ]),
    )
    .addOption(
      new Option('--bridge <bus>', 'carry the bytes of one D-Bus client on stdin and stdout (hotwire bridge starts it)')
        .choices(BRIDGED_BUSES)
        .conflicts(['session', 'address', 'stdio', 'resident']),
    )
    .argument('[address]', 'with --bridge: the domain whose bus it is, if not this one')
    .addOption(
      new Option('--keep-alive <seconds>', 'with --stdio: end when the peer has been silent for so long')
        .argParser(seconds)
        .hideHelp(),
    )
    .option('--idle-exit <seconds>', 'end when no client has been there for so long', seconds)
    .addOption(
      new Option('--log-level <level>', 'least important log lines to write')
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .env('HOTWIRE_LOG')
        .default(undefined, 'info; warn with --stdio, whose stderr is the terminal of whoever started it'),
    )
    .option('--limit <name=value>', 'set a limit, e.g. maxLineBytes=16M (may be given often)', collect, [])
    .option('--limits', 'print the limits, their values and where each came from, and end')
    .addHelpText('after', EXIT_STATUSES)
    .allowExcessArguments(false)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage))
    .parse(argv);
  const options = command.opts<Options>();
  const [address = ''] = command.args;
  const { limits, session, stdio, resident, bridge } = options;
  if (!(limits || session || options.address || stdio || resident || bridge)) {
    command.error(
      "say where to serve: --session, --address ADDRESS, --stdio or --resident (see 'hotwire-slave --help')",
    );
  }
  if (address !== '' && bridge === undefined) command.error(`error: '${address}' has no meaning without --bridge`);
  try {
    return {
      ...options,
      route: routeOfArgument(address),
      loaded: loadSettings({ environment: process.env, limits: options.limit }),
    };
  } catch (error) {
    return command.error(`error: ${HotwireError.from(error).message}`);
  }
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= MAX_TIMER_S)) {
    throw new InvalidArgumentError(`must be a number of seconds above 0, and at most ${MAX_TIMER_S}.`);
  }
  return value;
}

/** Runs until asked to end; resolves with the exit status. */
async function serve(options: Options & { route: AddressPart[] }, log: Logger): Promise<number> {
  const { bridge, route } = options;
  if (bridge !== undefined && (bridge !== 'slave' || route.length > 0))
    return bridgeOnStdio(bridge, route, process.env);
  const domains = new DomainDirectory({ log: (event, message) => log.info(event, message) });
  const shared = { registry: createRegistry(), log, accounts: new Accounts(), domains, program: ownProgram() };
  if (options.stdio || bridge === 'slave') {
    const { connection, service } = await serveOnStdio({ ...shared, directory: workingDirectory() });
    if (options.keepAlive !== undefined) expectPeer(connection, options.keepAlive);
    return untilEnd(connection, service, shared);
  }
  if (options.resident) return serveAsResident(shared, options.idleExit ?? RESIDENT_IDLE_S);
  const address = options.address ?? sessionBusAddress(process.env);
  if (address === undefined) {
    throw new HotwireError(
      'Disconnected',
      'there is no session bus: DBUS_SESSION_BUS_ADDRESS is not set (dbus-run-session starts one)',
    );
  }
  const idle = new IdleTimer(options.idleExit, () => void leaveIfIdle(slave, log));
  const onIdle = (isIdle: boolean) => (isIdle ? idle.start() : idle.stop());
  const slave = await serveOnBus(address, { ...shared, directory: startDirectory(), onIdle });
  log.info({ address, busName: BUS_NAME, version: VERSION }, 'ready');
  idle.start();
  return untilEnd(slave.connection, slave.service, shared);
}

/** Whoever started us says something at least that often, unless it is stopped, or the link between us is cut. */
function expectPeer(connection: Connection, seconds: number): void {
  keepAlive(connection, { intervalMs: (seconds * 1000) / KEEP_ALIVE_COUNT, count: KEEP_ALIVE_COUNT, asks: false });
}

async function leaveIfIdle(slave: BusSlave, log: Logger): Promise<void> {
  try {
    if (await slave.leaveIfIdle()) await slave.connection.close();
  } catch (error) {
    // Its clients still have it under its unique name; a new one will start another slave.
    log.error({ err: error }, 'could not leave the bus in good order');
  }
}

/** On the socket of this user, until a signal to end or until it has been idle for so many seconds. */
async function serveAsResident(options: Omit<ServiceOptions, 'directory' | 'uidOf'>, idleS: number): Promise<number> {
  const { log, domains } = options;
  const place = ownResidentPlace(process.env);
  const status = await rerunLocked(place);
  if (status !== undefined) return status;
  const left = new EventEmitter<{ idle: [] }>();
  const idle = new IdleTimer(idleS, () => left.emit('idle'));
  const onIdle = (isIdle: boolean) => (isIdle ? idle.start() : idle.stop());
  const slave = await ResidentSlave.listen(place, { ...options, directory: startDirectory() }, onIdle);
  log.info({ socket: place.socket, version: VERSION }, 'ready');
  // Whoever has started us waits for this line, and reads no more.
  process.stdout.on('error', () => undefined);
  process.stdout.write('ready\n');
  idle.start();
  const lost = slave.lost().then(() => 'its directory was removed');
  const ended = Promise.race([signalToEnd(), lost]).then((reason) => ({ reason }));
  for (;;) {
    const end = await Promise.race([once(left, 'idle').then(() => undefined), ended]);
    if (end === undefined && !(await slave.leaveIfIdle())) continue;
    const { reason } = end ?? { reason: 'idle' };
    log.info({ reason }, 'ending');
    const error = new HotwireError('Domain.Closed', `the resident slave was ended (${reason})`);
    await withinBound(Promise.all([slave.close(error), domains.end(error)]), log);
    return EXIT.ok;
  }
}

/** Where the contexts of a bus's clients start: the user's home, unless there is none. */
function startDirectory(): string {
  const home = homeOf(process.env);
  return statSync(home, { throwIfNoEntry: false })?.isDirectory() ? home : '/';
}

/** What starts another slave like this one; the interpreter alone where it was sent here and could not be kept. */
function ownProgram(): string[] {
  return [process.execPath, ...process.argv.slice(1, 2).filter((file) => file !== '')];
}

/** Where we were started; the root when that directory has been removed. */
function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return '/';
  }
}

/** Waits for a signal to end, or for the connection's end; then ends every pipeline. */
async function untilEnd(
  connection: Connection,
  service: Service,
  { log, domains }: Pick<ServiceOptions, 'log' | 'domains'>,
): Promise<number> {
  const closed = new Promise<string>((resolve) => {
    if (connection.closed) resolve('the connection ended');
    connection.once('close', (error) => resolve(error?.message ?? 'the connection ended'));
  });
  const reason = await Promise.race([signalToEnd(), closed]);
  log.info({ reason }, 'ending');
  const error = new HotwireError('Domain.Closed', `the slave was ended (${reason})`);
  await withinBound(Promise.all([service.close(error), domains.end(error)]), log);
  // A parent may be waiting for our end before it closes its side.
  await connection.close({ follow: false });
  return EXIT.ok;
}

/** The name of the first signal that asks us to end. */
function signalToEnd(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => resolve(signal));
  });
}

/** Leaves pipelines that can't be ended in time. */
async function withinBound(ending: Promise<unknown>, log: Logger): Promise<void> {
  const late = setTimeout(() => {
    log.error({ bound: END_BOUND_MS }, 'pipelines could not be ended in time: leaving them');
    process.exit(EXIT.failed);
  }, END_BOUND_MS);
  await ending;
  clearTimeout(late);
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv);
  if (options.limits) {
    process.stdout.write(showSettings(options.loaded));
    return;
  }
  configure(options.loaded.values);
  const level = options.logLevel ?? (options.stdio || options.bridge ? 'warn' : 'info');
  const log = createLog(level);
  for (const warning of options.loaded.warnings) log.warn(warning);
  try {
    process.exitCode = await serve(options, log);
  } catch (thrown) {
    const error = HotwireError.from(thrown);
    log.fatal({ err: level === 'debug' ? error : undefined }, error.message);
    process.exitCode = EXIT.domain;
  }
  // Whatever a library may still hold open (an idle child, a socket's linger) must not keep an ended slave alive.
  process.exit();
}

void main();
