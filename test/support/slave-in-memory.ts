// Real slaves in this process, each at the other end of a pair of streams: for what needs many of them, at once.
import { createRegistry } from '../../src/builtins';
import type { Domain } from '../../src/client';
import type { DomainOpener } from '../../src/client/opener';
import { RemoteDomain } from '../../src/client/remote-domain';
import { ownerOf } from '../../src/client/session';
import { SlaveLink } from '../../src/client/slave-link';
import { BUS_NAME } from '../../src/contract';
import { DomainDirectory } from '../../src/domains';
import { HotwireError } from '../../src/errors';
import { Accounts } from '../../src/slave/account';
import { createLog } from '../../src/slave/log';
import { servePeer } from '../../src/slave/stdio';
import { Connection, streamPair } from '../../src/wire';
import { HOTWIRE_SLAVE } from './slave';
import { temporaryFolder } from './temp';

const shared = {
  registry: createRegistry(),
  log: createLog('silent'),
  accounts: new Accounts(),
  domains: new DomainDirectory(),
  program: [process.execPath, HOTWIRE_SLAVE],
};

/** A domain of its own slave, in a fresh folder. */
export async function domainInMemory(address: string): Promise<Domain> {
  const [near, far] = streamPair();
  const serving = servePeer(far, { ...shared, directory: temporaryFolder() });
  const connection = await Connection.connect(near);
  const { service } = await serving;
  const ended = new HotwireError('Domain.Closed', 'the test ended it');
  const onClose = () => service.close(ended);
  const link = new SlaveLink({
    connection,
    slave: (await ownerOf(connection)) ?? BUS_NAME,
    ended: `${address} has ended`,
    onClose,
  });
  return new RemoteDomain({ address, version: 'test', link, leave: () => link.close() });
}

/** Opens such domains, and fails where it is told to. */
export class OpenerInMemory implements DomainOpener {
  /** Addresses in the order in which they were asked for. */
  readonly asked: string[] = [];
  readonly opened: Domain[] = [];
  readonly #failures: Readonly<Record<string, HotwireError>>;

  constructor(failures: Readonly<Record<string, HotwireError>> = {}) {
    this.#failures = failures;
  }

  async open(address: string): Promise<Domain> {
    this.asked.push(address);
    const failure = this.#failures[address];
    if (failure !== undefined && this.asked.filter((one) => one === address).length === 1) throw failure;
    const domain = await domainInMemory(address);
    this.opened.push(domain);
    return domain;
  }

  async close(): Promise<void> {
    await Promise.all(this.opened.map((domain) => domain.close()));
  }
}
