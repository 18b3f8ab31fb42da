// A hundred hosts at once, all of them names of one sshd on loopback, against clush with the same fan-out. Near and far
// side share the processors and the memory: a hundred slaves run on this machine.
import { readFileSync } from 'node:fs';
import { commandLine, descendants } from '../test/support/proc';
import { run } from '../test/support/process';
import { HOTWIRE } from '../test/support/slave';
import { Far, succeed, timed } from './far';
import { type Figures, inTurns, ratio } from './measure';

const ROUNDS = 5;
const COLD_ROUNDS = 3;
const COUNT = 100;
const HOSTS = `n[1-${COUNT}]`;
const FANOUT = '32';
const KIB = 1024;
const COMMAND = 'hostname';
const [CLUSH, HOTWIRE_BUS, HOTWIRE_BUSLESS] = [
  `clush -w ${HOSTS} ${COMMAND}`,
  `hotwire run -H '${HOSTS}' 'sys ${COMMAND}', session bus`,
  `hotwire run -H '${HOSTS}' 'sys ${COMMAND}', no bus`,
];

/** Milliseconds, when everything is kept that either keeps: masters, open domains. */
export async function warmHosts(): Promise<Figures> {
  await using far = await hundred();
  const { address, slave } = await far.startBus();
  const env = far.environment;
  const onBus = { ...env, DBUS_SESSION_BUS_ADDRESS: address };
  const note = await missingClush();
  const values = await inTurns(ROUNDS, {
    ...(note === '' && { [CLUSH]: () => timed(() => clush(far.warmConfig)) }),
    [HOTWIRE_BUS]: () => timed(() => hotwire(onBus)),
    [HOTWIRE_BUSLESS]: () => timed(() => hotwire(env)),
  });
  return {
    unit: 'ms',
    values,
    ratios: note === '' ? [ratio(values, HOTWIRE_BUS, CLUSH, 'at most 1'), ratio(values, HOTWIRE_BUSLESS, CLUSH)] : [],
    notes: [note || memoryOf(slave.pid, far.processes())],
  };
}

/** Milliseconds without any connection. */
export async function coldHosts(): Promise<Figures> {
  await using far = await hundred();
  const note = await missingClush();
  const values = await inTurns(COLD_ROUNDS, {
    ...(note === '' && { [CLUSH]: () => timed(() => clush(far.coldConfig)) }),
    [HOTWIRE_BUSLESS]: async () => {
      await far.endMasters();
      return timed(() => hotwire(far.environment));
    },
  });
  return {
    unit: 'ms',
    values,
    ratios: note === '' ? [ratio(values, HOTWIRE_BUSLESS, CLUSH, 'at most 1.5')] : [],
    notes: note === '' ? [] : [note],
  };
}

function hundred(): Promise<Far> {
  return Far.start(Object.fromEntries(Array.from({ length: COUNT }, (_, i) => [`n${i + 1}`, {}])));
}

async function hotwire(env: NodeJS.ProcessEnv): Promise<void> {
  check(await succeed([HOTWIRE, 'run', '-H', HOSTS, '--fanout', FANOUT, `sys ${COMMAND}`], env));
}

async function clush(config: string): Promise<void> {
  const options = ['-f', FANOUT, '-O', `ssh_path=ssh -F ${config}`];
  check(await succeed(['clush', '-n', '-w', HOSTS, ...options, COMMAND]));
}

function check(output: string): void {
  const lines = output.trimEnd().split('\n').length;
  if (lines !== COUNT) throw new Error(`${lines} lines came of ${COUNT} hosts:\n${output.slice(0, 1000)}`);
}

/** What the open domains take, here and there. */
function memoryOf(near: number, far: readonly number[]): string {
  const mib = (pids: readonly number[]) => `${Math.round(pids.reduce((sum, pid) => sum + share(pid), 0) / KIB)} MiB`;
  const masters = descendants(near);
  const slaves = far.filter((pid) => commandLine(pid).includes('hotwire-slave'));
  const servers = far.filter((pid) => !slaves.includes(pid));
  return (
    `With ${COUNT} domains open, pages of several processes shared out among them: the slave on the bus ${mib([near])}, its ` +
    `${masters.length} ssh ${mib(masters)}; there ${slaves.length} slaves ${mib(slaves)}, ${servers.length} of sshd ${mib(servers)}.`
  );
}

/** The proportional set size of a process, in KiB. */
function share(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
}

/** Why there is no clush; empty when there is. */
async function missingClush(): Promise<string> {
  const found = await run('clush', ['--version']).catch(() => undefined);
  return found?.code === 0 ? '' : 'Without clush: it is not on PATH (apt-get install clustershell).';
}
