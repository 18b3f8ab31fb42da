/** The order of JSON values, whatever their types: nothing, then booleans, numbers, texts, lists and objects. */

const RANK: Readonly<Record<string, number>> = { undefined: 0, boolean: 1, number: 2, string: 3, object: 4 };

/** Negative when `a` comes first, 0 when neither does. Numbers by size, texts by their UTF-16 units. */
export function compareValues(a: unknown, b: unknown): number {
  const rank = rankOf(a);
  const difference = rank - rankOf(b);
  if (difference !== 0) return difference;
  if (rank === 0) return 0;
  if (rank === 4) return compareOrdered(JSON.stringify(a), JSON.stringify(b));
  return compareOrdered(a as string, b as string);
}

function rankOf(value: unknown): number {
  return value === null ? 0 : (RANK[typeof value] ?? 0);
}

function compareOrdered(a: string, b: string): number {
  if (a < b) return -1;
  return a > b ? 1 : 0;
}
