// The objects that are sent through everything whose throughput is measured, and how a program says how many it got.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { run } from '../test/support/process';
import { ROOT } from '../test/support/slave';
import { temporaryFolder } from '../test/support/temp';

const LINES = 1_000_000;
/** What `iter` takes apart: few, as they exist as one array first; so one measurement runs it several times. */
const ARRAY = 50_000;
const ARRAY_RUNS = 10;
/** Texts that a bare sender has; it sends them again and again. */
const PREPARED = 2000;
const PATIENCE_MS = 60_000;

const line = (number: number) =>
  `${String(number).padStart(8, '0')} ${'The quick brown fox jumps over the lazy dog. '.repeat(2)}`.slice(0, 80);
/** Their sources are parts of pipelines, between single quotes: they may use nothing from here. */
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
const smallOf = (i: number): unknown => ({
  pid: i,
  cmd: `foo-server --port ${i}`,
  owner_id: 500,
  owner_name: 'someuser',
});

export interface Load {
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

/** Lines of a program. */
export function stringLoad(): Load {
  const file = path.join(temporaryFolder(), 'lines');
  writeFileSync(file, Array.from({ length: LINES }, (_, i) => `${line(i)}\n`).join(''));
  const texts = prepared(line);
  return { name: '80-byte strings', objects: LINES, runs: 1, aim: 'at least 1.5', pipeline: `sys cat ${file}`, texts };
}

/** Objects with the properties of a process. */
export function processLoad(): Load {
  return arrayLoad('process objects', processOf);
}

/** Objects of four properties. */
export function smallLoad(): Load {
  return arrayLoad('small objects', smallOf);
}

function arrayLoad(name: string, make: (i: number) => unknown): Load {
  const pipeline = `js-eval 'Array.from({length:${ARRAY}},(_, i) => (${make})(i))' | iter`;
  return { name, objects: ARRAY, runs: ARRAY_RUNS, pipeline, texts: prepared(make) };
}

function prepared(make: (i: number) => unknown): string[] {
  return Array.from({ length: PREPARED }, (_, i) => JSON.stringify(make(i)));
}

/** A file of bench/. */
export function inBench(...parts: string[]): string {
  return path.join(ROOT, 'bench', ...parts);
}

/** Runs a program of bench/, by node unless another interpreter is named, and returns what it printed, as JSON has it. */
export async function printed<T>(
  program: string,
  args: readonly string[],
  { env, interpreter = process.execPath }: { env?: NodeJS.ProcessEnv; interpreter?: string } = {},
): Promise<T> {
  const options = { patience: PATIENCE_MS, ...(env && { env }) };
  const { code, stdout, stderr } = await run(interpreter, [inBench(program), ...args], options);
  if (code !== 0) throw new Error(`${program} failed: ${stderr}`);
  return JSON.parse(stdout) as T;
}
