// How long one small pipeline takes, until its result is here, as a ratio to an empty call on the same bus.
import path from 'node:path';
import { startBus } from '../test/support/bus';
import { run } from '../test/support/process';
import { ROOT, startSlave } from '../test/support/slave';
import { type Figures, ratio } from './measure';

const ROUNDS = 7;
const CALLS = 300;
const PATIENCE_MS = 60_000;
const CLIENT = path.join(ROOT, 'bench', 'clients', 'round-trips.mjs');
const [PING, RUN, LIBRARY] = ['Peer.Ping', 'RunPipeline("js-eval 1"), dbus-next', "domain.run('js-eval 1'), library"];

export async function roundTrips(): Promise<Figures> {
  const bus = await startBus();
  await startSlave(bus);
  const values: Record<string, number[]> = { [PING]: [], [RUN]: [], [LIBRARY]: [] };
  for (let round = 0; round < ROUNDS; round++) {
    // One process measures all three, call by call in turns: its start and its warm-up meet them alike.
    const { code, stdout, stderr } = await run(process.execPath, [CLIENT, bus.address, String(CALLS)], {
      patience: PATIENCE_MS,
    });
    if (code !== 0) throw new Error(`round-trips.mjs failed: ${stderr}`);
    const { ping, run: ran, library } = JSON.parse(stdout) as Record<'ping' | 'run' | 'library', number>;
    values[PING]?.push(ping);
    values[RUN]?.push(ran);
    values[LIBRARY]?.push(library);
  }
  return {
    unit: 'ms',
    values,
    ratios: [ratio(values, RUN, PING, 'at most 4'), ratio(values, LIBRARY, PING, 'at most 4')],
  };
}
