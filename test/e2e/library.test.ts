// The client library on the real slave: on a bus, and embedded.
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { connect, type Domain, type RemotePipeline } from '../../src/client';
import type { ConnectOptions } from '../../src/client/api';
import { BUS_NAME } from '../../src/contract';
import { encodeValue } from '../../src/domains/address';
import { type Bus, startBus } from '../support/bus';
import { onCleanup } from '../support/cleanup';
import { commandLine, descendants, isAlive } from '../support/proc';
import { environment, type Running } from '../support/process';
import { activationFolder, built, HOTWIRE_SLAVE, startSlave } from '../support/slave';
import { temporaryFolder } from '../support/temp';
import { waitFor, within } from '../support/wait';

/** What was given up has to be gone by then: far less than any limit of connecting. */
const ABORT_PATIENCE_MS = 5000;

let bus: Bus;
let slave: Running;

beforeAll(async () => {
  await built();
  bus = await startBus();
  slave = await startSlave(bus);
});

async function onBus(): Promise<Domain> {
  const domain = await connect('', { bus: bus.address });
  onCleanup(() => domain.close());
  return domain;
}

async function embedded(): Promise<Domain> {
  const domain = await connect('', { embedded: true, environment: environment() });
  onCleanup(() => domain.close());
  return domain;
}

async function collect(pipeline: RemotePipeline): Promise<unknown[]> {
  const objects: unknown[] = [];
  for await (const object of pipeline) objects.push(object);
  return objects;
}

/** A folder with an activation file of the slave's name that runs something else. */
function serviceOf(command: string): string {
  const folder = temporaryFolder();
  const text = `[D-BUS Service]\nName=${BUS_NAME}\nExec=${command}\n`;
  writeFileSync(path.join(folder, `${BUS_NAME}.service`), text);
  return folder;
}

