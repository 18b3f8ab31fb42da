/** Values by the name of what was measured; the same index is the same round. */
export type Values = Readonly<Record<string, readonly number[]>>;

export interface Ratio {
  readonly name: string;
  /** One for each round. */
  readonly values: readonly number[];
  /** `at least N` or `at most N`. */
  readonly aim?: string;
}

/** What a benchmark found. */
export interface Figures {
  readonly unit: string;
  /** How the values came about, where they are not those of rounds in turns. */
  readonly how?: string;
  readonly values: Values;
  readonly ratios: readonly Ratio[];
  /** What the values themselves should be, by their names: `at least N` or `at most N`. */
  readonly aims?: Readonly<Record<string, string>>;
  /** What a reader has to know, e.g. what was left out. */
  readonly notes?: readonly string[];
}

/**
 * Measures the contestants in turns, forwards and backwards, so that what else the machine does meets all of them alike.
 * A first round warms up and does not count.
 */
export async function inTurns(
  rounds: number,
  contestants: Readonly<Record<string, () => Promise<number>>>,
): Promise<Record<string, number[]>> {
  const entries = Object.entries(contestants);
  const values: Record<string, number[]> = Object.fromEntries(entries.map(([name]) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, measure] of round % 2 === 0 ? entries : entries.toReversed()) {
      const value = await measure();
      if (round > 0) values[name]?.push(value);
    }
  }
  return values;
}

/** The ratio of two contestants, round by round. */
export function ratio(values: Values, name: string, reference: string, aim?: string): Ratio {
  const [of, to] = [values[name], values[reference]];
  if (!of || !to) throw new Error(`nothing was measured for ${name} or ${reference}`);
  return {
    name: `${name} ÷ ${reference}`,
    values: of.map((value, round) => value / (to[round] as number)),
    ...(aim === undefined ? {} : { aim }),
  };
}

export function median(list: readonly number[]): number {
  const sorted = list.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] as number)) / 2;
}

/** Whether the median of a list is what it should be, in words. */
export function verdict(list: readonly number[], aim: string): string {
  const [, bound, number] = /^at (least|most) ([\d.]+)$/.exec(aim) ?? [];
  if (number === undefined) throw new Error(`'${aim}' is no aim: at least N, or at most N`);
  const reached = bound === 'least' ? median(list) >= Number(number) : median(list) <= Number(number);
  return `${aim}: ${reached ? 'reached' : 'NOT reached'}`;
}
