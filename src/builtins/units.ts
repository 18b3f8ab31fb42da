import { existsSync } from 'node:fs';
import type { Builtin, Stage } from '../engine';
import { HotwireError } from '../errors';
import { batchesOfClass } from './lib/batches';
import { callBus } from './lib/busctl';
import { listUnitsCall, type Manager, parseUnits } from './lib/units';

const UNIT = 'hotwire.sysdep.systemd.Unit';
/** There while systemd is the system's manager (sd_booted(3)). */
const SYSTEMD_RUNS = '/run/systemd/system';

export const units: Builtin = {
  name: 'units',
  summary: 'Services and other units of systemd',
  help:
    "All units that systemd has in memory, active or not, asked for over its D-Bus interface with systemd's own busctl. It fails where " +
    'systemd does not run. Those that failed: units | filter ^failed$ active_state. Services: units | filter ^service$ kind.',
  options: [{ name: 'user', short: 'u', summary: 'Those of your own manager, not those of the system' }],
  input: null,
  output: UNIT,
  idempotent: true,
  // Examples run on any machine, and on many there is no systemd to ask.
  examples: [
    { text: 'help units | prop output', shows: 'the class of what it yields', result: [UNIT] },
    { text: `schema ${UNIT}`, shows: 'what is known of a unit, and what can be done with it' },
  ],
  async *run(stage) {
    const manager = stage.options.has('user') ? 'user' : 'system';
    yield* batchesOfClass(UNIT, parseUnits(await ask(manager, stage), manager));
  },
};

/** What the manager answers. @throws NotSupported where it can't be asked, with busctl's own words */
async function ask(manager: Manager, stage: Stage): Promise<string> {
  const answer = await callBus(listUnitsCall(manager), stage);
  if ('text' in answer) return answer.text;
  throw unanswered(manager, answer.refused, answer.cause);
}

function unanswered(manager: Manager, reason: string, cause?: unknown): HotwireError {
  const hint = existsSync(SYSTEMD_RUNS) ? '' : `; systemd does not run here (there is no ${SYSTEMD_RUNS})`;
  return new HotwireError('NotSupported', `units: can't ask the ${manager} manager of systemd: ${reason}${hint}`, {
    cause,
  });
}