describe.each([
  ['on a bus', onBus],
  ['embedded', embedded],
])('%s', (_, open) => {
  let domain: Domain;
  beforeAll(async () => {
    domain = await open();
  });

  test('a pipeline is an iterable of objects', async () => {
    const pipeline = await domain.run('js-eval \'[{"a":1},{"a":2}]\' | iter | js-filter "it.a > 1"');
    expect(await collect(pipeline)).toEqual([{ a: 2 }]);
    expect(pipeline.state).toBe('complete');
    expect(pipeline.outputType).toBe('object');
    expect(await pipeline.describe()).toMatchObject({ commands: ['js-eval', 'iter', 'js-filter'], inputType: 'any' });
  });

  test('a single value is one object', async () => {
    expect(await collect(await domain.run('js-eval 6*7'))).toEqual([42]);
  });

  test('leaving the loop early cancels', async () => {
    const pipeline = await domain.run("sys sh -c 'echo $$; exec yes'");
    let pid = 0;
    for await (const line of pipeline) {
      pid = Number(line);
      break;
    }
    expect(pipeline.state).toBe('cancelled');
    expect(isAlive(pid)).toBe(false);
  });

  test('not reading pauses the far end, and loses nothing', async () => {
    const last = 300_000;
    const pipeline = await domain.run(`sys seq 1 ${last}`);
    const other = await domain.run('sys seq 1 1000');
    expect(await collect(other)).toHaveLength(1000); // nobody reads the first: it holds up nothing
    expect(pipeline.state).toBe('executing');
    const lines = await collect(pipeline);
    expect(lines).toHaveLength(last);
    expect(lines.findIndex((line, index) => line !== String(index + 1))).toBe(-1);
  });

  test('a failure is thrown at the end of the output', async () => {
    const pipeline = await domain.run('sys seq 1 2 | js-map "it == 2 ? nowhere.at.all : it"');
    await expect(collect(pipeline)).rejects.toMatchObject({
      kind: 'PipelineFailed',
      message: expect.stringContaining('nowhere is not defined'),
      detail: expect.stringContaining('in command 1: js-map'),
    });
    expect(pipeline.state).toBe('exception');
    expect(await pipeline.finished).toBe('exception');
  });

  test('a text that does not parse is refused', async () => {
    await expect(domain.run('proc |')).rejects.toMatchObject({ kind: 'Parse' });
    await expect(domain.describe('proc |')).rejects.toMatchObject({ kind: 'Parse' });
    await expect(domain.evaluate('proc |')).rejects.toMatchObject({ kind: 'Parse' });
  });

  test('metadata and states are events', async () => {
    const pipeline = await domain.run("sys sh -c 'echo oh >&2; exit 3'");
    const seen: unknown[] = [];
    pipeline.on('metadata', ({ key, value }) => seen.push([key, value]));
    pipeline.on('state', (state) => seen.push(state));
    expect(await pipeline.drain()).toBe('complete');
    expect(seen).toEqual([
      'executing',
      ['hotwire.stderr', 'oh\n'],
      ['hotwire.exit', { code: 3, signal: null }],
      'complete',
    ]);
  });

  test('objects are put while the pipeline reads, and the feeder waits for it', async () => {
    const pipeline = await domain.run('js-map "it.n"', { input: true });
    const reading = collect(pipeline);
    for (let n = 0; n < 200; n += 1) await pipeline.put([{ n, filler: 'x'.repeat(20_000) }]);
    await pipeline.closeInput();
    expect(await reading).toEqual(Array.from({ length: 200 }, (_, n) => n));
  });

  test('any iterable is fed, at the pace of the pipeline', async () => {
    const domain = await open();
    const COUNT = 100_000;
    let taken = 0;
    async function* numbers() {
      for (; taken < COUNT; taken++) yield taken;
    }
    const pipeline = await domain.run('js-filter "it % 2 == 0" | count', { input: numbers() });
    expect(await collect(pipeline)).toEqual([COUNT / 2]);
    expect(await collect(await domain.run('sort -r', { input: new Set([2, 3, 1]) }))).toEqual([3, 2, 1]);
    expect(await collect(await domain.run('count', { input: [] }))).toEqual([0]);
  });

  test('what is fed arrives at once, though more is to come', async () => {
    const domain = await open();
    const answers: unknown[] = [];
    let answered: () => void = () => undefined;
    async function* questions() {
      for (let question = 1; question <= 3; question++) {
        yield question;
        // the next is asked only once there is an answer
        if (answers.length < question) await new Promise<void>((resolve) => (answered = resolve));
      }
    }
    for await (const answer of await domain.run('js-map "it * 10"', { input: questions() })) {
      answers.push(answer);
      answered();
    }
    expect(answers).toEqual([10, 20, 30]);
  });

  test('a source is told to stop when the pipeline has enough; nobody waits for one that does not', async () => {
    const domain = await open();
    let stopped = false;
    async function* endless() {
      try {
        for (let number = 0; ; number++) yield number;
      } finally {
        stopped = true;
      }
    }
    expect(await collect(await domain.run('first 2', { input: endless() }))).toEqual([0, 1]);
    await waitFor(() => stopped, 'the source to stop');
    const never = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) };
    const pipeline = await domain.run('count', { input: never });
    await pipeline.cancel();
    expect(pipeline.state).toBe('cancelled');
  });

  test('a source that fails cancels the pipeline, and the reader gets its reason', async () => {
    const domain = await open();
    async function* broken() {
      yield 1;
      throw new Error('the source broke');
    }
    const pipeline = await domain.run('js-map "it"', { input: broken() });
    await expect(collect(pipeline)).rejects.toThrow('the source broke');
    expect(pipeline.state).toBe('cancelled');
    const circular: { self?: unknown } = {};
    circular.self = circular;
    await expect(collect(await domain.run('count', { input: [circular] }))).rejects.toThrow(/circular|JSON/i);
  });

  test('cancel, undo and release', async () => {
    const sleeping = await domain.run('sys sleep 100');
    await sleeping.cancel();
    expect(sleeping.state).toBe('cancelled');
    await sleeping.release();
    await expect(sleeping.undo()).rejects.toMatchObject({ kind: 'NoSuchPipeline' });

    const before = (await domain.context()).cwd;
    const moving = await domain.run('cd /usr');
    await moving.drain();
    expect((await domain.context()).cwd).toBe('/usr');
    await moving.undo();
    expect(moving.state).toBe('undone');
    expect((await domain.context()).cwd).toBe(before);
  });

  test('an abort signal cancels', async () => {
    const abort = new AbortController();
    const pipeline = await domain.run('sys sleep 100', { signal: abort.signal });
    abort.abort();
    expect(await pipeline.finished).toBe('cancelled');
  });

  test('a pipeline is disposed of at the end of its scope', async () => {
    const pipeline = await domain.run('sys sleep 100');
    await pipeline[Symbol.asyncDispose]();
    expect(pipeline.state).toBe('cancelled');
  });

  test('options reach the pipeline', async () => {
    const batches = await domain.evaluate('sys sh -c \'echo "$X $PWD"\'', { cwd: '/usr', env: { X: 'x' } });
    expect(batches).toEqual([{ className: 'string', objects: ['x /usr'] }]);
    const slow = await domain.run('sys sleep 100', { timeout: 0.05 });
    expect(await slow.drain()).toBe('exception');
    expect(slow.exception?.message).toContain('0.05 s');
  });

  test('two readers are one too many', async () => {
    const pipeline = await domain.run('js-eval 1');
    await collect(pipeline);
    await expect(collect(pipeline)).rejects.toMatchObject({ kind: 'InvalidState' });
  });
});

