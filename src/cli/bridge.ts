// `hotwire bridge`: a local D-Bus address to a bus elsewhere, in the background unless told otherwise.
import { constants, fstatSync, readFileSync, statSync } from 'node:fs';
import { devNull } from 'node:os';
import { orAborted } from '../abort';
import { EXIT, HotwireError } from '../errors';
import { Sink } from '../render';
import { report, startInBackground } from './bridge-background';
import type { BridgeCommandOptions } from './bridge-command';
import { onInterrupt } from './interrupt';
import { logIn } from './login';
import { failureStatus, failureText } from './outcome';
import { Screen } from './screen';
import type { Surroundings } from './surroundings';

/** The part of a descriptor's flags that says how it was opened, and its value for both ways. */
const ACCESS_MODE = constants.O_RDONLY | constants.O_WRONLY | constants.O_RDWR;

/** Does what the command says; a failure is told on standard error. @returns the exit status */
export async function bridge(
  address: string,
  options: BridgeCommandOptions,
  surroundings: Surroundings,
): Promise<number> {
  const halt = new AbortController();
  const stopListening = onInterrupt(
    surroundings.signals,
    (reason) => halt.abort(reason),
    (status) => surroundings.leave(status),
  );
  const screen = new Screen(surroundings, { color: 'auto', progress: false, outputFailed: (why) => halt.abort(why) });
  const work = { address, options, surroundings, signal: halt.signal };
  try {
    if (options.end !== undefined) await orAborted(end(options.end, halt.signal), halt.signal);
    else await orAfterLogin(() => (options.foreground ? hold(work) : leaveBehind(work)), work, screen);
    return EXIT.ok;
  } catch (thrown) {
    const words = failureText(thrown, false);
    if (words !== undefined) screen.complain(words);
    return failureStatus(thrown);
  } finally {
    stopListening();
    await screen.flushErrors();
  }
}

interface Work {
  readonly address: string;
  readonly options: BridgeCommandOptions;
  readonly surroundings: Surroundings;
  /** Aborted with the reason to stop. */
  readonly signal: AbortSignal;
}

/** Once more, where somebody at this terminal has logged in to what a program alone can't. */
async function orAfterLogin(begin: () => Promise<void>, work: Work, screen: Screen): Promise<void> {
  const { address, options, surroundings, signal } = work;
  if (!options.report) assertOpen(surroundings.stdout);
  try {
    await begin();
  } catch (thrown) {
    if (options.report || !(thrown instanceof HotwireError)) throw thrown;
    const helped = await logIn(address, thrown, surroundings, screen);
    signal.throwIfAborted();
    if (!helped) throw thrown;
    await begin();
  }
}

/** In the background. @throws as `startInBackground` */
async function leaveBehind({ address, options, surroundings, signal }: Work): Promise<void> {
  const { bus, idleExit } = options;
  const given = ['--bus', bus, '--idle-exit', String(idleExit), '--', address];
  const words = ['bridge', '--foreground', '--report', ...given];
  await startInBackground(words, surroundings.environment, signal, (found) => print(found, surroundings));
}

async function end(address: string, signal: AbortSignal): Promise<void> {
  const { endBridge } = await import('../client');
  await endBridge(address, { signal });
}

/** Until it ends. @throws why the far side can't be had, or that it has gone; the signal's reason */
async function hold({ address, options, surroundings, signal }: Work): Promise<void> {
  const { bus, idleExit: idleS } = options;
  const { Bridge } = await import('../client');
  const tell = (outcome: string | HotwireError) => (options.report ? report(outcome) : undefined);
  const { environment } = surroundings;
  const opened = await Bridge.open(address, { bus, environment, idleS, signal }).catch(async (thrown: unknown) => {
    await tell(HotwireError.from(thrown));
    throw thrown;
  });
  try {
    await orAborted(tell(opened.address) ?? print(opened.address, surroundings), signal);
    const reason = await orAborted(opened.ended, signal);
    // Not by its own kind: that is for who opens one.
    if (reason !== undefined) throw new HotwireError('Domain.Closed', reason.message, { cause: reason });
  } finally {
    await opened.close();
  }
}

/** @throws when it can't be written, as nobody would know the address */
async function print(address: string, { stdout }: Surroundings): Promise<void> {
  const sink = new Sink(stdout, { name: 'standard output' });
  sink.push(`${address}\n`);
  await sink.flush();
}

/**
 * Where a descriptor was closed Node opens the null device, for both ways, which a shell's `>` does not: nobody would know
 * the address. @throws Failed
 */
function assertOpen({ fd }: Surroundings['stdout'] & { readonly fd?: unknown }): void {
  if (typeof fd !== 'number' || fstatSync(fd).rdev !== statSync(devNull).rdev) return;
  const [, flags = ''] = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')) ?? [];
  if ((Number.parseInt(flags, 8) & ACCESS_MODE) !== constants.O_RDWR) return;
  throw new HotwireError('Failed', 'standard output is closed: there is nowhere to write to');
}
