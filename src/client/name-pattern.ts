// One folded name: `rack[1-2]n[01-16/2,20]`. Brackets that hold a colon are an address of IPv6, as in `root@[::1]:2222`.
import { HotwireError } from '../errors';
import { excerpt } from '../language/excerpt';
import { MAX_HOSTS } from '../limits';

/** A part of a text. */
export interface Place {
  readonly text: string;
  readonly start: number;
  readonly length: number;
}

/** Told how many names there will be, before there are; throws when they are too many. */
export type Count = (names: number) => void;

/** Some names, or numbers, to choose from; what stands as it is, is one. */
interface Choice {
  readonly size: number;
  values(): Iterable<string>;
}

/** A number that counts on exactly. */
const MOST_DIGITS = 15;
/** Nothing that ssh, a shell or a terminal takes for something else. */
const UNFIT = /[\s\p{Cc}\p{Bidi_Control}]/u;
/** The same of an address whose words are separated by blanks. */
const UNFIT_COMMAND = /[\p{Cc}\p{Bidi_Control}]/u;

/** The names of one folded name, in order. @throws Domain.BadAddress */
export function unfoldPattern(place: Place, count: Count): string[] {
  const choices = choicesOf(place);
  count(choices.reduce((product, { size }) => product * size, 1));
  let names = [''];
  for (const choice of choices) {
    const values = [...choice.values()];
    names = names.flatMap((name) => values.map((value) => name + value));
  }
  return names;
}

function choicesOf({ text, start, length }: Place): Choice[] {
  const operand = text.slice(start, start + length);
  const choices: Choice[] = [];
  const part = /\[([^[\]]*)\]|[^[\]]+/y;
  for (let from = 0; from < length; from = part.lastIndex) {
    part.lastIndex = from;
    const found = part.exec(operand);
    const place = { text, start: start + from, length: 1 };
    if (found === null) throw misplaced(place, unpaired(operand, from));
    const [word, ranges] = found;
    if (ranges !== undefined && !ranges.includes(':')) choices.push(rangesOf(ranges, text, start + from + 1));
    else choices.push(literal(word, { ...place, length: word.length }, operand));
  }
  return choices;
}

function unpaired(text: string, at: number): string {
  return text[at] === ']' ? "this ']' closes nothing" : "this '[' is not closed: write name[1-3]";
}

function literal(word: string, place: Place, operand: string): Choice {
  const unfit = (operand.includes('exec:') ? UNFIT_COMMAND : UNFIT).exec(word);
  if (unfit) {
    const at = { ...place, start: place.start + unfit.index, length: 1 };
    throw misplaced(at, 'no name of a host holds a blank: put a comma between two names');
  }
  if (operand.startsWith('-')) throw misplaced(place, "no name of a host begins with '-'");
  return { size: 1, values: () => [word] };
}

function rangesOf(ranges: string, text: string, start: number): Choice {
  let from = start;
  const choices = ranges.split(',').map((range) => {
    const choice = rangeOf(range, { text, start: from, length: Math.max(1, range.length) });
    from += range.length + 1;
    return choice;
  });
  const size = choices.reduce((sum, choice) => sum + choice.size, 0);
  return { size, values: () => new Set(choices.flatMap((choice) => [...choice.values()])) };
}

/** `7`, `1-20`, `01-20`, `1-9/2`. */
function rangeOf(range: string, place: Place): Choice {
  const found = /^\s*(\d+)\s*(?:-\s*(\d+)\s*(?:\/\s*(\d+)\s*)?)?$/.exec(range);
  if (found === null)
    throw misplaced(place, "in brackets stand numbers: '1-20', '01-20', '1-9/2' (each second), '7', with commas");
  const [, first = '', last = first, each = '1'] = found;
  if ([first, last, each].some((number) => number.length > MOST_DIGITS)) {
    throw misplaced(place, `a number has at most ${MOST_DIGITS} digits`);
  }
  const padded = [first, last].some((number) => number.length > 1 && number.startsWith('0'));
  if (padded && first.length !== last.length) {
    throw misplaced(place, `'${first}' and '${last}' have to be of one length: one is filled up with zeros`);
  }
  const [from, to, step] = [Number(first), Number(last), Number(each)];
  if (to < from) throw misplaced(place, `${last} is less than ${first}: the smaller one comes first`);
  if (step < 1) throw misplaced(place, 'the step has to be 1 or more');
  const size = Math.floor((to - from) / step) + 1;
  return {
    size,
    *values() {
      for (let index = 0; index < Math.min(size, MAX_HOSTS); index++) {
        const digits = String(from + index * step);
        yield padded ? digits.padStart(first.length, '0') : digits;
      }
    },
  };
}

/** What is wrong with a place of a text of names. */
export function misplaced({ text, start, length }: Place, reason: string): HotwireError {
  return new HotwireError('Domain.BadAddress', `${reason}\n${excerpt(text, { start, length })}`);
}
