// Detached pipelines: they outlive whoever started them, and whoever follows them gets every object once.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Domain } from '../../src/client/api';
import { connect } from '../../src/client/connect';
import type { HotwireError } from '../../src/errors';
import { Variant } from '../../src/wire';
import { startBus } from '../support/bus';
import { start } from '../support/process';
import { RawClient } from '../support/raw-client';
import { ResidentHome } from '../support/resident';
import { built, HOTWIRE, HOTWIRE_SLAVE, ROOT, startSlave } from '../support/slave';
import { PATIENCE_MS, waitFor } from '../support/wait';

const PYTHON = '/usr/bin/python3';
const FOLLOWER = path.join(ROOT, 'test', 'support', 'python', 'follow_gio.py');
const MILLION = 1_000_000;
const PATIENCE_OF_A_MILLION_MS = 4 * PATIENCE_MS;

beforeAll(built, PATIENCE_OF_A_MILLION_MS);

function embedded(home: ResidentHome): Promise<Domain> {
  return connect('', { embedded: true, environment: home.environment });
}

/** The numbers from 1 on, as they come: each must be the one after the last. */
class Count {
  last = 0;

  /** Goes on with a number, if nothing is between it and the last that somebody else has got. */
  skipTo(next: number, shown: number): void {
    if (next > this.last + 1 && next <= shown + 1) this.last = next - 1;
  }

  add(numbers: readonly unknown[]): void {
    for (const number of numbers) {
      if (Number(number) !== this.last + 1) throw new Error(`${number} came after ${this.last}`);
      this.last += 1;
    }
  }
}

function wholeLines(output: string): string[] {
  const lines = output.slice(0, output.lastIndexOf('\n') + 1).split('\n');
  return lines.map((line) => line.trim()).filter((line) => line !== '');
}

/** Attaches from there, or from the first signal that was not received by somebody and then given up. */
function attachFrom(domain: Domain, id: number, from: number) {
  return domain.attach(id, from).catch((error: HotwireError) => {
    const first = /attach from (\d+)/.exec(error.message)?.[1];
    if (error.kind !== 'LimitExceeded' || first === undefined) throw error;
    return domain.attach(id, Number(first));
  });
}

/** What a program that was killed has printed whole: how far it got, and the numbers. */
function done(output: string, from: number, count: Count): number {
  let signals = from;
  for (const line of output.slice(0, output.lastIndexOf('\n') + 1).split('\n')) {
    const parts = /^(\d+) \w+ \[(.*)\]$/.exec(line);
    if (parts === null) continue;
    signals = Number(parts[1]);
    count.add(JSON.parse(`[${parts[2]}]`) as unknown[]);
  }
  return signals;
}

describe.each([
  ['a spool that holds it all', {}],
  // Smaller than the numbers: the pipeline itself is paused in between, and what was received makes room.
  ['a spool that is full in between', { spoolBytes: 1024 * 1024 }],
])('count to a million with %s', (_, settings) => {
  test(
    'the client, the terminal, the slave of the connection and the one on the bus are killed: every number comes once',
    async () => {
      const home = new ResidentHome(settings);
      const bus = await startBus();
      const slave = await startSlave(bus, [], { env: home.environment });
      const count = new Count();

      // It is started by a program that is killed before it has seen anything of it.
      const starter = start(HOTWIRE, ['run', '--bus', bus.address, '--detach', `sys seq 1 ${MILLION}`], {
        env: home.environment,
      });
      const id = Number(await starter.line(/^\d+$/));
      starter.kill('SIGKILL');

      // A client that is not ours, killed as soon as it has got some.
      const follower = start(PYTHON, [FOLLOWER, bus.address, String(id), '0'], { env: home.environment });
      await follower.line(/^20 /);
      follower.kill('SIGKILL');
      let from = done((await follower.exit()).stdout, 0, count);
      expect(count.last).toBeGreaterThan(0);

      // The slave on the bus goes, and with it the way of whoever follows through it.
      const lost = start(PYTHON, [FOLLOWER, bus.address, String(id), String(from)], { env: home.environment });
      await lost.line(new RegExp(`^${from + 10} `));
      slave.kill('SIGKILL');
      await slave.exit();
      lost.kill('SIGKILL');
      from = done((await lost.exit()).stdout, from, count);

      // A terminal, killed with all that is in it. What it showed counts as received: it may have made room.
      const terminal = start(
        'script',
        ['-qec', `exec ${HOTWIRE} attach --embedded ${id} --from ${from}`, '/dev/null'],
        {
          env: { ...home.environment, TERM: 'xterm' },
        },
      );
      await terminal.line(/^\d+\r?$/);
      terminal.kill('SIGKILL');
      const shown = wholeLines((await terminal.exit()).stdout).at(-1);

      // The slave of a connection (`--stdio`).
      const domain = await embedded(home);
      const pipeline = await attachFrom(domain, id, from);
      const { pid } = await domain.context();
      let isFirst = true;
      const reading = (async () => {
        for await (const { objects } of pipeline.batches()) {
          if (isFirst) count.skipTo(Number(objects[0]), Number(shown));
          isFirst = false;
          count.add(objects);
          if (count.last > MILLION / 2) process.kill(pid as number, 'SIGKILL');
        }
      })();
      await expect(reading).rejects.toMatchObject({ kind: 'Domain.Closed' });
      from = pipeline.signals;
      await domain.close();

      const last = await embedded(home);
      const rest = await last.attach(id, from);
      for await (const { objects } of rest.batches()) count.add(objects);
      expect({ last: count.last, state: rest.state }).toEqual({ last: MILLION, state: 'complete' });
      expect(rest.signals).toBe((await last.pipeline(id)).signals);
      await last.releasePipeline(id);
      expect(await last.pipelines()).toEqual([]);
      await last.close();
    },
    PATIENCE_OF_A_MILLION_MS,
  );
});

