// A link that is cut, between two network namespaces: real ssh, real slaves; only the head's slave is in this process.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createRegistry } from '../../src/builtins';
import type { Domain } from '../../src/client/api';
import { RemoteDomain } from '../../src/client/remote-domain';
import { ownerOf } from '../../src/client/session';
import { SlaveLink } from '../../src/client/slave-link';
import { SlaveProxy } from '../../src/client/slave-proxy';
import { BUS_NAME, INTERFACE, OBJECT_PATH } from '../../src/contract';
import { DomainDirectory, findResident, openPeer } from '../../src/domains';
import { HotwireError } from '../../src/errors';
import { Accounts } from '../../src/slave/account';
import { createLog } from '../../src/slave/log';
import { servePeer } from '../../src/slave/stdio';
import { Connection, streamPair, type Variant } from '../../src/wire';
import { onCleanup } from '../support/cleanup';
import { LinkedNamespaces, whyNoNamespaces } from '../support/namespace';
import { isAlive } from '../support/proc';
import { environment } from '../support/process';
import { built } from '../support/slave';
import { Sshd } from '../support/sshd';
import { temporaryFolder } from '../support/temp';
import { PATIENCE_MS, waitFor } from '../support/wait';

/** A silent link is found dead in three times as long. */
const KEEP_ALIVE = { intervalMs: 300, count: 3 };
/** So long the far slave bears that nobody speaks to it. */
const FAR_PATIENCE_MS = 1500;
const COUNT = 1_000_000;
const CUT_AT = 300_000;

const why = whyNoNamespaces();
const inNamespaces = why === undefined ? describe : describe.skip;

inNamespaces(`a link${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let link: LinkedNamespaces;
  let home: string;
  let ssh: NodeJS.ProcessEnv;

  beforeAll(async () => {
    await built();
    link = new LinkedNamespaces();
    const listen = { address: link.farAddress, command: link.inside(link.far) };
    const server = await Sshd.start({ listen });
    ({ home } = await server.host('far'));
    ssh = { ...server.environment, HOTWIRE_SSH: [...link.inside(link.near), server.ssh].join(' ') };
    onCleanup(endResident);
  }, 4 * PATIENCE_MS);

  async function endResident(): Promise<void> {
    const resident = await findResident(environment({ HOME: home, XDG_STATE_HOME: '' }));
    if (resident === undefined) return;
    const { body } = await resident.call({ path: OBJECT_PATH, interface: INTERFACE, member: 'GetContext' });
    const pid = (body[0] as Record<string, Variant>).pid?.value as number;
    await resident.close({ follow: false });
    process.kill(pid);
    await waitFor(() => !isAlive(pid), 'the end of the resident slave');
  }

  /** A head, and what it opens. */
  async function head(): Promise<() => Promise<Domain>> {
    const reach: typeof openPeer = (part, options) =>
      openPeer(part, { ...options, environment: ssh, keepAlive: KEEP_ALIVE, farPatienceMs: FAR_PATIENCE_MS });
    const domains = new DomainDirectory({ reach });
    const [near, far] = streamPair();
    const options = { registry: createRegistry(), log: createLog('silent'), accounts: new Accounts(), program: [] };
    const [, connection] = await Promise.all([
      servePeer(far, { ...options, directory: '/', domains }),
      Connection.connect(near),
    ]);
    onCleanup(() => domains.end(new HotwireError('Domain.Closed', 'the test has ended')));
    const slave = (await ownerOf(connection)) ?? BUS_NAME;
    const slaveLink = new SlaveLink({ connection, slave, ended: 'the head has ended' });
    return async () => {
      const proxy = new SlaveProxy(connection, slave);
      const [at] = await proxy.call('OpenDomain', ['ssh:far', {}]);
      return new RemoteDomain({ address: 'ssh:far', version: '', link: slaveLink, path: at });
    };
  }

  test('that falls silent ends its pipelines, here and there, and can be opened again', async () => {
    const open = await head();
    const domain = await open();
    const mark = path.join(temporaryFolder(), 'pid');
    const pipeline = await domain.run(`sys sh -c 'echo $$ > ${mark}; exec sleep 1000'`);
    await waitFor(() => existsSync(mark) && readFileSync(mark, 'utf8') !== '', 'the far program');
    const pid = Number(readFileSync(mark, 'utf8'));
    link.cut();
    expect(await pipeline.finished).toBe('exception');
    expect(pipeline.exception).toMatchObject({ kind: 'Domain.Closed', message: expect.stringContaining('silent') });
    await waitFor(() => !isAlive(pid), 'the far program to end');
    link.mend();
    const again = await open();
    expect((await again.evaluate('js-eval 6*7')).map(({ objects }) => objects)).toEqual([[42]]);
  });

  test('cut in the middle of a detached count to a million: attached again, every number once', async () => {
    const open = await head();
    const domain = await open();
    const gate = path.join(temporaryFolder(), 'gate');
    const rest = `until [ -e ${gate} ]; do sleep 0.05; done; seq ${COUNT / 2 + 1} ${COUNT}`;
    const id = await domain.runDetached(`sys sh -c 'seq 1 ${COUNT / 2}; ${rest}'`);
    let last = 0;
    let from = 0;
    const take = (value: unknown) => {
      last++;
      if (Number(value) !== last) throw new Error(`${value} came where ${last} was due`);
    };
    let isCut = false;
    const attached = await domain.attach(id);
    const reading = (async () => {
      for await (const batch of attached.batches()) {
        batch.objects.forEach(take);
        from = attached.signals + 1; // the one that we are at has been taken
        if (last < CUT_AT || isCut) continue;
        link.cut();
        isCut = true;
      }
    })();
    await expect(reading).rejects.toMatchObject({ kind: 'Domain.Closed' });
    expect(last).toBeLessThan(COUNT);
    writeFileSync(gate, '');
    link.mend();
    const again = await open();
    for await (const batch of (await again.attach(id, from)).batches()) batch.objects.forEach(take);
    expect(last).toBe(COUNT);
    await again.releasePipeline(id);
  });
});
