/** The slave as a D-Bus peer of one other, on its own stdin and stdout or any stream, with a bus's manners. */
import type { Duplex } from 'node:stream';
import { BUS_NAME } from '../contract';
import { settings } from '../settings';
import { BusDriver, Connection, ownerChange, stdioStream } from '../wire';
import { Service, type ServiceOptions } from './service';

interface ServedPeer {
  readonly connection: Connection;
  readonly service: Service;
}

/** Serves whoever has started us. @throws as `servePeer` */
export function serveOnStdio(options: Omit<ServiceOptions, 'uidOf'>): Promise<ServedPeer> {
  return servePeer(stdioStream(process.stdin, process.stdout), options);
}

/**
 * Serves the peer at the other end of a stream, which must be one of our own user.
 * @param clientName its unique name, where that has to differ from those of clients on other connections
 * @throws Disconnected or AuthFailed when it does not speak D-Bus
 */
export async function servePeer(
  stream: Duplex,
  options: Omit<ServiceOptions, 'uidOf'>,
  clientName?: string,
): Promise<ServedPeer> {
  const connection = await Connection.accept(stream, { maxSendBytes: settings.maxMessageBytes });
  const uid = process.getuid?.() ?? 0;
  const service = new Service(connection, { ...options, uidOf: () => uid });
  const driver = new BusDriver(connection, {
    ownNames: [BUS_NAME],
    uid,
    pid: process.pid,
    ...(clientName !== undefined && { clientName }),
  });
  // Its peer may be a relay, which has clients of its own; it says when one has left, as a bus does.
  connection.on('signal', (signal) => {
    const change = ownerChange(signal);
    if (change?.newOwner === '') service.forget(change.name);
  });
  connection.onCall = (call) => {
    if (!driver.handle(call)) service.handle(call);
  };
  return { connection, service };
}