describe('on a bus', () => {
  const home = new ResidentHome();
  let address: string;
  beforeAll(async () => {
    const bus = await startBus();
    address = bus.address;
    await startSlave(bus, [], { env: home.environment });
  }, PATIENCE_OF_A_MILLION_MS);

  const client = () => RawClient.connect({ address });
  async function runDetached(by: RawClient, text: string, options = {}): Promise<number> {
    const detached = { detached: new Variant('b', true), ...options };
    const [id] = await by.call('RunPipelineWithOptions', text, detached);
    return id as number;
  }
  const get = async (by: RawClient, id: number) => {
    const [description] = (await by.call('GetPipeline', id)) as [Record<string, Variant>];
    return Object.fromEntries(Object.entries(description).map(([name, { value }]) => [name, value]));
  };
  const untilGot = (by: RawClient, id: number, state: string) =>
    waitFor(async () => (await get(by, id)).state === state, `pipeline ${id} to be ${state}`);

  test('no signal comes before it is attached to; then all of them, in order, from the number that is asked for', async () => {
    const starter = await client();
    const id = await runDetached(starter, 'sys sh -c "echo one; echo two >&2; exit 3"');
    await untilGot(starter, id, 'complete');
    const { signals } = await get(starter, id);
    expect(starter.signals).toEqual([]);
    const other = await client();
    await other.call('AttachPipeline', id, 0);
    await other.untilState(id, 'complete');
    const all = other.signals.map(({ member, body }) => [member, ...body]);
    expect(all).toHaveLength(Number(signals));
    expect(all[0]).toEqual(['PipelineStateChanged', id, 'executing']);
    expect(all).toContainEqual(['PipelineObjects', id, 'string', ['"one"']]);
    expect(all).toContainEqual(['PipelineMetadata', id, 0, 'hotwire.exit', '{"code":3,"signal":null}']);
    expect(all.at(-1)).toEqual(['PipelineStateChanged', id, 'complete']);
    for (let from = 1; from < all.length; from++) {
      const late = await client();
      await late.call('AttachPipeline', id, from);
      await late.untilState(id, 'complete');
      expect(late.signals.map(({ member, body }) => [member, ...body])).toEqual(all.slice(from));
    }
    await starter.call('ReleasePipeline', id);
  });

  test('two clients follow one at once, each from its own place; attaching again begins anew', async () => {
    const [one, two] = [await client(), await client()];
    const id = await runDetached(one, "sys sh -c 'echo a; read line; echo $line'", { input: new Variant('b', true) });
    await one.call('AttachPipeline', id, 0);
    await one.until('a', ({ member }) => member === 'PipelineObjects');
    await two.call('AttachPipeline', id, 2);
    await two.call('PutObjects', id, ['"b"']); // whoever is of its user may feed it
    await two.call('CloseInput', id);
    await Promise.all([one.untilState(id, 'complete'), two.untilState(id, 'complete')]);
    const objects = ({ signals }: RawClient) =>
      signals.filter(({ member }) => member === 'PipelineObjects').map(({ body }) => body[2]);
    expect(objects(one)).toEqual([['"a"'], ['"b"']]);
    expect(objects(two)).toEqual([['"b"']]);
    two.signals.length = 0;
    await two.call('AttachPipeline', id, 0);
    await two.untilState(id, 'complete');
    expect(objects(two)).toEqual([['"a"'], ['"b"']]);
    await one.call('ReleasePipeline', id);
  });

  test('cancelling, from another client, with the state for all who follow', async () => {
    const [one, two] = [await client(), await client()];
    const id = await runDetached(one, 'sys sh -c "echo here; exec sleep 1000"');
    await one.call('AttachPipeline', id, 0);
    await one.until('output', ({ member }) => member === 'PipelineObjects');
    await two.call('CancelPipeline', id);
    await one.untilState(id, 'cancelled');
    await two.call('CancelPipeline', id); // of one that has ended: nothing happens
    expect(await get(two, id)).toMatchObject({ state: 'cancelled', detached: true, owner: '', objects: 1n });
    await two.call('AttachPipeline', id, 0);
    await two.untilState(id, 'cancelled');
    expect(two.signals.some(({ member }) => member === 'PipelineObjects')).toBe(true);
    await two.call('ReleasePipeline', id);
    await expect(two.call('GetPipeline', id)).rejects.toMatchObject({ kind: 'NoSuchPipeline' });
  });

  test('undo, long after whoever started it has gone', async () => {
    const starter = await client();
    const folder = path.join(home.folder, 'made');
    const id = await runDetached(starter, `mkdir ${folder}`);
    await untilGot(starter, id, 'complete');
    await starter.connection.close();
    expect(existsSync(folder)).toBe(true);
    const other = await client();
    await other.call('UndoPipeline', id);
    expect(existsSync(folder)).toBe(false);
    expect(await get(other, id)).toMatchObject({ state: 'undone' });
    await other.call('ReleasePipeline', id);
  });

  test('it runs in the context of its starter, and changes nothing there', async () => {
    const starter = await client();
    await starter.call('ChangeDirectory', home.folder);
    await starter.call('SetEnvironment', { ANSWER: '42', HOME: '/nowhere' });
    const id = await runDetached(starter, "sys sh -c 'pwd; echo $ANSWER $HOME $MORE' | write out", {
      env: new Variant('a{ss}', { MORE: 'more' }),
    });
    await untilGot(starter, id, 'complete');
    expect(readFileSync(path.join(home.folder, 'out'), 'utf8')).toBe(`${home.folder}\n42 /nowhere more\n`);
    const changing = await runDetached(starter, 'cd /');
    await untilGot(starter, changing, 'complete');
    const [context] = (await starter.call('GetContext')) as [Record<string, Variant>];
    expect(context.cwd?.value).toBe(home.folder);
    for (const each of [id, changing]) await starter.call('ReleasePipeline', each);
  });

  test('a failure is kept with the rest', async () => {
    const one = await client();
    const id = await runDetached(one, 'cat /no/such/file');
    await untilGot(one, id, 'exception');
    await one.call('AttachPipeline', id, 0);
    await one.untilState(id, 'exception');
    expect(one.signals.at(-2)).toMatchObject({ member: 'PipelineException' });
    expect(JSON.parse(String((await get(one, id)).error)).message).toContain('/no/such/file');
    await one.call('ReleasePipeline', id);
  });

  test('what can not be: each has its error', async () => {
    const one = await client();
    await expect(runDetached(one, 'no-such-command')).rejects.toMatchObject({ kind: 'Parse' });
    const id = await runDetached(one, 'sys echo hello');
    await untilGot(one, id, 'complete');
    await expect(one.call('AttachPipeline', id, 1000)).rejects.toMatchObject({ kind: 'InvalidArgs' });
    await expect(one.call('AttachPipeline', id + 1000, 0)).rejects.toMatchObject({ kind: 'NoSuchPipeline' });
    await expect(one.call('PutObjects', id, ['1'])).rejects.toMatchObject({ kind: 'InvalidState' });
    await expect(one.call('UndoPipeline', id)).rejects.toMatchObject({ kind: 'InvalidState' });
    const ordinary = await one.run('sys echo hello');
    await expect(one.call('AttachPipeline', ordinary, 0)).rejects.toMatchObject({ kind: 'InvalidState' });
    await one.call('ReleasePipeline', id);
  });

  test('the resident slave is killed: whoever follows is told, and the next one starts anew', async () => {
    const one = await client();
    const id = await runDetached(one, 'sys sleep 1000');
    await one.call('AttachPipeline', id, 0);
    await one.untilState(id, 'executing');
    await home.end('SIGKILL');
    await one.untilState(id, 'exception');
    expect(String(one.signals.at(-2)?.body[1])).toContain('the resident slave has ended');
    await expect(one.call('GetPipeline', id)).rejects.toMatchObject({ kind: 'NoSuchPipeline' });
    const next = await runDetached(one, 'sys echo hello');
    await untilGot(one, next, 'complete');
    await one.call('ReleasePipeline', next);
  });

  test('nothing is left on the disk of what was released', async () => {
    expect(await (await client()).call('ListPipelines')).toEqual([[]]);
    const state = path.join(home.folder, 'state', 'hotwire');
    const files = readdirSync(state, { recursive: true }).map(String);
    expect(files.filter((file) => file.endsWith('.spool'))).toEqual([]);
  });
});

