// A bridge that stays behind when its command has returned: the same command once more, in a session of its own and with no
// stream of ours, so that `$(hotwire bridge …)` returns and a closed terminal does not reach it. It tells how it went over
// a channel, and goes on only once it has heard there that its address is known: nobody else could ever end it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { orAborted } from '../abort';
import { type ErrorKind, HotwireError } from '../errors';

/** What the process in the background tells: the address, or why there is none. */
type Report = { readonly address: string } | { readonly kind: ErrorKind; readonly message: string };
/** What it is told once somebody knows the address. */
const KNOWN = 'known';

/**
 * @param words of the command
 * @param tell makes the address known; where it can't be, the bridge ends
 * @throws why there is none; the signal's reason; what `tell` throws
 */
export async function startInBackground(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
  tell: (address: string) => Promise<void>,
): Promise<void> {
  const child = spawn(process.execPath, [...process.argv.slice(1, 2), ...words], {
    detached: true,
    cwd: '/', // it keeps nothing from being unmounted or removed
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: environment,
  });
  const ended = once(child, 'exit').then(([code, killer]): Report => {
    const message = `the bridge ended before it listened (${killer ?? `status ${code}`}): --foreground shows more`;
    return { kind: 'Failed', message };
  });
  const told = once(child, 'message').then(([report]) => report as Report);
  told.catch(() => undefined); // that it can't be started is told by `ended`
  try {
    const report = await orAborted(Promise.race([told, ended]), signal);
    if (!('address' in report)) throw new HotwireError(report.kind, report.message);
    await orAborted(tell(report.address), signal);
    await send(child, KNOWN);
  } catch (thrown) {
    child.kill('SIGTERM');
    throw thrown;
  } finally {
    child.unref();
    if (child.connected) child.disconnect();
  }
}

/**
 * In the background: tells whoever waits there. Resolves once the address is known to somebody.
 * @throws Failed when nobody waits any more, or nobody got to know it
 */
export async function report(outcome: string | HotwireError): Promise<void> {
  const message: Report =
    typeof outcome === 'string' ? { address: outcome } : { kind: outcome.kind, message: outcome.message };
  const answered = new Promise<boolean>((resolve) => {
    process.once('message', (answer) => resolve(answer === KNOWN));
    process.once('disconnect', () => resolve(false));
    if (!process.connected) resolve(false);
  });
  await send(process, message);
  if ('address' in message && !(await answered)) throw gone();
  if (process.connected) process.disconnect();
}

function send(to: Pick<ChildProcess, 'send'> | NodeJS.Process, message: Report | string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = (error?: Error | null) => (error ? reject(gone(error)) : resolve());
    if (to.send === undefined) sent(new Error('no channel'));
    else to.send(message, undefined, undefined, sent);
  });
}

function gone(cause?: Error): HotwireError {
  const message = 'the bridge and its command have lost each other: try again (--foreground shows more)';
  return new HotwireError('Failed', message, { cause });
}
