// Domains behind a slave on a real bus: processes at the end of pipes, clients that are not ours and the library.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Metadata } from '../../src/client/api';
import { connect } from '../../src/client/connect';
import { BUS_NAME, INTERFACE, OBJECT_PATH } from '../../src/contract';
import { encodeValue } from '../../src/domains/address';
import { type Bus, startBus } from '../support/bus';
import { onCleanup } from '../support/cleanup';
import { type Event, GdbusClient, Raw } from '../support/gdbus-client';
import { descendants, isAlive, memory } from '../support/proc';
import { type Running, run } from '../support/process';
import { ResidentHome } from '../support/resident';
import { HOTWIRE_SLAVE, startSlave } from '../support/slave';
import { temporaryFolder } from '../support/temp';
import { waitFor } from '../support/wait';

const MEGABYTE = 1024 * 1024;
/** One more slave of this machine, at the end of a pipe. */
const STEP = `exec:${encodeValue(process.execPath)} ${encodeValue(HOTWIRE_SLAVE)} --stdio`;
const NONE = new Raw('@a{sv} {}');

let bus: Bus;
let slave: Running;
let home: ResidentHome;

beforeAll(async () => {
  home = new ResidentHome();
  bus = await startBus();
  slave = await startSlave(bus, [], { env: home.environment });
});

const peers = () => descendants(slave.pid);

async function client(): Promise<GdbusClient> {
  const started = await GdbusClient.connect(bus);
  onCleanup(() => started.close());
  return started;
}

async function open(gdbus: GdbusClient, address = STEP): Promise<string> {
  return (await gdbus.call('OpenDomain', address, NONE))[0] as string;
}

async function runAt(gdbus: GdbusClient, at: string, text: string): Promise<number> {
  const call = { path: at, member: 'RunPipeline', signature: '(s)', arguments: `(${JSON.stringify(text)},)` };
  return (await gdbus.send(call))[0] as number;
}

async function library(address: string) {
  const domain = await connect(address, { bus: bus.address, environment: home.environment });
  onCleanup(() => domain.close());
  return domain;
}

describe('a client that is not ours', () => {
  test('uses a domain as it uses the slave', async () => {
    const gdbus = await client();
    const at = await open(gdbus);
    const id = await runAt(gdbus, at, 'sys seq 1 20000');
    expect(await gdbus.end(id)).toBe('complete');
    expect(gdbus.objects(id)).toHaveLength(20_000);
    const signals = gdbus.events.filter(({ signal }) => signal?.startsWith('Pipeline'));
    expect(new Set(signals.map((event) => event.path))).toEqual(new Set([at]));
  });

  test('of a single call each, as busctl is, finds it open', async () => {
    const busctl = async (at: string, ...words: string[]) => {
      const { stdout, stderr } = await run('busctl', [
        `--address=${bus.address}`,
        '--json=short',
        'call',
        BUS_NAME,
        at,
        INTERFACE,
        ...words,
      ]);
      expect(stderr).toBe('');
      return JSON.parse(stdout).data;
    };
    const [at] = await busctl(OBJECT_PATH, 'OpenDomain', 'sa{sv}', STEP, '0');
    expect(await busctl(at, 'Evaluate', 'sa{sv}', 'js-eval 6*7', '0')).toEqual([[['number', ['42']]]]);
    const [list] = await busctl(OBJECT_PATH, 'ListDomains');
    expect(list).toContainEqual(
      expect.objectContaining({ address: { type: 's', data: STEP }, path: { type: 'o', data: at } }),
    );
  });

  test('that is stopped pauses its far pipeline, at no cost to others', async () => {
    const [stopped, other] = [await client(), await client()];
    const at = await open(stopped, `${STEP}/${STEP}`);
    expect(await open(other, `${STEP}/${STEP}`)).toBe(at);
    const id = await runAt(stopped, at, 'sys yes');
    await stopped.until('the first objects', ({ signal }) => signal === 'PipelineObjects');
    stopped.kill('SIGSTOP');
    onCleanup(() => stopped.kill('SIGCONT'));
    const before = new Map(peers().map((pid) => [pid, memory(pid).rss]));
    for (let round = 0; round < 3; round++) {
      const mine = await runAt(other, at, 'sys seq 1 100000');
      expect(await other.end(mine)).toBe('complete');
    }
    for (const [pid, rss] of before) if (isAlive(pid)) expect(memory(pid).rss - rss).toBeLessThan(64 * MEGABYTE);
    expect(memory(slave.pid).rss).toBeLessThan(300 * MEGABYTE);
    stopped.kill('SIGCONT');
    const cancel = { path: at, member: 'CancelPipeline', signature: '(i)', arguments: `(${id},)` };
    await stopped.send(cancel);
    expect(await stopped.end(id)).toBe('cancelled');
  });

  test('that vanishes takes what it has in domains along, and nothing else', async () => {
    const [leaving, staying] = [await client(), await client()];
    const at = await open(leaving);
    await open(staying);
    const mark = path.join(temporaryFolder(), 'pid');
    await runAt(leaving, at, `sys sh -c 'echo $$ > ${mark}; exec sleep 1000'`);
    await waitFor(() => Number(readIfThere(mark)) > 0, 'the program to start');
    const pid = Number(readIfThere(mark));
    leaving.kill('SIGKILL');
    await waitFor(() => !isAlive(pid), 'its far program to end');
    const id = await runAt(staying, at, 'js-eval 1');
    expect(await staying.end(id)).toBe('complete');
  });
});

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

