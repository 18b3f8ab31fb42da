// The guarantees of DESIGN section 4, on a real bus, as a client that is not ours sees them: GDBus.
import { type Bus, startBus } from '../support/bus';
import { GdbusClient } from '../support/gdbus-client';
import { commandLine, descendants, isAlive } from '../support/proc';
import type { Running } from '../support/process';
import { startSlave } from '../support/slave';
import { waitFor } from '../support/wait';

let bus: Bus;
let slave: Running;
let client: GdbusClient;

beforeAll(async () => {
  bus = await startBus({ eavesdropping: false });
  slave = await startSlave(bus);
});

beforeEach(async () => {
  client = await GdbusClient.connect(bus);
});

afterEach(async () => {
  await client.close();
  await waitFor(() => programs().length === 0, 'what the client has left to end');
});

/** Ignores every polite signal, and so does its child; prints both numbers. */
const STUBBORN = `sys sh -c 'trap "" TERM HUP INT; sleep 1000 & echo $$; echo $!; wait'`;
/** Credit that a stream without end has used up soon. */
const FEW = `{'window': <uint32 2>}`;
const TERMINAL: readonly unknown[] = ['complete', 'cancelled', 'exception'];

/** Programs of these tests that the slave runs now; it may have started others for its own use. */
function programs(): number[] {
  return descendants(slave.pid).filter((pid) => /^(yes|sleep|cat)\0|trap/.test(commandLine(pid)));
}

/** Which members came, those in a row once. */
function members(signals: readonly (readonly [string, ...unknown[]])[]): string[] {
  return signals.map(([member]) => member).filter((member, index, all) => member !== all[index - 1]);
}

/** What holds for the signals of every pipeline that has ended, whatever it did. */
async function expectWellFormed(id: number, state: string): Promise<void> {
  await client.call('GetContext'); // whatever was sent before its answer is here now
  const signals = client.of(id);
  expect(signals[0]).toEqual(['PipelineStateChanged', 'executing']);
  expect(signals.at(-1)).toEqual(['PipelineStateChanged', state]);
  expect(signals.filter(([member]) => member === 'PipelineStateChanged')).toHaveLength(2);
  const exceptions = signals.flatMap(([member], index) => (member === 'PipelineException' ? [index] : []));
  expect(exceptions).toEqual(state === 'exception' ? [signals.length - 2] : []);
  const reply = client.events.findIndex((event) => event.call !== undefined && event.reply?.[0] === id);
  const first = client.events.findIndex((event) => event.signal !== undefined && event.arguments?.[0] === id);
  expect(reply).toBeGreaterThan(-1);
  expect(reply).toBeLessThan(first);
}

describe('the signals of a pipeline', () => {
  test('of every kind come in order, each once, and are counted', async () => {
    const id = await client.finish(`sys sh -c 'seq 1 3; echo oh >&2; sleep 0.2; seq 4 5; exit 7'`);
    await expectWellFormed(id, 'complete');
    expect(client.objects(id)).toEqual(['1', '2', '3', '4', '5']);
    const metadata = client.of(id).filter(([member]) => member === 'PipelineMetadata');
    expect(metadata).toEqual([
      ['PipelineMetadata', 0, 'hotwire.stderr', '"oh\\n"'],
      ['PipelineMetadata', 0, 'hotwire.exit', '{"code":7,"signal":null}'],
    ]);
    const [described] = (await client.call('GetPipeline', id)) as [Record<string, unknown>];
    expect(described).toMatchObject({ signals: client.of(id).length, objects: 5, state: 'complete' });
  });

  test('of forty at once do not mix: each has all of its own, in order', async () => {
    const last = 5000;
    const starts = Array.from({ length: 40 }, (_, n) => client.run(`sys seq ${n} ${n + last}`));
    const ids = await Promise.all(starts);
    await Promise.all(ids.map((id) => client.end(id)));
    for (const [n, id] of ids.entries()) {
      await expectWellFormed(id, 'complete');
      const lines = client.objects(id);
      expect(lines).toHaveLength(last + 1);
      expect(lines.findIndex((line, index) => line !== String(n + index))).toBe(-1);
    }
  });

  test('the reply precedes them, also where a pipeline is over at once', async () => {
    const answers = await client.answers({
      member: 'RunPipeline',
      signature: '(s)',
      arguments: '("js-eval 1",)',
      times: 60,
    });
    for (const { reply } of answers) {
      await client.end(reply?.[0] as number);
      await expectWellFormed(reply?.[0] as number, 'complete');
    }
  });
});

