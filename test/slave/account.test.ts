// What all clients of one user may have together, on every connection of the slave, and what one of them may.
import { configure } from '../../src/settings';
import { Account, Accounts } from '../../src/slave/account';
import { Variant } from '../../src/wire';
import { waitFor } from '../support/wait';
import { type ServedClients, serveClients, UID } from './support';

const OTHER_UID = UID + 1;

configure({
  maxContextsPerUser: 4,
  maxPipelinesPerOwner: 5,
  maxPipelinesPerUser: 8,
  maxRunningPerOwner: 3,
  maxRunningPerUser: 5,
  maxDetachedPerUser: 2,
  keptOutputPerUserBytes: 2000,
});

/** Clients with names that begin with `:2` are another user's. */
const uidOf = (client: string | undefined) => (client?.startsWith(':2') ? OTHER_UID : UID);

/** Starts a pipeline and waits for its end. */
async function complete({ run, untilState }: ServedClients, client: string, text = 'js-eval 1'): Promise<number> {
  const id = await run(client, text);
  await untilState(id, 'complete');
  return id;
}

/** Which of these pipelines the client still has. */
async function kept({ call }: ServedClients, client: string, ids: number[]): Promise<number[]> {
  const found = await Promise.allSettled(ids.map((id) => call(client, 'GetPipeline', id)));
  return ids.filter((_, index) => found[index]?.status === 'fulfilled');
}

async function expectZero(account: Account): Promise<void> {
  await waitFor(() => account.pipelines === 0, 'the last pipeline to go');
  expect(account).toMatchObject({ contexts: 0, running: 0, detached: 0, kept: { used: 0 } });
}

describe('clients of one user', () => {
  test('too many are refused by name and number; another user is not concerned; one that leaves makes room', async () => {
    const { call, service, accounts } = await serveClients({ uidOf });
    for (const client of [':1.1', ':1.2', ':1.3', ':1.4', ':2.1']) await call(client, 'GetContext');
    await expect(call(':1.5', 'GetContext')).rejects.toMatchObject({
      kind: 'LimitExceeded',
      message: expect.stringMatching(
        /4 clients of uid 1234 are connected: end one.*at most 4 .*setting maxContextsPerUser/,
      ),
    });
    expect([accounts.of(UID).contexts, accounts.of(OTHER_UID).contexts]).toEqual([4, 1]);
    service.forget(':1.2');
    await call(':1.5', 'GetContext');
  });

  test('those of several connections count together', async () => {
    const accounts = new Accounts();
    const [one, two] = [await serveClients({ uidOf, accounts }), await serveClients({ uidOf, accounts })];
    for (const client of [':1.1', ':1.2']) for (const { call } of [one, two]) await call(client, 'GetContext');
    await expect(one.call(':1.3', 'GetContext')).rejects.toMatchObject({ kind: 'LimitExceeded' });
    two.service.forgetAll();
    await one.call(':1.3', 'GetContext');
    expect(accounts.of(UID).contexts).toBe(3);
  });
});

describe('running pipelines', () => {
  const SLEEP = 'sys sleep 100';

  test('of one client', async () => {
    const { run, call } = await serveClients({ uidOf });
    const ids = [await run(':1.1', SLEEP), await run(':1.1', SLEEP), await run(':1.1', SLEEP)];
    const refused = {
      kind: 'LimitExceeded',
      message: expect.stringMatching(
        /3 pipelines of this connection.*cancel one.*at most 3: setting maxRunningPerOwner/,
      ),
    };
    await expect(run(':1.1', SLEEP)).rejects.toMatchObject(refused);
    await expect(call(':1.1', 'Evaluate', 'js-eval 1', {})).rejects.toMatchObject(refused);
    await run(':1.2', SLEEP);
    await call(':1.1', 'CancelPipeline', ids[0]);
    await run(':1.1', SLEEP);
  });

  test('of all clients of a user; an evaluation is one', async () => {
    const { run, call, accounts } = await serveClients({ uidOf });
    for (const client of [':1.1', ':1.1', ':1.2', ':1.2']) await run(client, SLEEP);
    call(':1.3', 'Evaluate', SLEEP, {}).catch(() => undefined); // ends with its client
    await waitFor(() => accounts.of(UID).running === 5, 'the evaluation to begin');
    await expect(run(':1.2', SLEEP)).rejects.toMatchObject({
      kind: 'LimitExceeded',
      message: expect.stringMatching(/5 pipelines of uid 1234 .*wait for one.*at most 5 .*setting maxRunningPerUser/),
    });
    await run(':2.1', SLEEP);
    const id = await run(':2.1', SLEEP);
    await call(':2.1', 'ReleasePipeline', id);
    expect([accounts.of(UID).running, accounts.of(OTHER_UID).running]).toEqual([5, 1]);
  });

  test('what a client that leaves had running counts until it has ended', async () => {
    const { run, service, accounts } = await serveClients({ uidOf });
    const account = accounts.of(UID);
    await run(':1.1', SLEEP);
    service.forget(':1.1');
    expect([account.contexts, account.running]).toEqual([0, 1]);
    await expectZero(account);
  });
});

