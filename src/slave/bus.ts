/** The slave on a message bus: exports Slave1, then takes its name, and follows clients that leave. */
import { BUS_NAME } from '../contract';
import { HotwireError } from '../errors';
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
export async function serveOnBus(address: string, options: ServiceOptions): Promise<BusSlave> {
  const connection = await Connection.connect(await openAddress(address));
  const service = new Service(connection, options);
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

async function takeName(connection: Connection): Promise<void> {
  const answer = await callBus(connection, 'RequestName', 'su', [BUS_NAME, DO_NOT_QUEUE]);
  if (answer === PRIMARY_OWNER || answer === ALREADY_OWNER) return;
  throw new HotwireError('AccessDenied', `another slave has the name ${BUS_NAME} on this bus: use that one, or end it`);
}
