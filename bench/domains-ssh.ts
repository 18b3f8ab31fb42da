// Objects and calls over ssh to the client library, against plain ssh that carries the same JSON lines and against mitogen.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { environment, run } from '../test/support/process';
import { temporaryFolder } from '../test/support/temp';
import { Far, PLAIN, timed } from './far';
import { type Load, printed, processLoad, smallLoad } from './loads';
import { type Figures, inTurns, ratio } from './measure';

const ROUNDS = 5;
const CALLS = 2000;
const CALL_ROUNDS = 7;
const HOST = 'far';
/** What has mitogen where it is a package of the system, whatever other Python comes first on PATH. */
const PYTHON = '/usr/bin/python3';

const [PIPE, BUS] = ['hotwire over ssh', 'hotwire over ssh, by the session bus'];
const [CAT, PARSED] = ['ssh cat, bytes alone', 'ssh cat, JSON.parse of each line'];
const MITOGEN = 'mitogen, 500 a message';

/** Objects a second. */
export async function sshObjects(): Promise<Figures> {
  await using far = await Far.start({ [HOST]: {} });
  const [{ address }, note] = [await far.startBus(), await missingMitogen()];
  const parts: Figures[] = [];
  for (const load of [smallLoad(), processLoad()]) parts.push(await throughput(load, far, address, note === ''));
  return {
    unit: 'objects/s',
    values: Object.assign({}, ...parts.map(({ values }) => values)),
    ratios: parts.flatMap(({ ratios }) => ratios),
    notes: note === '' ? [] : [note],
  };
}

async function throughput(load: Load, far: Far, bus: string, withMitogen: boolean): Promise<Figures> {
  const { name, pipeline, objects, runs, texts } = load;
  const env = far.environment;
  const total = objects * runs;
  const folder = temporaryFolder();
  const [lines, prepared] = [path.join(folder, 'lines'), path.join(folder, 'texts')];
  writeFileSync(prepared, `${texts.join('\n')}\n`);
  writeFileSync(lines, `${texts.join('\n')}\n`.repeat(total / texts.length));
  const title = (who: string) => `${name}: ${who}`;
  const [pipe, byBus, cat, parsed, mitogen] = [PIPE, BUS, CAT, PARSED, MITOGEN].map(title) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const library = (from: string) => {
    const args = [from, pipeline, String(objects), String(runs), `ssh:${HOST}`];
    return printed<number>('clients/library.mjs', args, { env });
  };
  const plain = (mode: string) => {
    const command = far.plain(far.warmConfig, HOST, 'cat', lines);
    return printed<number>('clients/lines.mjs', [mode, String(total), ...command]);
  };
  const peer = () => {
    const args = [far.coldConfig, HOST, 'objects', prepared, String(total)];
    return printed<number>('reference/mitogen-peer.py', args, { interpreter: PYTHON });
  };
  const values = await inTurns(ROUNDS, {
    [cat]: () => plain('count'),
    [parsed]: () => plain('parse'),
    ...(withMitogen && { [mitogen]: peer }),
    [pipe]: () => library('-'),
    [byBus]: () => library(bus),
  });
  return {
    unit: 'objects/s',
    values,
    ratios: [pipe, byBus].flatMap((subject) => [
      ratio(values, subject, cat),
      ratio(values, subject, parsed),
      ...(withMitogen ? [ratio(values, subject, mitogen, 'at least 1')] : []),
    ]),
  };
}

/** Milliseconds of a pipeline that does next to nothing, on an open domain. */
export async function sshCalls(): Promise<Figures> {
  await using far = await Far.start({ [HOST]: {} });
  const [{ address }, note] = [await far.startBus(), await missingMitogen()];
  const domain = `ssh:${HOST}`;
  const names = ['pipe', 'bus', 'here', 'call', 'command'].map((what) => CALL_NAMES[what as keyof typeof CALL_NAMES]);
  const values: Record<string, number[]> = Object.fromEntries(names.map((name) => [name, []]));
  const places = [
    [CALL_NAMES.pipe, '-', domain],
    [CALL_NAMES.bus, address, domain],
    [CALL_NAMES.here, address, ''],
  ];
  for (let round = 0; round < CALL_ROUNDS; round++) {
    // Each alone, as mitogen is: a turn of another is a pause, in which processors rest and caches cool.
    for (const place of places) {
      const args = [PLAIN, String(CALLS), ...place];
      const times = await printed<Record<string, number>>('clients/domain-calls.mjs', args, { env: far.environment });
      for (const [name, time] of Object.entries(times)) values[name]?.push(time);
    }
    if (note === '') {
      const peer = [far.coldConfig, HOST, 'calls', String(CALLS)];
      values[CALL_NAMES.call]?.push(await printed<number>('reference/mitogen-peer.py', peer, { interpreter: PYTHON }));
    }
    await far.ssh(far.warmConfig, HOST, 'true'); // the master
    values[CALL_NAMES.command]?.push(await timed(() => far.ssh(far.warmConfig, HOST, 'true')));
  }
  if (note !== '') delete values[CALL_NAMES.call];
  const references = [CALL_NAMES.command, ...(note === '' ? [CALL_NAMES.call] : [])];
  return {
    unit: 'ms',
    how: `Until the terminal state: medians of ${CALL_ROUNDS} rounds [least – most], each the median of ${CALLS}; of the command one a round.`,
    values,
    aims: { [CALL_NAMES.pipe]: 'at most 0.5', [CALL_NAMES.bus]: 'at most 0.5' },
    ratios: [CALL_NAMES.pipe, CALL_NAMES.bus].flatMap((name) => references.map((to) => ratio(values, name, to))),
    notes: note === '' ? [] : [note],
  };
}

const CALL_NAMES = {
  pipe: "'path', hotwire over ssh",
  bus: "'path', hotwire over ssh by the session bus",
  here: "'path' at the slave on the session bus",
  call: 'an empty call, mitogen',
  command: "ssh HOST true, ssh's master open",
} as const;

/** Why there is no mitogen; empty when there is. */
async function missingMitogen(): Promise<string> {
  const why = await run(PYTHON, ['-c', 'import mitogen.master'], { env: environment() }).then(
    ({ code, stderr }) => (code === 0 ? '' : (stderr.trim().split('\n').at(-1) ?? 'it does not start')),
    (error: Error) => error.message,
  );
  return why && `Without mitogen: ${why} (apt-get install python3-mitogen).`;
}
