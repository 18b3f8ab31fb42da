// Runs the benchmarks and prints Markdown: every number with its name, and the ratios that the aims are about. Absolute
// numbers hold for one machine on one day; the ratios compare what ran in turns.
import { cpus, totalmem } from 'node:os';
import { cleanUp } from '../test/support/cleanup';
import { run } from '../test/support/process';
import { built } from '../test/support/slave';
import { coldCommands, warmCommands } from './domains-commands';
import { coldHosts, warmHosts } from './domains-hosts';
import { relayedCalls, relayedObjects } from './domains-relays';
import { sshCalls, sshObjects } from './domains-ssh';
import { type Figures, median, verdict } from './measure';
import { pipes } from './pipes';
import { roundTrips } from './round-trips';
import { soak } from './soak';
import { startUp } from './start-up';
import { throughput } from './throughput';

const BENCHES: Readonly<Record<string, () => Promise<Figures>>> = {
  throughput,
  'round-trips': roundTrips,
  'start-up': startUp,
  pipes,
  soak,
  'domains-relays-objects': relayedObjects,
  'domains-relays-calls': relayedCalls,
  'domains-ssh-objects': sshObjects,
  'domains-ssh-calls': sshCalls,
  'domains-ssh-warm': warmCommands,
  'domains-ssh-cold': coldCommands,
  'domains-hosts-warm': warmHosts,
  'domains-hosts-cold': coldHosts,
};
const GIB = 1024 ** 3;

/** Runs the named benchmarks (`domains-ssh` names all that begin so), or all; returns the exit status. */
export async function main(names: readonly string[]): Promise<number> {
  const isNamed = (bench: string, name: string) => bench === name || bench.startsWith(`${name}-`);
  const unknown = names.find((name) => !Object.keys(BENCHES).some((bench) => isNamed(bench, name)));
  if (unknown !== undefined) {
    console.error(`bench: no ${unknown}; there are ${Object.keys(BENCHES).join(', ')}`);
    return 2;
  }
  try {
    await built();
    console.log(`${await machine()}\n`);
    for (const [name, bench] of Object.entries(BENCHES)) {
      if (names.length > 0 && !names.some((wanted) => isNamed(name, wanted))) continue;
      print(name, await bench());
    }
    return 0;
  } finally {
    await cleanUp();
  }
}

async function machine(): Promise<string> {
  const { stdout } = await run('dbus-daemon', ['--version']);
  const processors = cpus();
  return [
    new Date().toISOString().slice(0, 10),
    `${processors.length} × ${processors[0]?.model.trim()}, ${(totalmem() / GIB).toFixed(1)} GiB`,
    `Node ${process.version}`,
    stdout.split('\n')[0],
  ].join('; ');
}

function print(title: string, { unit, how, values, ratios, aims = {}, notes = [] }: Figures): void {
  const rounds = Object.values(values)[0]?.length ?? 0;
  console.log(`## ${title}\n\n${how ?? `Medians of ${rounds} rounds in turns [least – most].`}\n`);
  console.log(`| measured | ${unit} |\n|---|---|`);
  for (const [name, list] of Object.entries(values)) console.log(`| ${cell(name)} | ${spread(list)} |`);
  for (const [name, aim] of Object.entries(aims)) console.log(`\n${name}: ${verdict(values[name] ?? [], aim)}`);
  if (ratios.length > 0) console.log('\n| ratio | times | aim |\n|---|---|---|');
  for (const { name, values: list, aim } of ratios) {
    console.log(`| ${cell(name)} | ${spread(list)} | ${aim === undefined ? '' : verdict(list, aim)} |`);
  }
  for (const note of notes) console.log(`\n${note}`);
  console.log();
}

/** A bar would end the cell of a table. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function spread(list: readonly number[]): string {
  return `${round(median(list))} [${round(Math.min(...list))} – ${round(Math.max(...list))}]`;
}

function round(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}
