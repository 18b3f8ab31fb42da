// What wedged, ended or bloated a slave once, and must not again. Each case leaves the slave answering.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { Variant } from '../../src/wire';
import { type Bus, startBus } from '../support/bus';
import { descendants, isAlive } from '../support/proc';
import { type Running, run } from '../support/process';
import { RawClient } from '../support/raw-client';
import { programsForAll, startSlave } from '../support/slave';
import { temporaryFolder } from '../support/temp';
import { waitFor } from '../support/wait';

let bus: Bus;
let slave: Running;
let client: RawClient;

beforeAll(async () => {
  bus = await startBus();
  slave = await startSlave(bus);
});

beforeEach(async () => {
  client = await RawClient.connect(bus);
});

afterEach(async () => {
  const other = await RawClient.connect(bus);
  expect((await other.call('GetContext'))[0]).toMatchObject({ pid: { value: slave.pid } });
  other.connection.destroy();
  client.connection.destroy();
});

async function namedPipe(): Promise<string> {
  const fifo = path.join(temporaryFolder(), 'fifo');
  await run('mkfifo', [fifo]);
  return fifo;
}

test('a program that prints as it is cancelled: its output is not sent, and the slave lives', async () => {
  const script =
    'trap "head -c 3000000 /dev/zero | tr \\\\0 x; echo; exit" TERM; echo ready; while :; do sleep 0.01; done';
  const options = { window: new Variant('u', 1) };
  const [id] = (await client.call('RunPipelineWithOptions', `sys sh -c '${script}'`, options)) as [number];
  await client.until('a line', () => client.objects(id).length === 1);
  await client.call('CancelPipeline', id);
  await client.untilState(id, 'cancelled');
  expect(client.of(id).at(-1)?.body).toEqual([id, 'cancelled']);
});

test.each([
  ['a program reads', (fifo: string) => `sys cat < ${fifo}`],
  ['a program writes', (fifo: string) => `sys echo x > ${fifo}`],
  ['the last of two programs writes', (fifo: string) => `sys echo x | sys cat >> ${fifo}`],
])('a named pipe that %s blocks nobody else, and the wait can be cancelled', async (_, text) => {
  const id = await client.run(text(await namedPipe()));
  const other = await RawClient.connect(bus);
  expect(await other.call('Evaluate', 'js-eval 1', {})).toEqual([[['number', ['1']]]]);
  await client.call('CancelPipeline', id);
  await client.untilState(id, 'cancelled');
});

test('a named pipe works between two pipelines', async () => {
  const fifo = await namedPipe();
  const reading = await client.run(`sys cat < ${fifo}`);
  const writing = await client.run(`sys echo through > ${fifo}`);
  await client.untilState(reading, 'complete');
  await client.untilState(writing, 'complete');
  expect(client.objects(reading)).toEqual(['through']);
});

test.each(['cat FIFO', 'js-eval 1 > FIFO', 'filter x < FIFO', 'js-eval 1 | write FIFO', 'cat /dev/kmsg'])(
  '%s is refused in words: it would take one of the few threads for ever',
  async (text) => {
    const id = await client.run(text.replace('FIFO', await namedPipe()));
    await client.untilState(id, 'exception');
    const traceback = client.of(id).find(({ member }) => member === 'PipelineException')?.body[1];
    expect(traceback).toMatch(/is a (named pipe|device): let a program open it/);
  },
);

test('a process that left its group and holds the output does not hold up a cancel', async () => {
  const id = await client.run("sys sh -c 'setsid sleep 60 & echo $!; sleep 100'");
  await client.until('a line', () => client.objects(id).length === 1);
  await client.call('CancelPipeline', id);
  await client.untilState(id, 'cancelled');
  process.kill(Number(client.objects(id)[0]));
});

test('a very long mistake is told in a text of bounded length', async () => {
  const answer = client.call('ChangeDirectory', `/${'x'.repeat(4_000_000)}`);
  await expect(answer).rejects.toMatchObject({ kind: 'InvalidArgs' });
  await answer.catch((error: Error) => expect(error.message.length).toBeLessThan(100_000));
});

