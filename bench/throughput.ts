// Objects a second through dbus-daemon: from a pipeline in the slave, JSON made there and parsed here, against bare
// senders of the same JSON texts whose receiver does not even look at them.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Bus, startBus } from '../test/support/bus';
import { run, start } from '../test/support/process';
import { ROOT, startSlave } from '../test/support/slave';
import { temporaryFolder } from '../test/support/temp';
import { type Figures, inTurns, ratio } from './measure';

const ROUNDS = 7;
const LINES = 1_000_000;
/** What `iter` takes apart: few, as they exist as one array first; so one measurement runs it several times. */
const PROCESSES = 50_000;
const PROCESSES_RUNS = 10;
/** Texts that a bare sender has; it sends them again and again. */
const PREPARED = 2000;
const PATIENCE_MS = 60_000;
const IN_BENCH = (...parts: string[]) => path.join(ROOT, 'bench', ...parts);

const line = (number: number) =>
  `${String(number).padStart(8, '0')} ${'The quick brown fox jumps over the lazy dog. '.repeat(2)}`.slice(0, 80);
/** Its source is a part of a pipeline, between single quotes: it may use nothing from here. */
const processOf = (i: number): unknown => ({
  pid: i,
  ppid: 1,
  cmd: `/usr/sbin/foo-server --port ${i}`,
  name: 'foo-server',
  state: 'S',
  owner_id: 500,
  owner_name: 'someuser',
  rss: i * 4096,
  start_time: 1.7e9 + i,
});

interface Load {
  readonly name: string;
  /** Objects of one run, and runs in one measurement. */
  readonly objects: number;
  readonly runs: number;
  /** What the throughput of the slave should be, as a ratio to the bare sender's. */
  readonly aim?: string;
  readonly pipeline: string;
  /** The JSON texts that a bare sender sends. */
  readonly texts: readonly string[];
}

export async function throughput(): Promise<Figures> {
  const bus = await startBus();
  await startSlave(bus);
  const compiled = await compileSdBus();
  const parts: Figures[] = [];
  for (const load of loads()) parts.push(await measure(bus, load, compiled.program));
  return {
    unit: 'objects/s',
    values: Object.assign({}, ...parts.map(({ values }) => values)),
    ratios: parts.flatMap(({ ratios }) => ratios),
    notes: compiled.note === undefined ? [] : [compiled.note],
  };
}

function loads(): Load[] {
  const file = path.join(temporaryFolder(), 'lines');
  const prepared = Array.from({ length: PREPARED }, (_, i) => i);
  writeFileSync(file, Array.from({ length: LINES }, (_, i) => `${line(i)}\n`).join(''));
  return [
    {
      name: '80-byte strings',
      objects: LINES,
      runs: 1,
      aim: 'at least 1.5',
      pipeline: `sys cat ${file}`,
      texts: prepared.map((i) => JSON.stringify(line(i))),
    },
    {
      name: 'process objects',
      objects: PROCESSES,
      runs: PROCESSES_RUNS,
      pipeline: `js-eval 'Array.from({length:${PROCESSES}},(_, i) => (${processOf})(i))' | iter`,
      texts: prepared.map((i) => JSON.stringify(processOf(i))),
    },
  ];
}

async function measure(bus: Bus, load: Load, sdBus: string | undefined): Promise<Figures> {
  const texts = path.join(temporaryFolder(), 'texts');
  writeFileSync(texts, `${load.texts.join('\n')}\n`);
  const title = (who: string) => `${load.name}: ${who}`;
  const [bare, sd, plain, library] = [
    'dbus-next → dbus-next',
    'sd-bus → dbus-next',
    'slave → dbus-next',
    'slave → library',
  ].map(title) as [string, string, string, string];

  const bareSender = await sender(bus, process.execPath, [IN_BENCH('reference', 'dbus-next-sender.mjs')], texts);
  const sdSender = sdBus === undefined ? undefined : await sender(bus, sdBus, [], texts);
  const receive = (name: string) => client('reference/dbus-next-receiver.mjs', bus, name, load);
  const values = await inTurns(ROUNDS, {
    [bare]: () => receive(bareSender.name),
    ...(sdSender && { [sd]: () => receive(sdSender.name) }),
    [plain]: () => client('clients/dbus-next.mjs', bus, load.pipeline, load),
    [library]: () => client('clients/library.mjs', bus, load.pipeline, load),
  });
  await Promise.all([bareSender.stop(), sdSender?.stop()]);
  const subjects = [plain, library];
  return {
    unit: 'objects/s',
    values,
    ratios: [
      ...subjects.map((name) => ratio(values, name, bare, load.aim)),
      ...(sdSender ? subjects.map((name) => ratio(values, name, sd)) : []),
    ],
  };
}

let senders = 0;

/** Starts a bare sender, which serves any number of receivers under a name of its own. */
async function sender(bus: Bus, file: string, args: readonly string[], texts: string) {
  const name = `org.hotwireshell.Bench.Sender${++senders}`;
  const running = start(file, [...args, bus.address, name, texts]);
  await running.line(/^ready$/);
  return { name, stop: () => running.stop() };
}

/** Runs a program of bench/ that receives the objects of a load and prints how many a second. */
async function client(program: string, bus: Bus, source: string, { objects, runs }: Load): Promise<number> {
  const args = [IN_BENCH(program), bus.address, source, String(objects), String(runs)];
  const { code, stdout, stderr } = await run(process.execPath, args, { patience: PATIENCE_MS });
  if (code !== 0) throw new Error(`${program} failed: ${stderr}`);
  return Number(stdout);
}

/** Compiles the sender in C, where that is possible. */
async function compileSdBus(): Promise<{ program?: string; note?: string }> {
  const program = path.join(temporaryFolder(), 'sd-bus-sender');
  const args = ['-O2', '-Wall', '-o', program, IN_BENCH('reference', 'sd-bus-sender.c'), '-lsystemd'];
  const skipped = (why: string) => ({
    note: `No sd-bus sender: ${why} (apt-get install gcc libc6-dev libsystemd-dev).`,
  });
  try {
    const { code, stderr } = await run('cc', args, { patience: PATIENCE_MS });
    return code === 0 ? { program } : skipped(stderr.split('\n')[0] ?? '');
  } catch (error) {
    return skipped((error as Error).message);
  }
}
