/** `hotwire-slave`: where it serves, when it ends. */
import { statSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { createRegistry } from '../builtins';
import { BUS_NAME } from '../contract';
import { homeOf } from '../engine';
import { EXIT, HotwireError } from '../errors';
import { END_BOUND_MS } from '../limits';
import { VERSION } from '../version';
import { type Connection, sessionBusAddress } from '../wire';
import { type BusSlave, serveOnBus } from './bus';
import { IdleTimer } from './idle-timer';
import { createLog, type Logger } from './log';
import type { Service } from './service';
import { serveOnStdio } from './stdio';

interface Options {
  session?: true;
  address?: string;
  stdio?: true;
  idleExit?: number;
  logLevel?: string;
}

const EXIT_STATUSES = `
Exit statuses:
  0  asked to end (SIGTERM, the end of stdin or of the bus), or idle for long enough
  2  wrong usage
  3  the bus can't be had, or another slave has the name

Its log is JSON lines on stderr.`;

function parseOptions(argv: string[]): Options {
  const command = new Command('hotwire-slave')
    .description(`Runs pipelines for others: exports ${BUS_NAME} on a D-Bus connection.`)
    .version(VERSION)
    .addOption(new Option('--session', 'serve on the session bus of the environment').conflicts(['address', 'stdio']))
    .addOption(new Option('--address <address>', 'serve on the bus at this D-Bus address').conflicts('stdio'))
    .addOption(new Option('--stdio', 'serve one peer on stdin and stdout'))
    .option('--idle-exit <seconds>', 'end when no client has been there for so long', positiveNumber)
    .addOption(
      new Option('--log-level <level>', 'least important log lines to write')
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .env('HOTWIRE_LOG')
        .default(undefined, 'info; warn with --stdio, whose stderr is the terminal of whoever started it'),
    )
    .addHelpText('after', EXIT_STATUSES)
    .allowExcessArguments(false)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage))
    .parse(argv);
  const options = command.opts<Options>();
  if (!options.session && !options.address && !options.stdio) {
    command.error("say where to serve: --session, --address ADDRESS or --stdio (see 'hotwire-slave --help')");
  }
  return options;
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('must be a number of seconds above 0.');
  return value;
}

/** Runs until asked to end; resolves with the exit status. */
async function serve(options: Options, log: Logger): Promise<number> {
  const registry = createRegistry();
  if (options.stdio) {
    const { connection, service } = await serveOnStdio({ registry, log, directory: workingDirectory() });
    return untilEnd(connection, service, log);
  }
  const address = options.address ?? sessionBusAddress(process.env);
  if (address === undefined) {
    throw new HotwireError(
      'Disconnected',
      'there is no session bus: DBUS_SESSION_BUS_ADDRESS is not set (dbus-run-session starts one)',
    );
  }
  const idle = new IdleTimer(options.idleExit, () => void leaveIfIdle(slave, log));
  const onIdle = (isIdle: boolean) => (isIdle ? idle.start() : idle.stop());
  const slave = await serveOnBus(address, { registry, log, directory: startDirectory(), onIdle });
  log.info({ address, busName: BUS_NAME, version: VERSION }, 'ready');
  idle.start();
  return untilEnd(slave.connection, slave.service, log);
}

async function leaveIfIdle(slave: BusSlave, log: Logger): Promise<void> {
  try {
    if (await slave.leaveIfIdle()) await slave.connection.close();
  } catch (error) {
    // Its clients still have it under its unique name; a new one will start another slave.
    log.error({ err: error }, 'could not leave the bus in good order');
  }
}

/** Where the contexts of a bus's clients start: the user's home, unless there is none. */
function startDirectory(): string {
  const home = homeOf(process.env);
  return statSync(home, { throwIfNoEntry: false })?.isDirectory() ? home : '/';
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
async function untilEnd(connection: Connection, service: Service, log: Logger): Promise<number> {
  const reason = await new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => resolve(signal));
    if (connection.closed) resolve('the connection ended');
    connection.once('close', (error) => resolve(error?.message ?? 'the connection ended'));
  });
  log.info({ reason }, 'ending');
  const late = setTimeout(() => {
    log.error({ bound: END_BOUND_MS }, 'pipelines could not be ended in time: leaving them');
    process.exit(EXIT.failed);
  }, END_BOUND_MS);
  await service.close(new HotwireError('Domain.Closed', `the slave was ended (${reason})`));
  clearTimeout(late);
  // A parent may be waiting for our end before it closes its side.
  await connection.close({ follow: false });
  return EXIT.ok;
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv);
  const level = options.logLevel ?? (options.stdio ? 'warn' : 'info');
  const log = createLog(level);
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