describe('the terminal state comes last and once', () => {
  test.each([
    ['complete', 'nothing at all', 'sys true'],
    ['complete', 'a program that fails', 'sys false'],
    ['complete', 'a program that kills itself', `sys sh -c 'echo x; kill -KILL $$'`],
    ['complete', 'a reader that leaves early', 'sys seq 1 1000000 | head 5'],
    ['exception', 'an expression that throws half-way', 'sys seq 1 5000 | js-map "it == 4000 ? nowhere.at.all : it"'],
    ['exception', 'a file that is not there', 'cat /no/such/file'],
    ['exception', 'an object that is too large', `js-eval '"x".repeat(17 * 1024 * 1024)'`],
    ['exception', 'a line that is too long', 'sys head -c 9000000 /dev/zero | filter x'],
  ])('%s: %s', async (state, _, text) => {
    const id = await client.finish(text);
    await expectWellFormed(id, state);
  });

  test('exception: past its time', async () => {
    const id = await client.finish('sys yes', `{'timeout': <0.3>, 'window': <uint32 2>}`);
    await expectWellFormed(id, 'exception');
    expect(client.of(id).at(-2)?.[1]).toMatch(/0\.3 s/);
  });

  test('complete: its child is killed from outside', async () => {
    const id = await client.run(`sys sh -c 'echo $$; exec sleep 1000'`);
    await client.output(id);
    process.kill(Number(client.objects(id)[0]), 'SIGKILL');
    await client.end(id);
    await expectWellFormed(id, 'complete');
    expect(client.of(id).at(-2)).toEqual(['PipelineMetadata', 0, 'hotwire.exit', '{"code":null,"signal":"SIGKILL"}']);
  });

  test('cancelled: only when the last of its children is gone, those that ignore SIGTERM too', async () => {
    const id = await client.run(`${STUBBORN} | sys sh -c 'trap "" TERM HUP; cat; sleep 1000'`);
    await client.until('executing', ({ arguments: [of] = [] }) => of === id);
    const children = await stubbornChildren();
    const cancelling = client.call('CancelPipeline', id);
    expect(await client.end(id)).toBe('cancelled');
    expect(children.filter(isAlive)).toEqual([]);
    await cancelling;
    await expectWellFormed(id, 'cancelled');
  });

  test('cancelled, once, however often it is asked for, and when it is released as well', async () => {
    const id = await client.run('sys yes', FEW);
    await client.output(id);
    const arguments_ = `(${id},)`;
    const answers = await client.answers({
      member: 'CancelPipeline',
      signature: '(i)',
      arguments: arguments_,
      times: 50,
    });
    expect(answers.filter(({ error }) => error !== undefined)).toEqual([]);
    await client.call('ReleasePipeline', id);
    await expectWellFormed(id, 'cancelled');
  });

  async function stubbornChildren(): Promise<number[]> {
    let children: number[] = [];
    await waitFor(() => {
      children = programs();
      return children.length >= 4; // two shells, sleep and cat
    }, 'the children to start');
    return children;
  }
});

test('the slave that is ended tells a client of any kind: exception, then the state', async () => {
  const second = await startBus();
  const ending = await startSlave(second);
  const watcher = await GdbusClient.connect(second);
  const ids = [await watcher.run('sys sleep 1000'), await watcher.run(STUBBORN), await watcher.run('sys yes', FEW)];
  await Promise.all(ids.slice(1).map((id) => watcher.output(id)));
  ending.kill('SIGTERM');
  await ending.exit();
  for (const id of ids) {
    expect(await watcher.end(id)).toBe('exception');
    expect(members(watcher.of(id)).slice(-2)).toEqual(['PipelineException', 'PipelineStateChanged']);
    expect(watcher.of(id).filter(([, state]) => TERMINAL.includes(state))).toHaveLength(1);
  }
  await watcher.close();
  await second.stop();
});
