// What a whole command costs for another host: `hotwire run -H` against plain ssh, warm and cold.
import { rmSync } from 'node:fs';
import path from 'node:path';
import { start as startProgram } from '../test/support/process';
import { HOTWIRE } from '../test/support/slave';
import { Far, PLAIN, succeed, timed } from './far';
import { type Figures, inTurns, ratio } from './measure';

const ROUNDS = 15;
const COLD_ROUNDS = 9;
/** It starts an evaluator, one for each client. */
const SMALL = 'js-eval 1';

const WARM = {
  node: 'node -e 0',
  own: `hotwire run ${PLAIN}, session bus`,
  ssh: "ssh HOST true, ssh's master open",
  both: 'the two before: own start and ssh',
  bus: `hotwire run -H HOST ${PLAIN}, session bus, domain open`,
  busless: `hotwire run -H HOST ${PLAIN}, no bus, master open`,
  evaluated: `hotwire run '${SMALL}', session bus`,
  evaluatedThere: `hotwire run -H HOST '${SMALL}', session bus, domain open`,
} as const;

/** Milliseconds of a command to a host that was used before. */
export async function warmCommands(): Promise<Figures> {
  await using far = await Far.start({ far: {} });
  const { address } = await far.startBus();
  const env = far.environment;
  const onBus = { ...env, DBUS_SESSION_BUS_ADDRESS: address };
  const hotwire = (where: NodeJS.ProcessEnv, ...words: string[]) =>
    timed(() => succeed([HOTWIRE, 'run', ...words], where));
  const values = await inTurns(ROUNDS, {
    [WARM.node]: () => timed(() => succeed([process.execPath, '-e', '0'])),
    [WARM.own]: () => hotwire(onBus, PLAIN),
    [WARM.ssh]: () => timed(() => far.ssh(far.warmConfig, 'far', 'true')),
    [WARM.bus]: () => hotwire(onBus, '-H', 'far', PLAIN),
    [WARM.busless]: () => hotwire(env, '-H', 'far', PLAIN),
    [WARM.evaluated]: () => hotwire(onBus, SMALL),
    [WARM.evaluatedThere]: () => hotwire(onBus, '-H', 'far', SMALL),
  });
  const [own, ssh] = [values[WARM.own], values[WARM.ssh]] as [number[], number[]];
  values[WARM.both] = own.map((time, round) => time + (ssh[round] as number));
  return {
    unit: 'ms',
    values,
    ratios: [
      ratio(values, WARM.bus, WARM.both, 'at most 1'),
      ratio(values, WARM.bus, WARM.own),
      ratio(values, WARM.bus, WARM.ssh),
      ratio(values, WARM.busless, WARM.both),
      ratio(values, WARM.evaluatedThere, WARM.evaluated),
      ratio(values, WARM.own, WARM.node),
    ],
  };
}

const COLD = {
  ssh: 'ssh HOST node -e 0',
  bare: 'hotwire run -H HOST, node alone there',
  cached: 'hotwire run -H HOST, node there, the slave in its cache',
  installed: 'hotwire run -H HOST, hotwire there',
} as const;

/** Milliseconds to the first object of a command to a host that has no connection. */
export async function coldCommands(): Promise<Figures> {
  const bare = { programs: ['node'], installed: false };
  await using far = await Far.start({ bare, cached: bare, installed: {} });
  const first = async (host: string) => {
    await far.endMasters();
    return firstOutput(['run', '-H', host, PLAIN], far.environment);
  };
  const values = await inTurns(COLD_ROUNDS, {
    [COLD.ssh]: () => timed(() => far.ssh(far.coldConfig, 'installed', 'node', '-e', '0')),
    [COLD.bare]: () => {
      rmSync(path.join(far.home('bare'), '.cache'), { recursive: true, force: true });
      return first('bare');
    },
    [COLD.cached]: () => first('cached'),
    [COLD.installed]: () => first('installed'),
  });
  return {
    unit: 'ms',
    values,
    ratios: [
      ratio(values, COLD.bare, COLD.ssh, 'at most 1.5'),
      ratio(values, COLD.cached, COLD.ssh),
      ratio(values, COLD.installed, COLD.ssh),
    ],
    notes: ['No session bus, no master. Of hotwire until its first output, of ssh until it has ended.'],
  };
}

/** Milliseconds until `hotwire` prints something; resolves when it has ended. */
async function firstOutput(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const start = performance.now();
  const running = startProgram(HOTWIRE, args, { env });
  running.stdin.end();
  const printed = new Promise<number>((resolve) => running.onOutput(() => resolve(performance.now() - start)));
  const { stdout, stderr } = await running.exit();
  if (stdout === '') throw new Error(`it printed nothing: ${stderr}`);
  return printed;
}
