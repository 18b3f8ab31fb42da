// What the command costs beside Node itself: wall time of a whole `hotwire run 'proc'` against a slave that runs.
import { startBus } from '../test/support/bus';
import { run } from '../test/support/process';
import { hotwire, startSlave } from '../test/support/slave';
import { type Figures, inTurns, ratio } from './measure';

const ROUNDS = 21;
const [COMMAND, NODE] = ["hotwire run 'proc'", 'node -e 0'];

export async function startUp(): Promise<Figures> {
  const bus = await startBus();
  await startSlave(bus);
  const values = await inTurns(ROUNDS, {
    [NODE]: () => timed(NODE, () => run(process.execPath, ['-e', '0'])),
    [COMMAND]: () => timed(COMMAND, () => hotwire(['run', 'proc'], { bus })),
  });
  return { unit: 'ms', values, ratios: [ratio(values, COMMAND, NODE, 'at most 2')] };
}

/** Milliseconds that `work` takes. */
async function timed(what: string, work: () => ReturnType<typeof run>): Promise<number> {
  const start = performance.now();
  const { code, stderr } = await work();
  const milliseconds = performance.now() - start;
  if (code !== 0) throw new Error(`${what} ended with ${code}: ${stderr}`);
  return milliseconds;
}
