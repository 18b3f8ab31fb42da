// What a relay costs: the same pipelines at a slave, behind one relay and behind two, to the client library. Each relay is
// one more process on the same processors.
import { encodeValue } from '../src/domains/address';
import { startBus } from '../test/support/bus';
import { HOTWIRE_SLAVE, startSlave } from '../test/support/slave';
import { type Load, printed, processLoad, stringLoad } from './loads';
import { type Figures, inTurns, ratio } from './measure';

const ROUNDS = 5;
const CALLS = 300;
const CALL_ROUNDS = 7;
const SMALL = 'js-eval 1';
/** One more slave of this machine, at the end of a pipe. */
const STEP = `exec:${encodeValue(process.execPath)} ${encodeValue(HOTWIRE_SLAVE)} --stdio`;

interface Place {
  readonly name: string;
  /** The address of a bus, or `-`. */
  readonly bus: string;
  readonly domain: string;
  /** How many relays there are on the way. */
  readonly relays: number;
}

/** A chain of slaves at the client's own pipe, and one behind the slave of a session bus: three places each. */
async function chains(): Promise<Place[][]> {
  const bus = await startBus();
  await startSlave(bus);
  const steps = (count: number) => Array.from({ length: count }, () => STEP).join('/');
  const names = ['no relay', 'one relay', 'two relays'];
  return [
    // The first step is what the client itself is connected to.
    names.map((name, relays) => ({ name: `pipe, ${name}`, bus: '-', domain: steps(relays + 1), relays })),
    names.map((name, relays) => ({ name: `session bus, ${name}`, bus: bus.address, domain: steps(relays), relays })),
  ];
}

/** Objects a second. */
export async function relayedObjects(): Promise<Figures> {
  const places = await chains();
  const parts: Figures[] = [];
  for (const load of [stringLoad(), processLoad()]) parts.push(await throughput(load, places));
  return {
    unit: 'objects/s',
    values: Object.assign({}, ...parts.map(({ values }) => values)),
    ratios: parts.flatMap(({ ratios }) => ratios),
  };
}

async function throughput({ name, pipeline, objects, runs }: Load, chains: Place[][]): Promise<Figures> {
  const title = (place: Place) => `${name}: ${place.name}`;
  const contestants = chains.flat().map((place) => {
    const args = [place.bus, pipeline, String(objects), String(runs), place.domain];
    return [title(place), () => printed<number>('clients/library.mjs', args)] as const;
  });
  const values = await inTurns(ROUNDS, Object.fromEntries(contestants));
  return { unit: 'objects/s', values, ratios: ratios(values, chains, title, ['at least 0.7', 'at least 0.5']) };
}

/** Milliseconds of one small pipeline. */
export async function relayedCalls(): Promise<Figures> {
  const places = await chains();
  const list = places.flat().flatMap(({ name, bus, domain }) => [name, bus, domain]);
  const values: Record<string, number[]> = Object.fromEntries(places.flat().map(({ name }) => [name, []]));
  for (let round = 0; round < CALL_ROUNDS; round++) {
    const times = await printed<Record<string, number>>('clients/domain-calls.mjs', [SMALL, String(CALLS), ...list]);
    for (const [name, time] of Object.entries(times)) values[name]?.push(time);
  }
  return {
    unit: `ms of '${SMALL}'`,
    how: `Until the terminal state: medians of ${CALL_ROUNDS} rounds [least – most], each the median of ${CALLS} in turns.`,
    values,
    ratios: ratios(values, places, ({ name }) => name, []),
  };
}

function ratios(
  values: Record<string, number[]>,
  chains: Place[][],
  title: (place: Place) => string,
  aims: readonly string[],
): Figures['ratios'] {
  return chains.flatMap(([direct, ...relayed]) =>
    relayed.map((place) => ratio(values, title(place), title(direct as Place), aims[place.relays - 1])),
  );
}
