/** Names that a mistyped one may have meant. */

const MOST_NAMES = 3;
const MOST_EDITS = 3;

/** At most three names within a few edits of `word`, the nearest first; fewer edits are allowed for a short word. */
export function nearest(word: string, names: Iterable<string>): string[] {
  const allowed = Math.min(MOST_EDITS, Math.ceil(word.length / 3));
  const found: { name: string; edits: number }[] = [];
  for (const name of new Set(names)) {
    // Without this test the distance to a word of a megabyte would be computed for every program on PATH.
    if (Math.abs(name.length - word.length) > allowed) continue;
    const edits = editDistance(word, name);
    if (edits <= allowed && edits < word.length) found.push({ name, edits });
  }
  found.sort((a, b) => a.edits - b.edits || (a.name < b.name ? -1 : 1));
  return found.slice(0, MOST_NAMES).map(({ name }) => name);
}

/** `did you mean A, B or C?`, or undefined without names. */
export function didYouMean(names: readonly string[]): string | undefined {
  const last = names.at(-1);
  if (last === undefined) return undefined;
  return `did you mean ${names.length > 1 ? `${names.slice(0, -1).join(', ')} or ${last}` : last}?`;
}

/** Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b` (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
        swapped ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

function at(costs: readonly number[], index: number): number {
  return costs[index] ?? Number.POSITIVE_INFINITY;
}
