// A bridge that stays behind when its command has returned: the same command once more, in a session of its own and with no
// stream of ours, so that `$(hotwire bridge …)` returns and a closed terminal does not reach it. It tells how it went over
// a channel that is closed after that.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { orAborted } from '../abort';
import { type ErrorKind, HotwireError } from '../errors';

/** What the process in the background tells: the address, or why there is none. */
type Report = { readonly address: string } | { readonly kind: ErrorKind; readonly message: string };

/** @param words of the command @returns the address of the bridge @throws why there is none; the signal's reason */
export async function startInBackground(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<string> {
  const child = spawn(process.execPath, [...process.argv.slice(1, 2), ...words], {
    detached: true,
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
    if ('address' in report) return report.address;
    throw new HotwireError(report.kind, report.message);
  } catch (thrown) {
    child.kill('SIGTERM');
    throw thrown;
  } finally {
    child.unref();
    if (child.connected) child.disconnect();
  }
}

/** In the background: tells whoever waits there, who then goes. @throws Cancelled when nobody waits any more */
export async function report(outcome: string | HotwireError): Promise<void> {
  const message: Report =
    typeof outcome === 'string' ? { address: outcome } : { kind: outcome.kind, message: outcome.message };
  await new Promise<void>((resolve, reject) => {
    const sent = (error?: Error | null) => {
      if (error) reject(new HotwireError('Cancelled', 'whoever wanted the bridge has gone', { cause: error }));
      else resolve();
    };
    if (process.send === undefined) sent(new Error('no channel'));
    else process.send(message, undefined, undefined, sent);
  });
  if (process.connected) process.disconnect();
}
