// Slaves in this process, each behind the next: real ones, over streams in memory instead of ssh's.
import { createRegistry } from '../../src/builtins';
import { DomainDirectory, type OpenPeer } from '../../src/domains';
import { HotwireError } from '../../src/errors';
import { Accounts } from '../../src/slave/account';
import { createLog } from '../../src/slave/log';
import type { Service } from '../../src/slave/service';
import { servePeer } from '../../src/slave/stdio';
import { VERSION } from '../../src/version';
import { Connection, streamPair } from '../../src/wire';
import { onCleanup } from '../support/cleanup';

const registry = createRegistry();

/** A slave that was reached, with both ends in hand. */
export interface MemoryPeer {
  readonly address: string;
  readonly service: Service;
  /** Its end of the connection. */
  readonly connection: Connection;
  /** Its own domains. */
  readonly domains: DomainDirectory;
  /** Cuts the link, with this as its last words. */
  cut(words: string): void;
  readonly closed: boolean;
}

export interface Reaching {
  readonly peers: MemoryPeer[];
  readonly domains: DomainDirectory;
}

/** Domains each of whose steps leads to a new slave in this process. */
export function memoryDomains({ idleMs = 60_000 } = {}): Reaching {
  const peers: MemoryPeer[] = [];
  const directory = () => {
    const domains = new DomainDirectory({ idleMs, reach: ({ text }) => reach(text) });
    onCleanup(() => domains.end(new HotwireError('Domain.Closed', 'the test has ended')));
    return domains;
  };
  const reach = async (address: string): Promise<OpenPeer> => {
    if (address.endsWith('nowhere')) throw new HotwireError('Domain.UnknownHost', `${address}: there is no such host`);
    const [near, far] = streamPair();
    const domains = directory();
    const options = {
      registry,
      log: createLog('silent'),
      directory: '/',
      accounts: new Accounts(),
      domains,
      program: [],
    };
    const [served, connection] = await Promise.all([servePeer(far, options), Connection.connect(near)]);
    served.connection.once('close', () => {
      const left = new HotwireError('Domain.Closed', 'its peer has left');
      void Promise.all([served.service.close(left), domains.end(left)]);
    });
    let words = 'it ended';
    let closing = false;
    const lost = new Promise<HotwireError>((resolve) => {
      connection.once('close', () => {
        if (!closing) resolve(new HotwireError('Domain.Closed', `${address}: ${words}`));
      });
    });
    const close = async () => {
      closing = true;
      await connection.close({ follow: false });
    };
    peers.push({
      address,
      service: served.service,
      connection: served.connection,
      domains,
      cut: (said) => {
        words = said;
        served.connection.destroy();
      },
      get closed() {
        return connection.closed;
      },
    });
    return { connection, slave: ':1.0', version: VERSION, features: ['domains'], close, lost };
  };
  return { peers, domains: directory() };
}