describe('a peer that is killed', () => {
  test('ends its pipelines in exception, is told of, and can be opened again', async () => {
    const gdbus = await client();
    const at = await open(gdbus, `${STEP} `);
    const id = await runAt(gdbus, at, 'sys sleep 1000');
    const context = { path: at, member: 'GetContext' };
    const [{ pid }] = (await gdbus.send(context)) as [{ pid: number }];
    process.kill(pid, 'SIGKILL');
    expect(await gdbus.end(id)).toBe('exception');
    await gdbus.until('the news', ({ signal }) => signal === 'DomainClosed');
    const [last] = gdbus.events.slice(-1);
    expect(last).toMatchObject({ path: OBJECT_PATH, arguments: [at, expect.stringContaining('SIGKILL')] });
    await expect(gdbus.send(context)).rejects.toMatchObject({ kind: 'UnknownObject' });
    const again = await open(gdbus, `${STEP} `);
    await runAt(gdbus, again, 'js-eval 1'); // the new slave there counts anew: the same number, at another path
    const states = ({ path: from, signal }: Event) => from === again && signal === 'PipelineStateChanged';
    await gdbus.until('its end', (event) => states(event) && event.arguments?.[1] === 'complete');
  });

  test('none outlives its slave', async () => {
    const second = await startBus();
    const head = await startSlave(second, [], { env: home.environment });
    const gdbus = await GdbusClient.connect(second);
    onCleanup(() => gdbus.close());
    await runAt(gdbus, await open(gdbus, `${STEP}/${STEP}`), 'sys sleep 1000');
    await waitFor(() => descendants(head.pid).length >= 3, 'the chain');
    const below = descendants(head.pid);
    head.kill('SIGKILL');
    await waitFor(() => !below.some(isAlive), 'the whole chain to end');
  });
});

