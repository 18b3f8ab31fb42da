import type { Duplex } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';

/**
 * Carries bytes between a client and a server as they are, both ways, no faster than each reads. The end of one way ends
 * that way; but when the server has ended its own, the client is cut once it has everything: a bus that says no more is gone.
 * @returns who ended first, once both streams are done
 */
export async function joinStreams(client: Duplex, server: Duplex): Promise<'client' | 'server'> {
  const first = Promise.race([endOf(client, 'client' as const), endOf(server, 'server' as const)]);
  // A failure of either destroys both: it is how one of them ended, which is what `first` tells.
  const toServer = pipeline(client, server).catch(() => undefined);
  await pipeline(server, client).catch(() => undefined);
  client.destroy();
  await toServer;
  server.destroy();
  return first;
}

/** Resolves with `who` when no more comes from a stream, however that ended. */
async function endOf<T>(stream: Duplex, who: T): Promise<T> {
  await finished(stream, { writable: false }).catch(() => undefined);
  return who;
}
