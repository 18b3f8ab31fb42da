// DESIGN section 4, "Who owns an object": its client alone, and it goes with the client. On a real bus, with GDBus.
import { INTERFACE, METHODS, type MethodName } from '../../src/contract';
import { MAX_PIPELINES_PER_OWNER } from '../../src/limits';
import { type Bus, startBus } from '../support/bus';
import { type Event, GdbusClient, Raw } from '../support/gdbus-client';
import { commandLine, descendants, isAlive } from '../support/proc';
import { type Running, run } from '../support/process';
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

/** Ignores every polite signal, and so does its child. */
const STUBBORN = `sys sh -c 'trap "" TERM HUP INT; sleep 1000 & echo $!; wait'`;
/** Credit that a stream without end has used up soon. */
const FEW = `{'window': <uint32 2>}`;
const NO_OPTIONS = new Raw('@a{sv} {}');

/** Programs of these tests that the slave runs now; it may have started others for its own use. */
function programs(): number[] {
  return descendants(slave.pid).filter((pid) => /^(yes|sleep)\0|trap/.test(commandLine(pid)));
}

describe('a pipeline is its owner’s alone', () => {
  test('whoever listens for everything sees none of its signals', async () => {
    const listener = await GdbusClient.connect(bus);
    for (const rule of [
      "type='signal'",
      `interface='${INTERFACE}'`,
      'eavesdrop=true',
      "eavesdrop=true,type='signal'",
    ]) {
      await listener.match(rule);
    }
    const id = await client.finish('sys seq 1 100');
    await client.finish('cd /usr');
    await client.finish('cat /no/such/file');
    expect(client.objects(id)).toHaveLength(100);
    // It does hear what is said to everyone; this one was said last.
    const shout = [`--address=${bus.address}`, 'emit', '/x', 'org.example.Said', 'Hello'];
    expect(await run('busctl', shout)).toMatchObject({ code: 0 });
    const isHello = ({ signal }: Event) => signal === 'Hello';
    await listener.until('Hello', isHello);
    expect(listener.events.filter(({ signal }) => signal !== undefined).every(isHello)).toBe(true);
    await listener.close();
  });

  const ACTING = (Object.keys(METHODS) as MethodName[]).filter(
    (name) => METHODS[name].in[0]?.[0] === 'pipeline' && name !== 'AttachPipeline',
  );
  const MORE: Partial<Record<MethodName, (number | string[])[]>> = { PutObjects: [['1']], AcknowledgeObjects: [1] };

  test('nobody else may act on it, and it goes on', async () => {
    const id = await client.run('js-map it', `{'input': <true>}`);
    const other = await GdbusClient.connect(bus);
    for (const name of ACTING) {
      await expect(other.call(name, id, ...(MORE[name] ?? []))).rejects.toMatchObject({ kind: 'AccessDenied' });
    }
    expect(ACTING).toContain('ReleasePipeline');
    expect(await other.call('ListPipelines')).toEqual([[]]);
    await client.call('PutObjects', id, ['7']);
    await client.call('CloseInput', id);
    expect(await client.end(id)).toBe('complete');
    expect(client.objects(id)).toEqual([7]);
    await other.close();
  });
});

describe('a client that is killed in mid-stream', () => {
  test('takes its children with it, whatever they ignore, and holds up nobody', async () => {
    const leaver = await GdbusClient.connect(bus);
    expect(programs()).toEqual([]);
    const ids = [await leaver.run('sys yes', FEW), await leaver.run(STUBBORN)];
    await Promise.all(ids.map((id) => leaver.output(id)));
    const children = programs();
    expect(children.length).toBeGreaterThanOrEqual(3);
    leaver.kill('SIGKILL');
    expect(await client.call('Evaluate', 'js-eval 1', NO_OPTIONS)).toEqual([[['number', ['1']]]]);
    await waitFor(() => !children.some(isAlive), 'the children to end');
    await expect(client.call('GetPipeline', ids[0] as number)).rejects.toMatchObject({ kind: 'NoSuchPipeline' });
  });

  test('takes its context with it: a slave with nothing to hold leaves', async () => {
    const second = await startBus();
    const idle = await startSlave(second, ['--idle-exit', '0.2']);
    const leaver = await GdbusClient.connect(second);
    const id = await leaver.run('sys yes', FEW);
    await leaver.output(id);
    leaver.kill('SIGKILL');
    expect(await idle.exit()).toMatchObject({ code: 0 });
    await second.stop();
  });

  test('a stopped one that is killed, too', async () => {
    const leaver = await GdbusClient.connect(bus);
    expect(programs()).toEqual([]);
    const id = await leaver.run('sys yes', FEW);
    await leaver.output(id);
    leaver.kill('SIGSTOP');
    const children = programs();
    expect(await client.finish('sys seq 1 20000').then((own) => client.objects(own).length)).toBe(20_000);
    expect(children.filter(isAlive)).toEqual(children);
    leaver.kill('SIGKILL');
    await waitFor(() => !children.some(isAlive), 'the children to end');
  });
});

describe('what a client has', () => {
  test('is its own: directory, environment and current output', async () => {
    const other = await GdbusClient.connect(bus);
    await client.call('ChangeDirectory', '/usr');
    await client.call('SetEnvironment', new Raw("{'MINE': 'yes'}"));
    await client.finish('js-eval 42');
    const print = `sys sh -c 'echo "$PWD $MINE"'`;
    expect(await client.call('Evaluate', print, NO_OPTIONS)).toEqual([[['string', ['"/usr yes"']]]]);
    expect(await client.call('Evaluate', 'current', NO_OPTIONS)).toEqual([[['number', ['42']]]]);
    const [[[, [printed]]]] = (await other.call('Evaluate', print, NO_OPTIONS)) as [[[string, [string]]]];
    expect(printed).not.toMatch(/\/usr|yes/);
    await expect(other.call('Evaluate', 'current', NO_OPTIONS)).rejects.toMatchObject({ kind: 'PipelineFailed' });
    await other.close();
  });

  test('is kept up to a limit: the oldest finished go, those that run stay', async () => {
    const running = await client.run('sys sleep 1000');
    const oldest = await client.finish('js-eval 1');
    const run = { member: 'RunPipeline', signature: '(s)', arguments: '("sys true",)' };
    for (let left = MAX_PIPELINES_PER_OWNER; left > 0; left -= 32) {
      const answers = await client.answers({ ...run, times: 32 });
      for (const { reply } of answers) await client.end(reply?.[0] as number);
    }
    await expect(client.call('GetPipeline', oldest)).rejects.toMatchObject({ kind: 'NoSuchPipeline' });
    expect(await client.call('GetPipeline', running)).toMatchObject([{ state: 'executing' }]);
    const [list] = (await client.call('ListPipelines')) as [unknown[]];
    expect(list).toHaveLength(MAX_PIPELINES_PER_OWNER);
  });

  test('ends with ReleasePipeline: it is cancelled, then forgotten, and its signals end', async () => {
    const id = await client.run('sys yes', FEW);
    await client.output(id);
    await client.call('ReleasePipeline', id);
    expect(client.of(id).at(-1)).toEqual(['PipelineStateChanged', 'cancelled']);
    expect(programs()).toEqual([]);
    for (const member of ['GetPipeline', 'CancelPipeline', 'UndoPipeline', 'ReleasePipeline', 'CloseInput'] as const) {
      await expect(client.call(member, id)).rejects.toMatchObject({ kind: 'NoSuchPipeline' });
    }
  });
});
