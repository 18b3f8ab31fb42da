// Whose client that is has to be known before its first call is served: what its calls do meanwhile.
import { HotwireError } from '../../src/errors';
import { MAX_WAITING_CALL_BYTES } from '../../src/limits';
import { Variant } from '../../src/wire';
import { waitFor } from '../support/wait';
import { serveClients, UID } from './support';

/** A bus that tells whose a client is when the test says so. */
function slowBus() {
  const questions: { client: string | undefined; tell(uid: number): void; refuse(error: Error): void }[] = [];
  const uidOf = (client: string | undefined) =>
    new Promise<number>((tell, refuse) => questions.push({ client, tell, refuse }));
  return { questions, uidOf, asked: () => waitFor(() => questions.length > 0, 'the question') };
}

test('calls sent without waiting for replies are served in their order', async () => {
  const { questions, uidOf, asked } = slowBus();
  const { call, accounts } = await serveClients({ uidOf });
  const replies: string[] = [];
  const calls = [
    call(':1.5', 'SetEnvironment', { GREETING: 'hello' }).then(() => replies.push('SetEnvironment')),
    call(':1.5', 'RunPipeline', 'sys true').then(() => replies.push('RunPipeline')),
    call(':1.5', 'GetContext').then(() => replies.push('GetContext')),
    call(':1.5', 'Evaluate', "sys sh -c 'echo $GREETING'", {}),
  ];
  await asked();
  expect(replies).toEqual([]);
  expect(accounts.of(UID).contexts).toBe(0);
  questions[0]?.tell(UID);
  const [, , , evaluated] = await Promise.all(calls);
  expect(replies).toEqual(['SetEnvironment', 'RunPipeline', 'GetContext']);
  expect(evaluated).toEqual([[['string', ['"hello"']]]]);
  expect(questions).toHaveLength(1);
  expect(accounts.of(UID).contexts).toBe(1);
});

test('the bus is asked once for each client, and one that is slow to be known holds up no other', async () => {
  const { questions, uidOf, asked } = slowBus();
  const { call } = await serveClients({ uidOf });
  const first = call(':1.5', 'GetContext');
  await asked();
  const second = call(':1.6', 'GetContext');
  await waitFor(() => questions.length === 2, 'the second question');
  expect(questions.map(({ client }) => client)).toEqual([':1.5', ':1.6']);
  questions[1]?.tell(UID);
  await second;
  questions[0]?.tell(UID);
  await first;
  await call(':1.5', 'GetContext');
  await call(':1.6', 'GetContext');
  expect(questions).toHaveLength(2);
});

test('a Ping, an introspection and the properties need no user', async () => {
  const { questions, uidOf } = slowBus();
  const { callPlain, service } = await serveClients({ uidOf });
  await callPlain(':1.5', 'org.freedesktop.DBus.Peer', 'Ping');
  const [xml] = await callPlain(':1.5', 'org.freedesktop.DBus.Introspectable', 'Introspect');
  expect(xml).toContain('RunPipeline');
  await expect(callPlain(':1.5', 'org.freedesktop.DBus.Properties', 'Set')).rejects.toMatchObject({
    kind: 'InvalidArgs',
  });
  await expect(callPlain(':1.5', 'org.hotwireshell.Slave1', 'Nonsense')).rejects.toMatchObject({
    kind: 'UnknownMethod',
  });
  expect(questions).toEqual([]);
  expect(service.idle).toBe(true);
});

test.each([
  ['and then the bus tells', ({ tell }: { tell(uid: number): void }) => tell(UID)],
  ['and the bus knows it no more', ({ refuse }: { refuse(error: Error): void }) => refuse(new Error('no such name'))],
])('a client that vanishes while the bus is asked leaves nothing, %s', async (_, answer) => {
  const { questions, uidOf, asked } = slowBus();
  const idle: boolean[] = [];
  const { call, service, accounts, callPlain } = await serveClients({ uidOf, onIdle: (is) => idle.push(is) });
  const answers: unknown[] = [];
  void call(':1.5', 'RunPipeline', 'sys sleep 100')
    .finally(() => answers.push('answered'))
    .catch(() => undefined);
  await asked();
  expect(service.idle).toBe(false);
  service.forget(':1.5');
  expect(service.idle).toBe(true);
  expect(idle).toEqual([true]);
  answer(questions[0] as never);
  await callPlain(':1.6', 'org.freedesktop.DBus.Peer', 'Ping');
  expect(answers).toEqual([]);
  expect(service.idle).toBe(true);
  expect([accounts.of(UID).contexts, accounts.of(UID).running]).toEqual([0, 0]);
});

test('when the bus does not tell, all calls are refused, and the next one asks again', async () => {
  const { questions, uidOf, asked } = slowBus();
  const { call, service } = await serveClients({ uidOf });
  const calls = [call(':1.5', 'GetContext'), call(':1.5', 'RunPipeline', 'sys true')];
  await asked();
  questions[0]?.refuse(new HotwireError('NoReply', 'not within 25 s'));
  for (const refused of calls) {
    await expect(refused).rejects.toMatchObject({ kind: 'AccessDenied', message: expect.stringContaining('25 s') });
  }
  expect(service.idle).toBe(true);
  const again = call(':1.5', 'GetContext');
  await waitFor(() => questions.length === 2, 'the second question');
  questions[1]?.tell(UID);
  expect(await again).toHaveLength(1);
});

test('what waits is bounded: the rest is refused, the first is served', async () => {
  const { questions, uidOf } = slowBus();
  const { call } = await serveClients({ uidOf });
  const value = 'x'.repeat(MAX_WAITING_CALL_BYTES / 4);
  const calls = Array.from({ length: 6 }, (_, index) => call(':1.5', 'SetEnvironment', { [`V${index}`]: value }));
  const results = Promise.allSettled(calls);
  await expect(calls[5]).rejects.toMatchObject({ kind: 'LimitExceeded', message: expect.stringMatching(/wait for a/) });
  questions[0]?.tell(UID);
  expect((await results).map(({ status }) => status)).toEqual([
    ...Array(3).fill('fulfilled'),
    ...Array(3).fill('rejected'),
  ]);
});

test('one call alone may be as large as any', async () => {
  const { questions, uidOf, asked } = slowBus();
  const { call } = await serveClients({ uidOf });
  const large = call(':1.5', 'Evaluate', 'count', { text: new Variant('s', 'x'.repeat(2 * MAX_WAITING_CALL_BYTES)) });
  await asked();
  questions[0]?.tell(UID);
  await expect(large).rejects.toMatchObject({ message: expect.stringContaining("unknown option 'text'") });
});

test('the end of the service answers those that wait', async () => {
  const { questions, uidOf, asked } = slowBus();
  const { call, service, accounts } = await serveClients({ uidOf });
  const waiting = call(':1.5', 'GetContext');
  await asked();
  await service.close(new HotwireError('Domain.Closed', 'the slave was ended'));
  await expect(waiting).rejects.toMatchObject({ kind: 'Domain.Closed' });
  questions[0]?.tell(UID);
  await expect(call(':1.6', 'GetContext')).rejects.toMatchObject({ kind: 'Domain.Closed' });
  expect(questions).toHaveLength(1);
  expect(accounts.of(UID).contexts).toBe(0);
});
