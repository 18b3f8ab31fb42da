// What a slave holds while nobody wants anything of it: nothing may grow from one quiet moment to the next.
import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Bus, startBus } from './bus';
import { descendants, memory } from './proc';
import { environment, type Running } from './process';
import { ROOT, startSlave } from './slave';
import { temporaryFolder } from './temp';
import { PATIENCE_MS, waitFor } from './wait';

const PIPE = 'pipe';
const DRIVER = 'org.freedesktop.DBus';
/** The engine keeps up to so many pipes ready, opened once (engine/pipes.ts): at one quiet moment none, at another all. */
const SPARE_PIPES = 9;
/** A slave that was not once woken between so many looks waits for nothing but a message. */
const QUIET_LOOKS = 100;

export interface Remains {
  readonly children: readonly number[];
  /** What they are open on, without the numbers; pipes are counted. */
  readonly descriptors: readonly string[];
  readonly pipes: number;
  /** Rules on the bus, of all connections. */
  readonly rules: number;
  readonly connections: number;
  /** Whatever lies in the folders that it may write to: home, state, runtime, temporary. */
  readonly files: readonly string[];
}

export interface Memory {
  /** In use after a collection, in bytes. */
  readonly heap: number;
  readonly rss: number;
}

/** A slave that can be looked into, on a bus of its own. */
export class WatchedSlave {
  readonly bus: Bus;
  readonly #slave: Running;
  readonly #folder: string;
  readonly #probe: string;

  private constructor(bus: Bus, slave: Running, folder: string, probe: string) {
    this.bus = bus;
    this.#slave = slave;
    this.#folder = folder;
    this.#probe = probe;
  }

  static async start(): Promise<WatchedSlave> {
    const bus = await startBus();
    const folder = temporaryFolder();
    const probe = path.join(temporaryFolder(), 'probe');
    const places = { HOME: 'home', XDG_STATE_HOME: 'state', XDG_RUNTIME_DIR: 'runtime', TMPDIR: 'tmp' };
    const folders = Object.entries(places).map(([name, place]) => [name, path.join(folder, place)] as const);
    for (const [, place] of folders) mkdirSync(place, { mode: 0o700 });
    const env = environment({
      ...Object.fromEntries(folders),
      HOTWIRE_PROBE: probe,
      NODE_OPTIONS: `--require=${path.join(ROOT, 'test', 'support', 'probe.cjs')}`,
    });
    const slave = await startSlave(bus, ['--log-level', 'error'], { env });
    return new WatchedSlave(bus, slave, folder, probe);
  }

  /** What it wrote on stderr: nothing, unless something went wrong. */
  get stderr(): string {
    return this.#slave.stderr;
  }

  /** Waits until its last child is gone. */
  async childless(): Promise<void> {
    await waitFor(
      () => descendants(this.#slave.pid).length === 0,
      'the last child of the slave to end',
      2 * PATIENCE_MS,
    );
  }

  async remains(): Promise<Remains> {
    const { data } = await this.bus.call(DRIVER, '/org/freedesktop/DBus', `${DRIVER}.Debug.Stats.GetAllMatchRules`);
    const rules = Object.values(data[0] as Record<string, string[]>);
    const descriptors = descriptorsOf(this.#slave.pid);
    return {
      children: descendants(this.#slave.pid),
      descriptors: descriptors.filter((target) => target !== PIPE),
      pipes: descriptors.filter((target) => target === PIPE).length,
      rules: rules.reduce((sum, list) => sum + list.length, 0),
      connections: (await this.bus.stats()).ActiveConnections ?? 0,
      files: readdirSync(this.#folder, { recursive: true }).map(String).toSorted(),
    };
  }

  /** What it holds in memory, garbage not counted. */
  async memory(): Promise<Memory> {
    rmSync(this.#probe, { force: true });
    this.#slave.kill('SIGUSR2');
    let heap: number | undefined;
    await waitFor(() => {
      heap = readIfThere(this.#probe);
      return heap !== undefined;
    }, 'the slave to tell its memory');
    return { heap: heap as number, rss: memory(this.#slave.pid).rss };
  }

  /** Waits until it sleeps and nothing wakes it: no timer is left. */
  async asleep(): Promise<void> {
    let last = '';
    let looks = 0;
    await waitFor(() => {
      const status = readFileSync(`/proc/${this.#slave.pid}/status`, 'utf8');
      const switches = /^voluntary_ctxt_switches:.*$/m.exec(status)?.[0] ?? '';
      looks = switches === last ? looks + 1 : 0;
      last = switches;
      return looks >= QUIET_LOOKS;
    }, 'the slave to sleep');
  }

  async stop(): Promise<void> {
    await this.#slave.stop();
    await this.bus.stop();
  }
}

/** What there is now and was not before, in words; nothing when nothing is left. */
export function leftOver(before: Remains, after: Remains): string[] {
  const differing = (['descriptors', 'rules', 'connections', 'files'] as const).filter(
    (name) => !isDeepStrictEqual(before[name], after[name]),
  );
  return [
    ...(after.children.length > 0 ? [`child processes: ${after.children}`] : []),
    ...(after.pipes > before.pipes + SPARE_PIPES ? [`pipes: ${after.pipes}, before ${before.pipes}`] : []),
    ...differing.map((name) => `${name}: ${after[name]}, before ${before[name]}`),
  ];
}

function descriptorsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder)
    .map((number) => readlinkSync(`${folder}/${number}`).replace(/:\[\d+\]$/, ''))
    .toSorted();
}

function readIfThere(file: string): number | undefined {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { heap: number }).heap;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
