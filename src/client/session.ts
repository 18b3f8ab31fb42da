/** The slave on a message bus: found, or started. */
import { spawn } from 'node:child_process';
import { BUS_NAME } from '../contract';
import { HotwireError } from '../errors';
import { STARTED_SLAVE_IDLE_S } from '../limits';
import { type Connection, type IncomingMessage, MessageType } from '../wire';
import { slaveProgram } from './embedded';

const BUS = { destination: 'org.freedesktop.DBus', path: '/org/freedesktop/DBus', interface: 'org.freedesktop.DBus' };
const OWNER_CHANGES = `type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='${BUS_NAME}'`;

/**
 * The unique name of the slave on this bus. One that does not run is started: by the bus where a service file is
 * installed, else by us; ours leaves again when it has been idle for a while.
 * @throws Domain.ProgramMissing or Domain.TimedOut when none can be started
 */
export async function findSlave(
  connection: Connection,
  address: string,
  environment: NodeJS.ProcessEnv,
  timeoutMs: number,
): Promise<string> {
  const watching = callBus(connection, 'AddMatch', OWNER_CHANGES);
  const [owner] = await Promise.all([ownerOf(connection), watching]);
  if (owner !== undefined) return owner;
  if (await activate(connection, timeoutMs)) {
    const activated = await ownerOf(connection);
    if (activated !== undefined) return activated;
  }
  return startOn(connection, address, environment, timeoutMs);
}

/** Calls back when the slave `unique` has left the bus. */
export function onDeparture(connection: Connection, unique: string, callback: () => void): void {
  connection.on('signal', (message) => {
    const change = ownerChange(message);
    if (change !== undefined && change.oldOwner === unique) callback();
  });
}

/** Unique name of whoever has the slave's name; undefined when nobody has it. */
export async function ownerOf(connection: Connection): Promise<string | undefined> {
  try {
    return (await callBus(connection, 'GetNameOwner', BUS_NAME)) as string;
  } catch (error) {
    if (error instanceof HotwireError && error.kind === 'NameHasNoOwner') return undefined;
    throw error;
  }
}

/** @returns false when the bus has no service file for it */
async function activate(connection: Connection, timeoutMs: number): Promise<boolean> {
  try {
    const body = [BUS_NAME, 0];
    const call = { type: MessageType.METHOD_CALL, ...BUS, member: 'StartServiceByName', signature: 'su', body };
    await connection.call(call, { timeoutMs });
    return true;
  } catch (error) {
    if (error instanceof HotwireError && error.kind === 'ServiceUnknown') return false;
    throw error;
  }
}

function startOn(
  connection: Connection,
  address: string,
  environment: NodeJS.ProcessEnv,
  timeoutMs: number,
): Promise<string> {
  const args = [slaveProgram(), '--address', address, '--idle-exit', String(STARTED_SLAVE_IDLE_S)];
  return new Promise((resolve, reject) => {
    // It serves whoever comes next, so it must outlive us: a session of its own, and nothing of our terminal.
    const child = spawn(process.execPath, args, { detached: true, stdio: 'ignore', env: environment, cwd: '/' });
    child.unref();
    const timer = setTimeout(() => {
      finish(() => reject(new HotwireError('Domain.TimedOut', `a slave was started and did not appear on ${address}`)));
    }, timeoutMs);
    const onSignal = (message: IncomingMessage) => {
      const change = ownerChange(message);
      if (change !== undefined && change.newOwner !== '') finish(() => resolve(change.newOwner));
    };
    const onExit = (code: number | null, signal: string | null) => {
      // Another client may have started one at the same moment: then that one has the name.
      ownerOf(connection).then(
        (owner) => finish(() => (owner === undefined ? reject(didNotStart(code, signal)) : resolve(owner))),
        (error) => finish(() => reject(error)),
      );
    };
    const onError = (error: Error) => finish(() => reject(new HotwireError('Domain.ProgramMissing', error.message)));
    const finish = (action: () => void) => {
      clearTimeout(timer);
      connection.off('signal', onSignal);
      child.off('exit', onExit);
      child.off('error', onError);
      action();
    };
    connection.on('signal', onSignal);
    child.once('exit', onExit);
    child.once('error', onError);
  });
}

function didNotStart(code: number | null, signal: string | null): HotwireError {
  const how = signal ?? `status ${code}`;
  return new HotwireError(
    'Domain.ProgramMissing',
    `the slave could not be started (${how}): run '${slaveProgram()} --session' to see why`,
  );
}

function ownerChange(message: IncomingMessage): { oldOwner: string; newOwner: string } | undefined {
  if (message.sender !== BUS.destination || message.member !== 'NameOwnerChanged') return undefined;
  const [name, oldOwner, newOwner] = message.body as [string, string, string];
  return name === BUS_NAME ? { oldOwner, newOwner } : undefined;
}

async function callBus(connection: Connection, member: string, argument: string): Promise<unknown> {
  const reply = await connection.call({
    type: MessageType.METHOD_CALL,
    ...BUS,
    member,
    signature: 's',
    body: [argument],
  });
  return reply.body[0];
}
