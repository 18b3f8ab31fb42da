// A person logs in where a program alone can't: ssh asks on the terminal, and leaves a connection that is found again.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { HotwireError } from '../errors';
import type { Screen } from './screen';
import type { Surroundings } from './surroundings';

/** Has somebody at this terminal log in to a domain. @returns whether it is worth to open it again */
export async function logIn(
  address: string,
  error: HotwireError,
  { stdinIsTerminal, stderr, environment, signals }: Surroundings,
  screen: Screen,
): Promise<boolean> {
  if (!stdinIsTerminal || stderr.isTTY !== true) return false;
  const { loginCommand, loginHelps } = await import('../client/login');
  const login = loginHelps(error) ? loginCommand(address, environment) : undefined;
  const [program, ...args] = login?.words ?? [];
  if (login === undefined || program === undefined) return false;
  screen.hold(true);
  const child = spawn(program, args, { stdio: 'inherit', env: login.environment });
  const end = () => void child.kill();
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) signals.on(signal, end);
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    return code === 0;
  } catch (cause) {
    screen.complain(`${program} can't be started: ${HotwireError.from(cause).message}`);
    return false;
  } finally {
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) signals.off(signal, end);
    screen.hold(false);
  }
}