test('ten that are started at once share one resident slave', async () => {
  const home = new ResidentHome();
  const domains = await Promise.all(Array.from({ length: 10 }, () => embedded(home)));
  const ids = await Promise.all(domains.map((domain) => domain.runDetached('sys echo hello')));
  expect([...ids].sort((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, index) => index + 1));
  const [first] = domains as [Domain];
  expect((await first.pipelines()).filter(({ detached }) => detached)).toHaveLength(10);
  await Promise.all(domains.map((domain) => domain.close()));
});

test('a resident slave stays while it holds something, and leaves nothing when it goes', async () => {
  const home = new ResidentHome();
  const resident = start(HOTWIRE_SLAVE, ['--resident', '--idle-exit', '2'], { env: home.environment });
  await resident.line(/^ready$/);
  const domain = await embedded(home);
  const id = await domain.runDetached('sys sleep 3');
  await domain.close();
  const again = await embedded(home);
  expect(await (await again.attach(id)).drain()).toBe('complete'); // longer than it may be idle
  await again.releasePipeline(id);
  await again.close();
  expect(await resident.exit()).toMatchObject({ code: 0 });
  const state = path.join(home.folder, 'state', 'hotwire');
  for (const host of readdirSync(state)) expect(readdirSync(path.join(state, host))).toEqual(['lock']);
});

