// No object is lost and no queue grows without bound: DESIGN section 4, "Pacing".
import path from 'node:path';
import { Variant } from '../../src/wire';
import { type Bus, startBus } from '../support/bus';
import { isAlive, memory } from '../support/proc';
import { type Running, start } from '../support/process';
import { RawClient } from '../support/raw-client';
import { built, HOTWIRE, startSlave } from '../support/slave';
import { waitFor } from '../support/wait';

const MIB = 1024 * 1024;
/** What slave and bus may take while a client is stopped. */
const MOST_BYTES = 120 * MIB;
/** After so many milliseconds a call whose reply may have been dropped is made again. */
const RETRY_MS = 500;
const PYTHON_CLIENT = path.join(__dirname, '..', 'support', 'python', 'client_gio.py');

let bus: Bus;
let slave: Running;

beforeEach(async () => {
  bus = await startBus();
  slave = await startSlave(bus);
});

afterEach(async () => {
  await slave.stop();
  await bus.stop();
});

/** Runs another client's pipeline to its end, and looks at the memory of slave and bus meanwhile. */
async function othersGoOn(): Promise<void> {
  const other = await RawClient.connect(bus);
  for (let round = 0; round < 5; round += 1) {
    const [batches] = await other.call('Evaluate', 'sys seq 1 20000', {});
    expect((batches as [string, string[]][])[0]?.[1]).toHaveLength(20_000);
    expect(memory(slave.pid).rss).toBeLessThan(MOST_BYTES);
    expect(memory(bus.pid).rss).toBeLessThan(MOST_BYTES);
  }
  other.connection.destroy();
}

/** Every number from 1 to `last`, in order, each once. */
function expectCount(lines: string[], last: number): void {
  expect(lines).toHaveLength(last);
  const wrong = lines.findIndex((line, index) => line !== String(index + 1));
  expect(wrong).toBe(-1);
}

test('a stopped command pauses its pipeline, nothing else, and gets every line once continued', async () => {
  await built();
  const last = 3_000_000;
  const client = start(HOTWIRE, ['run', '-n', '--bus', bus.address, `sys seq 1 ${last}`]);
  await client.line(/^1$/);
  process.kill(client.pid, 'SIGSTOP');
  await othersGoOn();
  process.kill(client.pid, 'SIGCONT');
  expect(await client.exit(60_000)).toMatchObject({ code: 0, signal: null });
  expectCount(client.stdout.trimEnd().split('\n'), last);
  expect(memory(slave.pid).peak).toBeLessThan(MOST_BYTES);
  expect(memory(bus.pid).peak).toBeLessThan(MOST_BYTES);
}, 90_000);

test('so does a stopped GDBus client, which knows nothing of pacing', async () => {
  const last = 400_000;
  const client = start('/usr/bin/python3', [PYTHON_CLIENT, bus.address, `sys seq 1 ${last}`, '120']);
  await client.line(/PipelineObjects/);
  process.kill(client.pid, 'SIGSTOP');
  await othersGoOn();
  process.kill(client.pid, 'SIGCONT');
  expect(await client.exit(60_000)).toMatchObject({ code: 0, signal: null });
  const lines = client.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { signal?: string; arguments: unknown[] });
  const numbers = lines
    .filter(({ signal }) => signal === 'PipelineObjects')
    .flatMap((line) => line.arguments[2] as string[]);
  expectCount(
    numbers.map((text) => JSON.parse(text) as string),
    last,
  );
  expect(memory(slave.pid).peak).toBeLessThan(MOST_BYTES);
  expect(memory(bus.pid).peak).toBeLessThan(MOST_BYTES);
}, 90_000);

test('credit: no more signals than the window, until they are acknowledged', async () => {
  const client = await RawClient.connect(bus);
  const options = { window: new Variant('u', 2) };
  const [id] = (await client.call('RunPipelineWithOptions', 'sys seq 1 1000000', options)) as [number];
  const paced = () => client.of(id).filter(({ member }) => member !== 'PipelineStateChanged').length;
  await client.until('two signals', () => paced() === 2);
  await client.call('GetContext'); // whatever had been sent before its answer is here now
  expect(paced()).toBe(2);
  await client.call('AcknowledgeObjects', id, 3);
  await client.until('three more', () => paced() === 5);
  await client.call('GetContext');
  expect(paced()).toBe(5);
  await client.call('CancelPipeline', id);
  expect(client.of(id).at(-1)?.body).toEqual([id, 'cancelled']);
});

test('a pipeline whose output nobody reads holds up no other of the same client', async () => {
  const client = await RawClient.connect(bus);
  const options = { window: new Variant('u', 1) };
  await client.call('RunPipelineWithOptions', 'sys seq 1 1000000', options);
  const second = await client.run('sys seq 1 100000');
  await client.untilState(second, 'complete');
  expect(client.objects(second)).toHaveLength(100_000);
});

test('a client that answers no Ping gets the window and no more, and its end ends the pipeline', async () => {
  const client = await RawClient.connect(bus);
  let asked = 0;
  client.connection.onCall = () => {
    asked += 1; // and no answer
  };
  const id = await client.run("sys sh -c 'echo $$; exec yes'");
  await client.until('the first line', () => client.objects(id).length > 0);
  const pid = Number(client.objects(id)[0]);
  let before = -1;
  await waitFor(async () => {
    // Paused: nothing more came between two answers of the slave.
    await client.call('GetContext');
    const now = client.signals.length;
    const paused = asked > 0 && now === before;
    before = now;
    return paused;
  }, 'the pipeline to pause');
  const bytes = client.signals.reduce((sum, { message }) => sum + message.size, 0);
  expect(bytes).toBeLessThan(5 * MIB);
  expect(asked).toBe(1); // one at a time: a bus counts pending replies
  client.connection.destroy();
  await waitFor(() => !isAlive(pid), 'yes to end');
});

test('what the bus drops is a failure of the pipeline, not a gap in its output', async () => {
  const small = await startBus({ limits: { max_outgoing_bytes: 300_000 } });
  const crowded = await startSlave(small);
  const client = await RawClient.connect(small);
  const id = await client.run('sys seq 1 1000000');
  client.connection.pauseReading();
  // The daemon holds what the client does not read, up to its limit, and drops the rest.
  await crowded.line(/could not deliver/, 'stderr');
  client.connection.resumeReading();
  let described: Record<string, Variant> | undefined;
  await waitFor(async () => {
    // While the queue is full the bus drops replies as well: then the call is made again.
    const reply = await client.send('GetPipeline', 'i', [id], {}, RETRY_MS).catch(() => []);
    described = reply[0] as Record<string, Variant> | undefined;
    return described?.state?.value === 'exception';
  }, 'the pipeline to fail');
  const error = JSON.parse(described?.error?.value as string) as { name: string; message: string };
  expect(error.name).toBe('org.freedesktop.DBus.Error.LimitsExceeded');
  expect(error.message).toMatch(/^the bus could not deliver the output: /);
});
