// Runs the benchmarks and prints Markdown: every number with its name, and the ratios that the aims are about. Absolute
// numbers hold for one machine on one day; the ratios compare what ran in turns.
import { cpus, totalmem } from 'node:os';
import { cleanUp } from '../test/support/cleanup';
import { run } from '../test/support/process';
import { built } from '../test/support/slave';
import { type Figures, median } from './measure';
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
};
const GIB = 1024 ** 3;

/** Runs the named benchmarks, or all; returns the exit status. */
export async function main(names: readonly string[]): Promise<number> {
  const unknown = names.find((name) => !(name in BENCHES));
  if (unknown !== undefined) {
    console.error(`bench: no ${unknown}; there are ${Object.keys(BENCHES).join(', ')}`);
    return 2;
  }
  try {
    await built();
    console.log(`${await machine()}\n`);
    for (const [name, bench] of Object.entries(BENCHES)) {
      if (names.length === 0 || names.includes(name)) print(name, await bench());
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

function print(title: string, { unit, how, values, ratios, notes = [] }: Figures): void {
  const rounds = Object.values(values)[0]?.length ?? 0;
  console.log(`## ${title}\n\n${how ?? `Medians of ${rounds} rounds in turns [least – most].`}\n`);
  console.log(`| measured | ${unit} |\n|---|---|`);
  for (const [name, list] of Object.entries(values)) console.log(`| ${cell(name)} | ${spread(list)} |`);
  console.log('\n| ratio | times | aim |\n|---|---|---|');
  for (const { name, values: list, aim = '' } of ratios) {
    console.log(`| ${cell(name)} | ${spread(list)} | ${aim} |`);
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
