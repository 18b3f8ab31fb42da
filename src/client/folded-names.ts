/**
 * Folded names of hosts, as ClusterShell has them: `web[1-20],db1`, `rack[1-2]n[01-16/2]`, `@group`, and between two of
 * them `,` (and), `!` (without), `&` (in both), `^` (in one alone), from left to right.
 */
import { HotwireError } from '../errors';
import { MAX_HOSTS } from '../limits';
import { type Count, misplaced, type Place, unfoldPattern } from './name-pattern';

/** What a group stands for: a text of folded names, or names as they are; and where that is from. */
export type GroupText = ({ readonly text: string } | { readonly names: readonly string[] }) & {
  /** For messages, e.g. the file. */
  readonly origin: string;
};

/** Names that unfolding one text may handle, those of groups within groups and those left out again, too. */
export const MAX_HANDLED_NAMES = 20 * MAX_HOSTS;

/** Where groups are found: `@name` and `@source:name`; the name `*` is all of them. */
export interface Groups {
  /** @throws HotwireError when there is none: what there is, and where it is looked for */
  find(source: string | undefined, name: string): GroupText[];
}

type Operator = ',' | '!' | '&' | '^';

const OPERATIONS: Readonly<Record<Operator, (left: ReadonlySet<string>, right: ReadonlySet<string>) => Set<string>>> = {
  ',': (left, right) => new Set([...left, ...right]),
  '!': (left, right) => new Set([...left].filter((name) => !right.has(name))),
  '&': (left, right) => new Set([...left].filter((name) => right.has(name))),
  '^': (left, right) =>
    new Set([...[...left].filter((name) => !right.has(name)), ...[...right].filter((name) => !left.has(name))]),
};

/**
 * The names that a folded text stands for: each once, in the order in which they come first.
 * @throws Domain.BadAddress with a caret under what is wrong; for over MAX_HOSTS names, and much work for fewer, too
 */
export function unfoldNames(text: string, groups?: Groups): string[] {
  return [...new Unfolding(groups).names(text)];
}

/** One text and the groups that it names. What is handled for it is bounded as a whole, so that no text takes long. */
class Unfolding {
  readonly #groups: Groups | undefined;
  readonly #known = new Map<string, ReadonlySet<string>>();
  #handled = 0;

  constructor(groups: Groups | undefined) {
    this.#groups = groups;
  }

  /** @param within the groups that this text is part of; those of groups may be many, the names that are left may not */
  names(text: string, within: readonly string[] = []): Set<string> {
    let names = new Set<string>();
    if (text.trim() === '' && within.length > 0) return names; // an empty group
    let operator: Operator = ',';
    for (const operand of operandsOf(text)) {
      const right = this.#operand(operand, within);
      this.#handle(1 + right.size + (operator === ',' ? 0 : names.size), operand.place);
      // Names are mostly joined: without a copy, so that a list of many is not copied for each.
      if (operator === ',') for (const name of right) names.add(name);
      else names = OPERATIONS[operator](names, right);
      if (within.length === 0 && names.size > MAX_HOSTS) throw tooMany(operand.place);
      operator = operand.next ?? ',';
    }
    return names;
  }

  #operand(operand: Operand, within: readonly string[]): ReadonlySet<string> {
    const { place } = operand;
    const count: Count = (names) => {
      if (names > MAX_HOSTS) throw tooMany(place);
    };
    const word = place.text.slice(place.start, place.start + place.length);
    if (!word.startsWith('@')) return new Set(unfoldPattern(place, count));
    const found = new Set<string>();
    for (const group of unfoldPattern({ ...place, start: place.start + 1, length: place.length - 1 }, count)) {
      for (const name of this.#group(group, place, within)) found.add(name);
    }
    return found;
  }

  #handle(names: number, place: Place): void {
    this.#handled += names;
    if (this.#handled <= MAX_HANDLED_NAMES) return;
    const words = `to unfold it takes over ${MAX_HANDLED_NAMES} steps, a name each: use fewer operators and groups`;
    throw misplaced(place, words);
  }

  #group(group: string, place: Place, within: readonly string[]): ReadonlySet<string> {
    const known = this.#known.get(group);
    if (known !== undefined) return known;
    if (within.includes(group)) {
      throw misplaced(
        place,
        `the group @${group} holds itself: ${[...within, group].map((name) => `@${name}`).join(' > ')}`,
      );
    }
    const names = new Set<string>();
    for (const found of this.#find(group, place)) {
      try {
        const held = 'names' in found ? found.names : this.names(found.text, [...within, group]);
        for (const name of held) names.add(name);
      } catch (thrown) {
        const error = HotwireError.from(thrown);
        throw new HotwireError(error.kind, `${found.origin}: group @${group}: ${error.message}`, { cause: error });
      }
    }
    this.#known.set(group, names);
    return names;
  }

  #find(group: string, place: Place): GroupText[] {
    const colon = group.indexOf(':');
    const source = colon < 0 ? undefined : group.slice(0, colon);
    if (this.#groups === undefined) throw misplaced(place, 'there are no groups here: name the hosts themselves');
    try {
      return this.#groups.find(source, group.slice(colon + 1));
    } catch (thrown) {
      throw misplaced(place, HotwireError.from(thrown).message);
    }
  }
}

function tooMany(place: Place): HotwireError {
  return misplaced(place, `with this, they are over ${MAX_HOSTS} names: name fewer`);
}

interface Operand {
  readonly place: Place;
  /** The operator behind it; undefined at the end. */
  readonly next: Operator | undefined;
}

/** The parts between operators: those within brackets are none. */
function* operandsOf(text: string): Generator<Operand> {
  const part = /(?:\[[^\]]*\]?|[^[,!&^]+)*/y;
  for (let from = 0; ; from = part.lastIndex + 1) {
    part.lastIndex = from;
    const raw = part.exec(text)?.[0] ?? '';
    part.lastIndex = from + raw.length;
    const next = text[part.lastIndex] as Operator | undefined;
    const word = raw.trim();
    const place = { text, start: from + raw.indexOf(word), length: word.length };
    if (word === '') throw misplaced({ ...place, length: 1 }, missing(text, from, next));
    yield { place, next };
    if (next === undefined) return;
  }
}

function missing(text: string, from: number, next: Operator | undefined): string {
  if (text.trim() === '') return 'no host is named';
  return next === undefined ? `after '${text[from - 1]}' a name is missing` : `before '${next}' a name is missing`;
}
