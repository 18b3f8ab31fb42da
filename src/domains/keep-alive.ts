/** Finds out that a connection is dead when nobody says so: a cut link is just silent. */
import { HotwireError } from '../errors';
import { KEEP_ALIVE_COUNT, KEEP_ALIVE_MS } from '../limits';
import { type Connection, MessageType } from '../wire';

export interface KeepAliveOptions {
  /** Between two looks, in milliseconds. Default KEEP_ALIVE_MS. */
  readonly intervalMs?: number;
  /** So many looks in a row that find nothing new. Default KEEP_ALIVE_COUNT. */
  readonly count?: number;
  /** Whether it asks the peer at each look; else the peer is known to say something by itself. Default true. */
  readonly asks?: boolean;
}

/**
 * Cuts the connection with Domain.Closed once its peer has been silent for too long, until it is closed. It counts looks,
 * not time: a process that was stopped for a while finds at its first look what waits to be read, and cuts nothing. What
 * we do not read because we are held up ourselves is no silence of the peer.
 */
export function keepAlive(connection: Connection, options: KeepAliveOptions = {}): void {
  const { intervalMs = KEEP_ALIVE_MS, count = KEEP_ALIVE_COUNT, asks = true } = options;
  let received = connection.receivedBytes;
  let silent = 0;
  const look = () => {
    const heard = connection.receivedBytes !== received || connection.readingPaused;
    received = connection.receivedBytes;
    silent = heard ? 0 : silent + 1;
    if (silent >= count) {
      const seconds = (count * intervalMs) / 1000;
      connection.destroy(new HotwireError('Domain.Closed', `it was silent for ${seconds} s: the link is cut`));
    } else if (asks) {
      ask(connection);
    }
  };
  const timer = setInterval(look, intervalMs).unref();
  connection.once('close', () => clearInterval(timer));
  if (connection.closed) clearInterval(timer);
}

/** Any answer will do: nobody waits for it. */
function ask(connection: Connection): void {
  if (connection.closed) return;
  connection
    .call({ type: MessageType.METHOD_CALL, path: '/', interface: 'org.freedesktop.DBus.Peer', member: 'Ping' })
    .catch(() => undefined); // an error is an answer, and that none came shows at the next look
}
