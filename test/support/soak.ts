// Many pipelines of many kinds for many clients, most of which leave without a word. A short one is a test, a long one a
// benchmark.
import { Variant } from '../../src/wire';
import { GdbusClient } from './gdbus-client';
import { RawClient } from './raw-client';
import { type Memory, type Remains, WatchedSlave } from './remains';

/** Clients that are there at a time. */
const AT_ONCE = 8;
/** Memory is compared between the ends of these. */
const PHASES = 3;
/** Every so-manieth client is a process with GDBus, which is stopped or killed. */
const PROCESS_EVERY = 20;
/** Every so-manieth client evaluates JavaScript: the slave starts a process of Node for it. */
const EXPRESSIONS_EVERY = 5;
const FEW = { window: new Variant('u', 2) };
const ENDS = ['complete', 'cancelled', 'exception'];

export interface SoakReport {
  readonly pipelines: number;
  readonly clients: number;
  readonly seconds: number;
  readonly before: Remains;
  readonly after: Remains;
  /** After each third. */
  readonly memory: readonly Memory[];
  readonly stderr: string;
}

/** One use of a client. @returns when it is over, whichever way it was meant to end */
type Use = (client: RawClient, number: number) => Promise<unknown>;

const ends =
  (text: string, state: string): Use =>
  async (client) =>
    client.untilState(await client.run(text), state);
const evaluates =
  (text: string): Use =>
  (client) =>
    client.call('Evaluate', text, {});

const USES: readonly Use[] = [
  ends('sys seq 1 2000', 'complete'),
  ends('sys seq 1 inf | filter 7 | head 5', 'complete'),
  ends("sys sh -c 'echo oh >&2; exit 3'", 'complete'),
  ends('sys seq 1 5000 | /bin/cat | /bin/cat | sort | count', 'complete'),
  ends('cat /no/such/file', 'exception'),
  ends('cd /', 'complete'),
  evaluates('ls / | prop basename | uniq'),
  evaluates('sys echo one | sys cat > /dev/null'),
  (client) => refused(client.call('RunPipeline', 'nosuchcommand-zz |')),
  (client) => refused(client.call('Evaluate', 'sys sleep 1000', { timeout: new Variant('d', 0.05) })),
  async (client) => {
    const id = await client.run('sys sleep 1000');
    await client.call('CancelPipeline', id);
    await client.untilState(id, 'cancelled');
  },
  async (client) => {
    const [id] = (await client.call('RunPipelineWithOptions', 'sys yes', FEW)) as [number];
    await client.until('output', ({ member, body }) => member === 'PipelineObjects' && body[0] === id);
    await client.call('ReleasePipeline', id);
  },
  async (client, number) => {
    const options = { input: new Variant('b', true) };
    const [id] = (await client.call('RunPipelineWithOptions', 'sort | count', options)) as [number];
    for (let part = 0; part < 5; part += 1) await client.call('PutObjects', id, [`${number}`, `"${part}"`]);
    await client.call('CloseInput', id);
    await client.untilState(id, ...ENDS);
  },
];

const EXPRESSIONS: readonly Use[] = [
  ends('js-eval 6*7', 'complete'),
  ends('sys seq 1 100 | js-map "it * 2" | js-filter "it > 100"', 'complete'),
  ends('js-eval nowhere.at.all', 'exception'),
];

/** How a client leaves. What it still has is under way then. */
const LEAVINGS: readonly ((client: RawClient) => Promise<unknown>)[] = [
  (client) => client.connection.close(),
  async (client) => {
    await client.run('sys sleep 1000');
    await client.call('RunPipelineWithOptions', 'sys yes', FEW);
    client.connection.destroy();
  },
  async (client) => {
    await client.run('sys yes');
    client.connection.pauseReading();
    client.connection.destroy();
  },
  async (client) => {
    client.call('Evaluate', 'sys sleep 1000', {}).catch(() => undefined); // it ends with the connection
    client.connection.destroy();
  },
];

/** Runs so many pipelines, or a few more, for so many clients, and looks what is left of them. */
export async function soak(pipelines: number, clients: number): Promise<SoakReport> {
  const slave = await WatchedSlave.start();
  // The clients that are processes do less: the others make up for it.
  const each = Math.ceil(((pipelines / clients) * PROCESS_EVERY) / (PROCESS_EVERY - 1));
  let ran = 0;
  const serve = async (number: number): Promise<void> => {
    const uses = await oneClient(slave, number, each);
    ran += uses;
  };
  await together(0, AT_ONCE, serve); // whatever is made once is there now
  await slave.asleep();
  const before = await slave.remains();
  const start = performance.now();
  const memory: Memory[] = [];
  ran = 0;
  const phase = Math.ceil(clients / PHASES);
  while (memory.length < PHASES) {
    await together(memory.length * phase, phase, serve);
    await slave.childless();
    memory.push(await slave.memory());
  }
  const seconds = (performance.now() - start) / 1000;
  await slave.asleep();
  const after = await slave.remains();
  const { stderr } = slave;
  await slave.stop();
  return { pipelines: ran, clients: phase * PHASES, seconds, before, after, memory, stderr };
}

/** Does `work` for `count` numbers from `first` on, some at a time. */
async function together(first: number, count: number, work: (number: number) => Promise<void>): Promise<void> {
  let next = first;
  const workers = Array.from({ length: AT_ONCE }, async () => {
    for (let number = next++; number < first + count; number = next++) await work(number);
  });
  await Promise.all(workers);
}

/** @returns how many pipelines it ran */
async function oneClient(slave: WatchedSlave, number: number, uses: number): Promise<number> {
  if (number % PROCESS_EVERY === PROCESS_EVERY - 1) return oneProcess(slave, number);
  const client = await RawClient.connect(slave.bus);
  for (let use = 0; use < uses; use += 1) {
    const kinds = number % EXPRESSIONS_EVERY === 0 ? [...USES, ...EXPRESSIONS] : USES;
    await kinds[(number + use) % kinds.length]?.(client, number);
  }
  await LEAVINGS[number % LEAVINGS.length]?.(client);
  return uses;
}

/** A client that is a process: it is stopped in mid-stream, and killed. */
async function oneProcess(slave: WatchedSlave, number: number): Promise<number> {
  const client = await GdbusClient.connect(slave.bus);
  const id = await client.run('sys yes', "{'window': <uint32 2>}");
  await client.run('sys sleep 1000');
  await client.output(id);
  if (number % (2 * PROCESS_EVERY) < PROCESS_EVERY) client.kill('SIGSTOP');
  client.kill('SIGKILL');
  return 2;
}

async function refused(call: Promise<unknown>): Promise<void> {
  const answered = await call.then(
    () => true,
    () => false,
  );
  if (answered) throw new Error('a call that makes no sense was not refused');
}