test('at most so many: the oldest that was read to its end makes place, an unread one does not', async () => {
  const home = new ResidentHome({ maxDetachedPerUser: 2 });
  const domain = await embedded(home);
  const first = await domain.runDetached('sys echo 1');
  const second = await domain.runDetached('sys echo 2');
  await expect(domain.runDetached('sys echo 3')).rejects.toMatchObject({ kind: 'LimitExceeded' });
  await (await domain.attach(second)).drain();
  const third = await domain.runDetached('sys echo 3');
  expect((await domain.pipelines()).map(({ id }) => id)).toEqual([first, third]);
  await domain.close();
});

test('a finished one goes when it has been kept for long enough', async () => {
  const home = new ResidentHome({ detachedKeptS: 1 });
  const domain = await embedded(home);
  await domain.runDetached('sys echo 1');
  await waitFor(async () => (await domain.pipelines()).length === 0, 'the end of what was kept');
  await domain.close();
});

test('the library: leaving a loop does not end it, and the number tells where to go on', async () => {
  const home = new ResidentHome();
  const domain = await embedded(home);
  const id = await domain.runDetached(`sys seq 1 ${MILLION / 10}`);
  const count = new Count();
  let from = 0;
  // Each time a batch is taken, used up and left: the next begins behind it.
  for (let round = 0; count.last < MILLION / 10; round++) {
    const pipeline = await domain.attach(id, from);
    let taken = 0;
    for await (const { objects } of pipeline.batches()) {
      if (taken++ === 3) break;
      count.add(objects);
    }
    from = pipeline.signals;
    if (round > MILLION) throw new Error('it does not end');
  }
  const end = await domain.attach(id, (await domain.pipeline(id)).signals);
  expect(await end.finished).toBe('complete');
  await domain.close();
});
