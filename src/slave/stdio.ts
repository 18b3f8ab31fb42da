/** The slave as a D-Bus peer on its own stdin and stdout: for whoever started it, with a bus's manners. */
import { BUS_NAME } from '../contract';
import { BusDriver, Connection, stdioStream } from '../wire';
import { Service, type ServiceOptions } from './service';

/** @throws Disconnected or AuthFailed when the other end does not speak D-Bus */
export async function serveOnStdio(options: ServiceOptions): Promise<{ connection: Connection; service: Service }> {
  const connection = await Connection.accept(stdioStream(process.stdin, process.stdout));
  const service = new Service(connection, options);
  const driver = new BusDriver(connection, {
    ownNames: [BUS_NAME],
    uid: process.getuid?.() ?? 0,
    pid: process.pid,
  });
  connection.onCall = (call) => {
    if (!driver.handle(call)) service.handle(call);
  };
  return { connection, service };
}
