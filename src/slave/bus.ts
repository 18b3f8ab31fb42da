/** The slave on a message bus: exports Slave1, then takes its name, and follows clients that leave. */
import { BUS_NAME } from '../contract';
import { HotwireError } from '../errors';
import { settings } from '../settings';
import { Connection, callBus, openAddress, ownerChange } from '../wire';
import { Service, type ServiceOptions } from './service';

/** RequestName: fail at once when somebody has the name. */
const DO_NOT_QUEUE = 4;
const PRIMARY_OWNER = 1;
const ALREADY_OWNER = 4;
/** Departures alone: the third argument, the new owner, is empty. */
const DEPARTURES = "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg2=''";

export interface BusSlave {
  readonly connection: Connection;
  readonly service: Service;
  /** Gives up the name; false when clients have come meanwhile, and then it is taken again. */
  leaveIfIdle(): Promise<boolean>;
}

/**
 * @param address D-Bus address of the bus
 * @throws Disconnected or AuthFailed when the bus can't be had; AccessDenied when another slave has the name
 */
export async function serveOnBus(address: string, options: Omit<ServiceOptions, 'uidOf'>): Promise<BusSlave> {
  const stream = await openAddress(address);
  const connection = await Connection.connect(stream, { maxSendBytes: settings.maxMessageBytes });
  const service = new Service(connection, { ...options, uidOf: (client) => userOf(connection, client) });
  connection.onCall = (call) => service.handle(call);
  connection.on('signal', (signal) => {
    const change = ownerChange(signal);
    if (change?.newOwner === '') service.forget(change.name);
  });
  await callBus(connection, 'AddMatch', 's', [DEPARTURES]);
  await takeName(connection);
  return {
    connection,
    service,
    async leaveIfIdle() {
      if (!service.idle) return false;
      await callBus(connection, 'ReleaseName', 's', [BUS_NAME]);
      if (service.idle) return true;
      await takeName(connection);
      return false;
    },
  };
}

/** @throws what the bus answers, e.g. for a connection over TCP that has said no user */
async function userOf(connection: Connection, client: string | undefined): Promise<number> {
  const uid = await callBus(connection, 'GetConnectionUnixUser', 's', [client ?? '']);
  if (typeof uid === 'number') return uid;
  throw new HotwireError('Failed', 'its answer is no number');
}

async function takeName(connection: Connection): Promise<void> {
  const answer = await callBus(connection, 'RequestName', 'su', [BUS_NAME, DO_NOT_QUEUE]);
  if (answer === PRIMARY_OWNER || answer === ALREADY_OWNER) return;
  throw new HotwireError('AccessDenied', `another slave has the name ${BUS_NAME} on this bus: use that one, or end it`);
}
