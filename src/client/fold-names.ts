// The reverse of unfolding, for messages: `web1 web2 web3 web5` are `web[1-3,5]`.

/** Longer numbers are not counted with. */
const MOST_DIGITS = 15;

/** A name in parts: at each odd place a number, or several of them in brackets. */
type Parts = readonly string[];

/** These names as one text, in the order in which they come first. `unfoldNames` gives the same names back. */
export function foldNames(names: readonly string[]): string {
  const unique = [...new Set(names)];
  let folded = unique.map(partsOf);
  const most = folded.reduce((longest, parts) => Math.max(longest, parts.length), 0);
  // From the last number to the first: rack1n1 rack1n2 rack2n1 rack2n2 are rack1n[1-2] rack2n[1-2], then rack[1-2]n[1-2].
  for (let place = most - 2; place >= 1; place -= 2) folded = foldAt(folded, place);
  return folded.map((parts) => parts.join('')).join(',');
}

/** What holds brackets of its own, an address of IPv6, stays whole. */
function partsOf(name: string): Parts {
  if (/[[\]]|:.*:/.test(name)) return [name];
  return name.split(new RegExp(`(?<!\\d)(\\d{1,${MOST_DIGITS}})(?!\\d)`));
}

function foldAt(all: readonly Parts[], place: number): Parts[] {
  const alike = new Map<string, { parts: Parts; numbers: string[] }>();
  for (const parts of all) {
    const key = JSON.stringify(parts.length > place ? parts.with(place, '') : parts);
    const found = alike.get(key);
    if (found === undefined) alike.set(key, { parts, numbers: [parts[place] ?? ''] });
    else found.numbers.push(parts[place] ?? '');
  }
  return [...alike.values()].map(({ parts, numbers }) =>
    numbers.length > 1 ? parts.with(place, `[${rangesOf(numbers)}]`) : parts,
  );
}

/** `1-3,5` of numbers as they stand, zeros in front included. */
function rangesOf(numbers: readonly string[]): string {
  const runs: { first: string; last: string }[] = [];
  for (const number of numbers.toSorted((a, b) => Number(a) - Number(b) || a.length - b.length)) {
    const run = runs.at(-1);
    if (run !== undefined && follows(run, number)) run.last = number;
    else runs.push({ first: number, last: number });
  }
  return runs.map(({ first, last }) => (first === last ? first : `${first}-${last}`)).join(',');
}

/** Whether a number is the next of a run, and is written as the run would have it. */
function follows({ first, last }: { first: string; last: string }, number: string): boolean {
  const padded = first.length > 1 && first.startsWith('0');
  if (padded && number.length !== first.length) return false;
  return number === String(Number(last) + 1).padStart(padded ? first.length : 1, '0');
}
