// Objects a second through dbus-daemon: from a pipeline in the slave, JSON made there and parsed here, against bare
// senders of the same JSON texts whose receiver does not even look at them.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Bus, startBus } from '../test/support/bus';
import { run, start } from '../test/support/process';
import { startSlave } from '../test/support/slave';
import { temporaryFolder } from '../test/support/temp';
import { inBench, type Load, printed, processLoad, stringLoad } from './loads';
import { type Figures, inTurns, ratio } from './measure';

const ROUNDS = 7;
const PATIENCE_MS = 60_000;

export async function throughput(): Promise<Figures> {
  const bus = await startBus();
  await startSlave(bus);
  const compiled = await compileSdBus();
  const parts: Figures[] = [];
  for (const load of [stringLoad(), processLoad()]) parts.push(await measure(bus, load, compiled.program));
  return {
    unit: 'objects/s',
    values: Object.assign({}, ...parts.map(({ values }) => values)),
    ratios: parts.flatMap(({ ratios }) => ratios),
    notes: compiled.note === undefined ? [] : [compiled.note],
  };
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

  const bareSender = await sender(bus, process.execPath, [inBench('reference', 'dbus-next-sender.mjs')], texts);
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

/** Runs a program that receives the objects of a load and prints how many a second. */
function client(program: string, bus: Bus, source: string, { objects, runs }: Load): Promise<number> {
  return printed(program, [bus.address, source, String(objects), String(runs)]);
}

/** Compiles the sender in C, where that is possible. */
async function compileSdBus(): Promise<{ program?: string; note?: string }> {
  const program = path.join(temporaryFolder(), 'sd-bus-sender');
  const args = ['-O2', '-Wall', '-o', program, inBench('reference', 'sd-bus-sender.c'), '-lsystemd'];
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
