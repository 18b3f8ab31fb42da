/** The slave on a message bus: found, or started. */
import { spawn } from 'node:child_process';
import { BUS_NAME } from '../contract';
import { type FoundSlave, findSlaveAt } from '../domains/open';
import { HotwireError } from '../errors';
import { STARTED_SLAVE_IDLE_S } from '../limits';
import { type Connection, callBus, type IncomingMessage, MessageFlag, ownerChange } from '../wire';
import { notSpawned, slaveProgram } from './embedded';

const OWNER_CHANGES = `type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='${BUS_NAME}'`;

/** Errors of a bus that has nobody of that name. */
const NOBODY: readonly string[] = ['NameHasNoOwner', 'ServiceUnknown'];

export interface BusOptions {
  /** Of the bus. */
  readonly address: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  /** Gives up when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The slave on this bus. One that does not run is started: by the bus if it can, else by us; ours leaves again when it has
 * been idle for a while.
 * @throws Domain.ProgramMissing or Domain.TimedOut when none can be started; the reason of the signal
 */
export async function findSlave(connection: Connection, options: BusOptions): Promise<FoundSlave> {
  const { timeoutMs } = options;
  const watching = callBus(connection, 'AddMatch', 's', [OWNER_CHANGES]);
  const [found] = await Promise.all([running(connection, timeoutMs), watching]);
  if (found !== undefined) return found;
  if (await activate(connection, timeoutMs)) {
    const activated = await running(connection, timeoutMs);
    if (activated !== undefined) return activated;
  }
  return findSlaveAt(connection, { destination: await startOn(connection, options), timeoutMs });
}

/** The slave if it runs. */
async function running(connection: Connection, timeoutMs: number): Promise<FoundSlave | undefined> {
  try {
    return await findSlaveAt(connection, { flags: MessageFlag.NO_AUTO_START, timeoutMs });
  } catch (error) {
    if (error instanceof HotwireError && NOBODY.includes(error.kind)) return undefined;
    throw error;
  }
}

/** Calls back when the slave `unique` has left the bus. */
export function onDeparture(connection: Connection, unique: string, callback: () => void): void {
  connection.on('signal', (message) => {
    if (slaveChange(message)?.oldOwner === unique) callback();
  });
}

/** Unique name of whoever has the slave's name; undefined when nobody has it. */
export async function ownerOf(connection: Connection): Promise<string | undefined> {
  try {
    return (await callBus(connection, 'GetNameOwner', 's', [BUS_NAME])) as string;
  } catch (error) {
    if (error instanceof HotwireError && error.kind === 'NameHasNoOwner') return undefined;
    throw error;
  }
}

/**
 * @returns false when the bus can't start one: it has no service file, or what that names fails
 * @throws Domain.TimedOut while it is still at it, Disconnected
 */
async function activate(connection: Connection, timeoutMs: number): Promise<boolean> {
  try {
    await callBus(connection, 'StartServiceByName', 'su', [BUS_NAME, 0], { timeoutMs });
    return true;
  } catch (thrown) {
    const error = HotwireError.from(thrown);
    if (connection.closed) throw error;
    if (error.kind !== 'TimedOut') return false;
    const message = `the bus was asked to start the slave, which did not appear within ${timeoutMs / 1000} s`;
    throw new HotwireError('Domain.TimedOut', message, { cause: error });
  }
}

/** @returns the unique name of whoever then has the slave's name */
function startOn(connection: Connection, { address, environment, timeoutMs, signal }: BusOptions): Promise<string> {
  signal?.throwIfAborted();
  const args = [slaveProgram(), '--address', address, '--idle-exit', String(STARTED_SLAVE_IDLE_S)];
  return new Promise((resolve, reject) => {
    // It serves whoever comes next, so it must outlive us: a session of its own, and nothing of our terminal.
    const child = spawn(process.execPath, args, { detached: true, stdio: 'ignore', env: environment, cwd: '/' });
    child.unref();
    const timer = setTimeout(() => {
      finish(() => reject(new HotwireError('Domain.TimedOut', `a slave was started and did not appear on ${address}`)));
    }, timeoutMs);
    const onSignal = (message: IncomingMessage) => {
      const owner = slaveChange(message)?.newOwner;
      if (owner) finish(() => resolve(owner));
    };
    const onExit = (code: number | null, signal: string | null) => {
      // Another client may have started one at the same moment: then that one has the name.
      ownerOf(connection).then(
        (owner) => finish(() => (owner === undefined ? reject(didNotStart(code, signal)) : resolve(owner))),
        (error) => finish(() => reject(error)),
      );
    };
    const onError = (error: Error) => finish(() => reject(notSpawned(error)));
    const onAbort = () => {
      child.kill(); // nobody else knows of it yet
      finish(() => reject(signal?.reason));
    };
    const finish = (action: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      connection.off('signal', onSignal);
      child.off('exit', onExit);
      child.off('error', onError);
      action();
    };
    connection.on('signal', onSignal);
    child.once('exit', onExit);
    child.once('error', onError);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function didNotStart(code: number | null, signal: string | null): HotwireError {
  const how = signal ?? `status ${code}`;
  return new HotwireError(
    'Domain.ProgramMissing',
    `the slave could not be started (${how}): run '${slaveProgram()} --session' to see why`,
  );
}

/** A change of whoever has the slave's name. */
function slaveChange(message: IncomingMessage): { oldOwner: string; newOwner: string } | undefined {
  const change = ownerChange(message);
  return change?.name === BUS_NAME ? change : undefined;
}