test('after a time limit nothing but the exception and the state comes, though output was waiting', async () => {
  const options = { window: new Variant('u', 1), timeout: new Variant('d', 0.2) };
  const [id] = (await client.call('RunPipelineWithOptions', 'sys yes', options)) as [number];
  await client.untilState(id, 'exception');
  await client.call('AcknowledgeObjects', id, 100);
  await client.call('GetContext');
  expect(
    client
      .of(id)
      .slice(-2)
      .map(({ member }) => member),
  ).toEqual(['PipelineException', 'PipelineStateChanged']);
});

test('an exception whose message holds a NUL arrives', async () => {
  const id = await client.run('js-eval \'(() => { throw new Error("a\\0b") })()\'');
  await client.untilState(id, 'exception');
  expect(client.of(id).at(-2)?.body[1]).toContain('a\u2400b');
});

test('an ended pipeline takes no more input', async () => {
  const options = { input: new Variant('b', true) };
  const [id] = (await client.call('RunPipelineWithOptions', 'sort', options)) as [number];
  await client.call('CancelPipeline', id);
  await expect(client.call('PutObjects', id, ['1'])).rejects.toMatchObject({ kind: 'InvalidState' });
});

test('endless expressions of one client are few processes at a time, and end with it', async () => {
  const before = new Set(descendants(slave.pid));
  for (let count = 0; count < 30; count += 1) await client.run("js-eval '(() => { for (;;); })()'");
  const other = await RawClient.connect(bus);
  expect(await other.call('Evaluate', 'js-eval 6*7', {})).toEqual([[['number', ['42']]]]);
  other.connection.destroy();
  const started = descendants(slave.pid).filter((pid) => !before.has(pid));
  expect(started.length).toBeLessThanOrEqual(6);
  client.connection.destroy();
  await waitFor(() => !started.some(isAlive), 'the processes to end');
});

test('the slave that is ended tells its clients', async () => {
  const second = await startBus();
  const ending = await startSlave(second);
  const watcher = await RawClient.connect(second);
  const id = await watcher.run('sys sleep 100');
  await watcher.untilState(id, 'executing');
  ending.kill('SIGTERM');
  await watcher.untilState(id, 'exception');
  expect(watcher.of(id).at(-2)?.body[1]).toMatch(/^the slave was ended \(SIGTERM\)/);
  await ending.exit();
});

test('a client that leaves while its call is looked at is gone for good', async () => {
  const second = await startBus();
  const idle = await startSlave(second, ['--idle-exit', '0.3']);
  const leaver = await RawClient.connect(second);
  const options = { cwd: new Variant('s', '/') };
  for (let count = 0; count < 300; count += 1) {
    leaver.call('RunPipelineWithOptions', 'sys sleep 100', options).catch(() => undefined); // nobody waits for it
  }
  leaver.connection.destroy();
  expect(await idle.exit()).toMatchObject({ code: 0 });
});

test('a Ping makes nobody a client: --idle-exit is not put off by it', async () => {
  const second = await startBus();
  const idle = await startSlave(second, ['--idle-exit', '0.2']);
  const pinger = await RawClient.connect(second);
  await pinger.send('Ping', '', [], { interface: 'org.freedesktop.DBus.Peer' });
  expect(await idle.exit()).toMatchObject({ code: 0 });
});

test('a user without a home, a name or a PATH can run programs', async () => {
  const folder = path.join(temporaryFolder(), 'empty');
  mkdirSync(folder);
  const program = path.join(await programsForAll(), 'hotwire-slave');
  const call = ['call', 'org.hotwireshell.Slave1', '/org/hotwireshell/Slave1', 'org.hotwireshell.Slave1'];
  const user = ['--reuid', '54321', '--regid', '54321', '--clear-groups'];
  const command = ['env', '-i', process.execPath, program, '--stdio'];
  const argv = ['setpriv', ...user, ...command].map((word, index) =>
    index === 0 ? 'path=/usr/bin/setpriv' : `argv${index}=${word}`,
  );
  const args = [`--address=unixexec:${argv.join(',')}`, ...call, 'Evaluate', 'sa{sv}', 'id -u', '0'];
  const result = await run('busctl', args, { cwd: '/' }); // the checkout may be closed to that user
  expect(result.stdout).toContain('54321');
});
