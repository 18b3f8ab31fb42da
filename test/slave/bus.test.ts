// The slave on a real bus: it asks the bus whose a client is before it serves it, and clients that leave are forgotten.
import { createRegistry } from '../../src/builtins';
import { DomainDirectory } from '../../src/domains';
import { configure } from '../../src/settings';
import { Accounts } from '../../src/slave/account';
import { serveOnBus } from '../../src/slave/bus';
import { createLog } from '../../src/slave/log';
import { startBus } from '../support/bus';
import { onCleanup } from '../support/cleanup';
import { RawClient } from '../support/raw-client';
import { waitFor } from '../support/wait';

const MAX_MESSAGE_BYTES = 1024 * 1024;

configure({ maxContextsPerUser: 10, maxMessageBytes: MAX_MESSAGE_BYTES });

async function serve() {
  const bus = await startBus();
  const accounts = new Accounts();
  const domains = new DomainDirectory();
  const options = {
    registry: createRegistry(),
    log: createLog('silent'),
    directory: '/',
    accounts,
    domains,
    program: [],
  };
  const slave = await serveOnBus(bus.address, options);
  onCleanup(() => slave.connection.close({ follow: false }));
  return { bus, slave, account: accounts.of(process.getuid?.() ?? 0) };
}

test('a new client need not wait for its replies', async () => {
  const { bus, account } = await serve();
  const client = await RawClient.connect(bus);
  const [, [id]] = await Promise.all([
    client.call('SetEnvironment', { GREETING: 'hello' }),
    client.call('RunPipeline', "sys sh -c 'echo $GREETING'"),
  ]);
  await client.untilState(id as number, 'complete');
  expect(client.objects(id as number)).toEqual(['hello']);
  expect(account).toMatchObject({ contexts: 1, pipelines: 1 });
});

test('clients that come and go, some before they are known, leave nothing', async () => {
  const { bus, slave, account } = await serve();
  for (let count = 0; count < 100; count += 1) {
    const client = await RawClient.connect(bus);
    const called = client.call('RunPipeline', 'sys sleep 100').catch(() => undefined);
    if (count % 2 === 0) await called;
    client.connection.destroy();
    await waitFor(() => account.contexts < 5 && account.running < 20, 'the clients before to leave');
  }
  await waitFor(() => slave.service.idle && account.pipelines === 0, 'the last one to leave');
  expect(account).toMatchObject({ contexts: 0, running: 0, kept: { used: 0 } });
});

test('too many clients of a user are refused, until one leaves', async () => {
  const { bus, account } = await serve();
  const clients = await Promise.all(Array.from({ length: 10 }, () => RawClient.connect(bus)));
  await Promise.all(clients.map((client) => client.call('GetContext')));
  const late = await RawClient.connect(bus);
  await expect(late.call('GetContext')).rejects.toMatchObject({ kind: 'LimitExceeded' });
  clients[0]?.connection.destroy();
  await waitFor(() => account.contexts === 9, 'one to leave');
  expect(await late.call('GetContext')).toHaveLength(1);
});

test('a message over the limit is refused in either direction, and the connection goes on', async () => {
  const { bus } = await serve();
  const client = await RawClient.connect(bus);
  const refused = { kind: 'LimitExceeded' };
  await expect(client.call('SetEnvironment', { V: 'x'.repeat(MAX_MESSAGE_BYTES) })).rejects.toMatchObject({
    ...refused,
    message: expect.stringMatching(/SetEnvironment has \d+ bytes: at most 1048576.*maxMessageBytes/),
  });
  const text = `js-eval '"x".repeat(${MAX_MESSAGE_BYTES})'`;
  await expect(client.call('Evaluate', text, {})).rejects.toMatchObject(refused);
  const id = await client.run(text);
  await client.untilState(id, 'exception');
  expect(client.of(id).find(({ member }) => member === 'PipelineException')?.body[1]).toContain('1048576');
  expect(await client.call('GetContext')).toHaveLength(1);
});