describe('when the slave dies', () => {
  test('on a bus: pipelines and calls fail, and the domain says so', async () => {
    const domain = await onBus();
    const closed = new Promise((resolve) => domain.on('close', resolve));
    const pipeline = await domain.run('sys sleep 100');
    const reading = collect(pipeline);
    const calling = domain.evaluate('sys sleep 100');
    slave.kill('SIGKILL');
    await expect(reading).rejects.toMatchObject({ kind: 'Domain.Closed', message: 'the slave has ended' });
    await expect(calling).rejects.toMatchObject({ kind: expect.stringMatching(/NoReply|Disconnected/) });
    expect(pipeline.state).toBe('exception');
    expect(await closed).toMatchObject({ kind: 'Domain.Closed' });
    await expect(domain.run('proc')).rejects.toMatchObject({ kind: 'Domain.Closed' });
    slave = await startSlave(bus);
  });

  // `close` used to come twice, with the words of the connection.
  test('with its bus: the bus is named', async () => {
    const other = await startBus();
    await startSlave(other);
    const domain = await connect('', { bus: other.address });
    const closes: (Error | undefined)[] = [];
    domain.on('close', (error) => closes.push(error));
    const pipeline = await domain.run('sys sleep 100');
    await other.stop();
    expect(await pipeline.finished).toBe('exception');
    expect(closes).toEqual([pipeline.exception]);
    expect(pipeline.exception?.message).toMatch(/^the message bus is gone: /);
  });

  test('embedded: likewise', async () => {
    const before = new Set(descendants(process.pid));
    const domain = await embedded();
    const [pid] = descendants(process.pid).filter((child) => !before.has(child));
    const pipeline = await domain.run('sys sleep 100');
    const reading = collect(pipeline);
    process.kill(pid as number, 'SIGKILL');
    await expect(reading).rejects.toMatchObject({
      kind: 'Domain.Closed',
      message: expect.stringMatching(/^the slave has ended: /),
    });
    expect(await pipeline.finished).toBe('exception');
  });

  // It was only 'exec:…: the other end closed the connection'.
  test('at the end of a connector: that tells how', async () => {
    const step = `exec:${encodeValue(process.execPath)} ${encodeValue(HOTWIRE_SLAVE)} --stdio`;
    const domain = await connect(step, { embedded: true, environment: environment() });
    const closes: (Error | undefined)[] = [];
    domain.on('close', (error) => closes.push(error));
    const pipeline = await domain.run('sys sleep 100');
    process.kill((await domain.context()).pid as number, 'SIGKILL');
    expect(await pipeline.finished).toBe('exception');
    expect(closes).toEqual([pipeline.exception]);
    expect(pipeline.exception).toMatchObject({
      kind: 'Domain.Closed',
      message: expect.stringMatching(/^exec:.*: the connection has ended: was ended by SIGKILL/),
    });
    await domain.close();
  });
});

