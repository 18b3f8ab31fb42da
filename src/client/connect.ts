import { BUS_NAME, INTERFACE, OBJECT_PATH } from '../contract';
import { HotwireError } from '../errors';
import { HANDSHAKE_TIMEOUT_MS } from '../limits';
import { Connection, MessageType, openAddress, sessionBusAddress, type Variant } from '../wire';
import type { ConnectOptions, Domain } from './api';
import { startEmbedded } from './embedded';
import { RemoteDomain } from './remote-domain';
import { findSlave, onDeparture, ownerOf } from './session';

const SLAVE_ENDED = 'the slave has ended';

/**
 * Opens a domain. The empty address is this user on this host: the slave on the session bus if there is such a bus
 * (started if it does not run), else a slave of our own.
 * @throws the error of the kind `Domain.…` or D-Bus that says why it can't be had
 */
export async function connect(address = '', options: ConnectOptions = {}): Promise<Domain> {
  if (address !== '')
    throw new HotwireError('NotSupported', `${address}: this version opens no domain but its own host`);
  const environment = options.environment ?? process.env;
  const timeoutMs = options.timeoutMs ?? HANDSHAKE_TIMEOUT_MS;
  if (options.bus !== undefined)
    return onBus(await openBus(options.bus, timeoutMs), options.bus, environment, timeoutMs);
  const bus = options.embedded ? undefined : sessionBusAddress(environment);
  if (bus !== undefined) {
    // An address in the environment may well be stale, of a session that has ended: then there is no session bus.
    const connection = await openBus(bus, timeoutMs).catch(() => undefined);
    if (connection !== undefined) return onBus(connection, bus, environment, timeoutMs);
  }
  return embedded(environment, timeoutMs);
}

async function openBus(bus: string, timeoutMs: number): Promise<Connection> {
  return Connection.connect(await openAddress(bus), { timeoutMs });
}

async function onBus(
  connection: Connection,
  bus: string,
  environment: NodeJS.ProcessEnv,
  timeoutMs: number,
): Promise<Domain> {
  try {
    const slave = await findSlave(connection, bus, environment, timeoutMs);
    const domain = new RemoteDomain(
      '',
      await versionOf(connection, slave),
      connection,
      slave,
      'the message bus is gone',
    );
    onDeparture(connection, slave, () => domain.lose(SLAVE_ENDED));
    return domain;
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

async function embedded(environment: NodeJS.ProcessEnv, timeoutMs: number): Promise<Domain> {
  const { connection, ended } = await startEmbedded(environment, timeoutMs);
  try {
    const slave = (await ownerOf(connection)) ?? BUS_NAME;
    return new RemoteDomain('', await versionOf(connection, slave), connection, slave, SLAVE_ENDED, ended);
  } catch (error) {
    connection.destroy();
    await ended();
    throw error;
  }
}

async function versionOf(connection: Connection, slave: string): Promise<string> {
  const reply = await connection.call({
    type: MessageType.METHOD_CALL,
    destination: slave,
    path: OBJECT_PATH,
    interface: 'org.freedesktop.DBus.Properties',
    member: 'Get',
    signature: 'ss',
    body: [INTERFACE, 'Version'],
  });
  return String((reply.body[0] as Variant).value);
}
