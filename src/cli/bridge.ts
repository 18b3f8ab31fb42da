// `hotwire bridge`: a local D-Bus address to a bus elsewhere, in the background unless told otherwise.
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
    if (options.end !== undefined) await end(options.end);
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
async function orAfterLogin(begin: () => Promise<void>, { address, options, surroundings }: Work, screen: Screen) {
  try {
    await begin();
  } catch (thrown) {
    if (options.report || !(thrown instanceof HotwireError)) throw thrown;
    if (!(await logIn(address, thrown, surroundings, screen))) throw thrown;
    await begin();
  }
}

/** In the background. @throws as `startInBackground` */
async function leaveBehind({ address, options, surroundings, signal }: Work): Promise<void> {
  const { bus, idleExit } = options;
  const given = ['--bus', bus, '--idle-exit', String(idleExit), '--', address];
  const words = ['bridge', '--foreground', '--report', ...given];
  await print(await startInBackground(words, surroundings.environment, signal), surroundings);
}

async function end(address: string): Promise<void> {
  const { endBridge } = await import('../client');
  await endBridge(address);
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
    await (tell(opened.address) ?? print(opened.address, surroundings));
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
