// A person logs in where a program alone can't: ssh asks on the terminal, and leaves a connection that is found again.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { HotwireError } from '../errors';
import type { Screen } from './screen';
import type { Surroundings } from './surroundings';

/** What ends a login that is under way. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** A signal of the terminal goes to ssh and to us: ours may come so much later than the news that it has ended ssh. */
const SIGNAL_WAIT_MS = 1000;

/**
 * Has somebody at this terminal log in to a domain.
 * @returns whether it is worth to open it again; false, too, where nobody can be asked, or a signal has ended it
 * @throws of the kind of `error`, why nobody can log in from here; or that it was tried and has failed
 */
export async function logIn(
  address: string,
  error: HotwireError,
  { stdinIsTerminal, stderr, environment, signals }: Surroundings,
  screen: Screen,
): Promise<boolean> {
  if (!stdinIsTerminal || stderr.isTTY !== true) return false;
  const command = await commandFor(address, error, environment);
  const [program, ...args] = command?.words ?? [];
  if (command === undefined || program === undefined) return false;
  screen.hold(true);
  let stopped = false;
  let tellStopped: () => void = () => undefined;
  const isStopped = new Promise<void>((resolve) => {
    tellStopped = resolve;
  });
  let child: ChildProcess | undefined;
  const stop = (signal: NodeJS.Signals) => {
    stopped = true;
    tellStopped();
    child?.kill(signal);
  };
  for (const signal of ENDING) signals.on(signal, stop);
  try {
    // It asks on the terminal itself. What it writes to standard output is never ours: that is for the objects.
    child = spawn(program, args, { stdio: ['inherit', 'ignore', 'inherit'], env: command.environment });
    const [code, killer] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    if (code === 0) return true;
    if (killer !== null) await Promise.race([isStopped, delay(SIGNAL_WAIT_MS, undefined, { ref: false })]);
    if (stopped || killer !== null) return false;
    throw failed(address, error, `${program} ended with status ${code}`);
  } catch (thrown) {
    if (thrown instanceof HotwireError) throw thrown;
    screen.complain(`${program} can't be started: ${HotwireError.from(thrown).message}`);
    return false;
  } finally {
    for (const signal of ENDING) signals.off(signal, stop);
    screen.hold(false);
  }
}

async function commandFor(address: string, error: HotwireError, environment: NodeJS.ProcessEnv) {
  const { loginCommand, loginHelps } = await import('../client/login');
  if (!loginHelps(error)) return undefined;
  try {
    return loginCommand(address, environment);
  } catch (thrown) {
    const { message } = HotwireError.from(thrown);
    throw new HotwireError(error.kind, `${error.message}\n${message}`, { cause: error });
  }
}

/** It has been tried, so it is no advice any more; and what ssh said of it is on the terminal. */
function failed(address: string, cause: HotwireError, how: string): HotwireError {
  const kind = cause.kind === 'Domain.PromptNeeded' ? 'Domain.LoginRefused' : cause.kind;
  const advice = 'check the user, the password and the host key, or use a key and an agent';
  return new HotwireError(kind, `${address}: the login at this terminal failed (${how}): ${advice}`, { cause });
}