describe('finished pipelines', () => {
  test('the oldest finished of a client make room, one that runs never', async () => {
    const clients = await serveClients({ uidOf });
    const running = await clients.run(':1.1', 'sys sleep 100');
    const ids: number[] = [];
    for (let count = 0; count < 7; count += 1) ids.push(await complete(clients, ':1.1'));
    expect(await kept(clients, ':1.1', [running, ...ids])).toEqual([running, ...ids.slice(-4)]);
  });

  test('the first that has finished is the oldest, not the first that began', async () => {
    const clients = await serveClients({ uidOf });
    const [id] = (await clients.call(':1.1', 'RunPipelineWithOptions', 'count', {
      input: new Variant('b', true),
    })) as [number];
    const ids = [await complete(clients, ':1.1'), await complete(clients, ':1.1')];
    await clients.call(':1.1', 'CloseInput', id);
    await clients.untilState(id, 'complete');
    for (let count = 0; count < 3; count += 1) await complete(clients, ':1.1');
    expect(await kept(clients, ':1.1', [id, ...ids])).toEqual([id, ids[1]]);
  });

  test("the oldest finished of all of a user's clients make room", async () => {
    const clients = await serveClients({ uidOf });
    const running = await clients.run(':1.1', 'sys sleep 100');
    const first = [await complete(clients, ':1.1'), await complete(clients, ':1.1')];
    const foreign = await complete(clients, ':2.1');
    const second: number[] = [];
    for (let count = 0; count < 5; count += 1) second.push(await complete(clients, ':1.2'));
    expect(await kept(clients, ':1.1', [running, ...first])).toEqual([running, ...first]);
    const third = [await complete(clients, ':1.3'), await complete(clients, ':1.3'), await complete(clients, ':1.3')];
    expect(await kept(clients, ':1.1', [running, ...first])).toEqual([running]);
    expect(await kept(clients, ':1.2', second)).toEqual(second.slice(1));
    expect(await kept(clients, ':1.3', third)).toEqual(third);
    expect(await kept(clients, ':2.1', [foreign])).toEqual([foreign]);
    expect(clients.accounts.of(UID).pipelines).toBe(8);
  });
});

test('the output that is current in one client makes room for that in another', async () => {
  const clients = await serveClients({ uidOf });
  const text = `js-eval '"x".repeat(1500)'`;
  await complete(clients, ':1.1', text);
  await complete(clients, ':1.2', text);
  await complete(clients, ':2.1', text);
  await expect(clients.call(':1.1', 'Evaluate', 'current', {})).rejects.toMatchObject({
    message: expect.stringMatching(/nothing is current.*keptOutputPerUserBytes/),
  });
  for (const client of [':1.2', ':2.1']) expect(await clients.call(client, 'Evaluate', 'current', {})).toHaveLength(1);
  expect(clients.accounts.of(UID).kept.used).toBe(1502);
});

test('detached pipelines have a limit of their own', () => {
  const account = new Account(UID);
  account.addDetached();
  account.addDetached();
  expect(() => account.addDetached()).toThrow(/2 detached pipelines of uid 1234.*release one.*maxDetachedPerUser/);
  account.removeDetached();
  expect(account.detached).toBe(1);
  account.addDetached();
});

test('a thousand clients that come and go leave nothing', async () => {
  const { call, run, service, accounts } = await serveClients({ uidOf });
  const account = accounts.of(UID);
  for (let count = 0; count < 1000; count += 1) {
    const client = `:1.${count}`;
    await call(client, 'GetContext');
    // What still ends counts.
    await waitFor(() => account.running < 2, 'the pipelines of others to end');
    if (count % 20 === 0) await run(client, count % 40 === 0 ? 'sys sleep 100' : 'js-eval 1');
    if (count % 50 === 0) await call(client, 'Evaluate', 'env | count', {});
    service.forget(client);
  }
  expect(service.idle).toBe(true);
  await expectZero(account);
});