describe('the library', () => {
  test('input, progress, cancel and undo work through two steps', async () => {
    const domain = await library(`${STEP}/${STEP}`);
    const fed = await domain.run('js-map it+1', { input: [1, 2, 3] });
    const sums: unknown[] = [];
    for await (const value of fed) sums.push(value);
    expect(sums).toEqual([2, 3, 4]);

    const told: Metadata[] = [];
    const noisy = await domain.run(`sys sh -c 'echo oops >&2; exit 3'`);
    noisy.on('metadata', (metadata) => told.push(metadata));
    await noisy.drain();
    expect(told).toEqual([
      { command: 0, key: 'hotwire.stderr', value: 'oops\n' },
      { command: 0, key: 'hotwire.exit', value: { code: 3, signal: null } },
    ]);

    const endless = await domain.run('sys yes');
    for await (const line of endless) {
      expect(line).toBe('y');
      break;
    }
    expect(endless.state).toBe('cancelled');

    const folder = temporaryFolder();
    const made = await domain.run(`mkdir ${folder}/made`);
    await made.drain();
    await made.undo();
    expect(made.state).toBe('undone');

    expect(await domain.changeDirectory('/usr')).toBe('/usr');
    const here = await library('');
    expect((await here.context()).cwd).not.toBe('/usr');
  });

  test('a slow reader pauses the far end', async () => {
    const domain = await library(`${STEP}/${STEP}`);
    const pipeline = await domain.run('sys yes');
    const batches = pipeline.batches()[Symbol.asyncIterator]();
    await batches.next();
    await (await domain.run('sys seq 1 200000')).drain();
    const { signals } = await domain.pipeline(pipeline.id);
    await (await domain.run('sys seq 1 200000')).drain();
    expect((await domain.pipeline(pipeline.id)).signals).toBe(signals);
    await batches.return?.();
  });

  // They had one name between them at the far end, and took each other's objects.
  test('commands `on` that reach one domain at once keep apart, from each other and from the clients', async () => {
    const address = `${STEP}    `;
    const [near, far] = [await library(''), await library(address)];
    const gate = path.join(temporaryFolder(), 'gate');
    const on = (text: string) => near.run(`on '${address}' "${text}"`);
    const slow = await on(`sys sh -c 'until [ -e ${gate} ]; do sleep 0.02; done; seq 3'`);
    const quick = await Promise.all([on('sys seq 1 1000'), on('sys seq 1 1000'), far.run('sys seq 1 1000')]);
    for (const pipeline of quick) {
      let count = 0;
      for await (const _ of pipeline) count++;
      expect(count).toBe(1000);
    }
    writeFileSync(gate, '');
    const values: unknown[] = [];
    for await (const value of slow) values.push(value);
    expect(values).toHaveLength(3);
  });

  test('the end of the domain is told', async () => {
    const domain = await library(`${STEP}  `);
    const closed = new Promise((resolve) => domain.on('close', resolve));
    const pipeline = await domain.run('sys sleep 1000');
    process.kill((await domain.context()).pid as number, 'SIGKILL');
    expect(await pipeline.finished).toBe('exception');
    expect(pipeline.exception?.message).toContain('SIGKILL');
    expect(await closed).toMatchObject({ kind: 'Domain.Closed' });
    await expect(domain.run('js-eval 1')).rejects.toMatchObject({ kind: 'Domain.Closed' });
  });

  test('a detached pipeline of a domain goes on when the link is cut, and is attached to again: each number once', async () => {
    const COUNT = 300_000;
    const first = await library(`${STEP}   `);
    const gate = path.join(temporaryFolder(), 'gate');
    const text = `sys sh -c 'seq 1 100000; until [ -e ${gate} ]; do sleep 0.05; done; seq 100001 ${COUNT}'`;
    const id = await first.runDetached(text);
    const pid = (await first.context()).pid as number;
    let cutAt = 50_000;
    let last = 0;
    let from = 0;
    const take = (value: unknown) => {
      expect(Number(value)).toBe(last + 1);
      last = Number(value);
    };
    const attached = await first.attach(id);
    const reading = (async () => {
      for await (const batch of attached.batches()) {
        from = attached.signals + 1;
        batch.objects.forEach(take);
        if (last < cutAt) continue;
        process.kill(pid, 'SIGKILL');
        cutAt = COUNT;
      }
    })();
    await expect(reading).rejects.toMatchObject({ kind: 'Domain.Closed' });
    writeFileSync(gate, '');
    const second = await library(`${STEP}   `);
    for await (const batch of (await second.attach(id, from)).batches()) batch.objects.forEach(take);
    expect(last).toBe(COUNT);
    await second.releasePipeline(id);
  });
});