// The signal was not heeded until the limit of the handshake, 10 s.
describe('connecting is given up when the signal aborts, and leaves nothing behind', () => {
  const REASON = new Error('not wanted any more');

  /** Connects, and gives up once `reached` resolves. */
  async function givenUp(address: string, options: ConnectOptions, reached: () => Promise<unknown>): Promise<void> {
    const before = new Set(descendants(process.pid));
    const abort = new AbortController();
    const connecting = connect(address, { ...options, signal: abort.signal });
    connecting.catch(() => undefined); // awaited below
    await reached();
    abort.abort(REASON);
    await expect(within(connecting, 'the end of connecting', ABORT_PATIENCE_MS)).rejects.toBe(REASON);
    await waitFor(() => descendants(process.pid).every((one) => before.has(one)), 'the end of what was started');
  }

  /** A process of ours that was not there, with this text in its command line. */
  const child = (text: string) => () =>
    waitFor(() => descendants(process.pid).some((pid) => commandLine(pid).includes(text)), text);

  test('of a bus that says nothing', async () => {
    const address = path.join(temporaryFolder(), 'silent');
    let closed: Promise<unknown> = Promise.resolve();
    const server = net.createServer((socket) => {
      closed = once(socket.resume(), 'close');
    });
    server.listen(address);
    await once(server, 'listening');
    await givenUp('', { bus: `unix:path=${address}` }, () => once(server, 'connection'));
    await within(closed, 'the end of the connection');
    server.close();
  });

  test('of a bus whose slave does not appear', async () => {
    const mark = path.join(temporaryFolder(), 'started');
    const slow = await startBus({ services: serviceOf(`/bin/sh -c 'touch ${mark}; exec sleep 3 >/dev/null 2>&1'`) });
    await givenUp('', { bus: slow.address }, () => waitFor(() => existsSync(mark), 'the service'));
    await slow.stop();
  });

  test('of a slave that we start on the bus', async () => {
    const empty = await startBus();
    await givenUp('', { bus: empty.address }, child('--idle-exit'));
    await empty.stop();
  });

  test('of a slave of our own', async () => {
    await givenUp('', { embedded: true, environment: environment() }, child('--stdio'));
  });

  test('of a far slave', async () => {
    const never = `exec:${encodeValue(process.execPath)} -e setInterval(String,1e3)`;
    await givenUp(never, { embedded: true, environment: environment() }, child('setInterval'));
  });

  test('before it began', async () => {
    await expect(connect('', { embedded: true, signal: AbortSignal.abort(REASON) })).rejects.toBe(REASON);
  });
});

describe('which slave', () => {
  test('an embedded one ends with its domain', async () => {
    const before = new Set(descendants(process.pid));
    const domain = await embedded();
    const started = descendants(process.pid).filter((child) => !before.has(child));
    expect(started).not.toEqual([]);
    await domain.close();
    await waitFor(() => !started.some(isAlive), 'the slave to end');
  });

  test('on a bus without one, it is started, once, and stays for the next', async () => {
    const empty = await startBus();
    const environmentOfUser = environment({ DBUS_SESSION_BUS_ADDRESS: empty.address });
    const domains = await Promise.all([1, 2, 3].map(() => connect('', { environment: environmentOfUser })));
    const pids = await Promise.all(domains.map(async (domain) => (await domain.context()).pid));
    expect(new Set(pids).size).toBe(1);
    await Promise.all(domains.map((domain) => domain.close()));
    expect(isAlive(pids[0] as number)).toBe(true);
    await empty.stop();
    await waitFor(() => !isAlive(pids[0] as number), 'the slave to end with its bus');
  });

  test('a bus that can start one does', async () => {
    const active = await startBus({ services: await activationFolder() });
    const domain = await connect('', { bus: active.address });
    expect(await domain.evaluate('js-eval 1')).toEqual([{ className: 'number', objects: [1] }]);
    await domain.close();
    await active.stop();
  });

  // That the service file fails used to be the end.
  test('a bus that fails to start one: it is started all the same', async () => {
    const failing = await startBus({ services: serviceOf('/bin/false') });
    const domain = await connect('', { bus: failing.address });
    expect(await domain.evaluate('js-eval 1')).toHaveLength(1);
    await domain.close();
    await failing.stop();
  });

  test('a bus whose slave does not appear in time', async () => {
    const slow = await startBus({ services: serviceOf("/bin/sh -c 'exec sleep 3 >/dev/null 2>&1'") });
    const connecting = connect('', { bus: slow.address, timeoutMs: 500 });
    await expect(connecting).rejects.toMatchObject({ kind: 'Domain.TimedOut', exit: 3 });
    await slow.stop();
  });

  test('an address of the environment where no bus is: a slave of our own', async () => {
    const stale = environment({ DBUS_SESSION_BUS_ADDRESS: 'unix:path=/no/such/bus' });
    const domain = await connect('', { environment: stale });
    expect(await domain.evaluate('js-eval 1')).toHaveLength(1);
    await domain.close();
  });

  test('an address that was asked for by name must be there', async () => {
    await expect(connect('', { bus: 'unix:path=/no/such/bus' })).rejects.toMatchObject({ kind: 'Disconnected' });
    await expect(connect('ssh')).rejects.toMatchObject({ kind: 'Domain.BadAddress' });
  });

  test('the bus of $XDG_RUNTIME_DIR is found', async () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'x'));
    writeFileSync(path.join(folder, 'bus'), ''); // a file is no bus
    const domain = await connect('', { environment: environment({ XDG_RUNTIME_DIR: folder }) });
    expect((await domain.context()).pid).not.toBe(process.pid);
    await domain.close();
  });
});
