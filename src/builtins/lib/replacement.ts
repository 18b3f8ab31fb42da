import type { RE2JS } from 're2js';
import { HotwireError } from '../../errors';
import { MAX_OBJECT_BYTES, REPLACE_MAX_MS } from '../../limits';

/** A piece of a replacement: text as it is, or a group of the match. */
type Piece = string | number;

const REFERENCE = /\$(?:(\$)|(\d)|\{([A-Za-z_]\w*|\d{1,3})\})?/g;

/**
 * What a replacement such as `$2, $1` stands for. `$0` is the whole match, `${name}` or `${12}` another group, `$$` a `$`.
 * @throws InvalidArgs for a group that the expression has not
 */
export function readReplacement(regexp: RE2JS, text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const found of text.matchAll(REFERENCE)) {
    const [whole, dollar, digit, name] = found;
    pieces.push(text.slice(end, found.index), dollar ?? groupOf(regexp, whole, digit ?? name));
    end = found.index + whole.length;
  }
  pieces.push(text.slice(end));
  return pieces.filter((piece) => piece !== '');
}

function groupOf(regexp: RE2JS, whole: string, name: string | undefined): number {
  const groups = regexp.groupCount();
  if (name === undefined) {
    throw new HotwireError('InvalidArgs', `replace: a ${whole} alone means nothing: write $1 for a group, $$ for a $`);
  }
  const names = regexp.namedGroups();
  const number = /^\d/.test(name) ? Number(name) : Object.hasOwn(names, name) ? names[name] : undefined;
  if (number !== undefined && number <= groups) return number;
  const there = groups === 0 ? 'no groups: put parentheses around a part of it' : `${groups} of them`;
  throw new HotwireError('InvalidArgs', `replace: ${whole} names a group, and the expression has ${there}`);
}

/**
 * A text with every match replaced. Each match is found in linear time, all of them may not be: that is bounded.
 * @throws LimitExceeded when it takes too long or would become too large
 */
export function replaceAll(regexp: RE2JS, pieces: readonly Piece[], text: string): string {
  if (!regexp.test(text)) return text;
  const matcher = regexp.matcher(text);
  const deadline = performance.now() + REPLACE_MAX_MS;
  let result = '';
  let end = 0;
  while (matcher.find()) {
    result += text.slice(end, matcher.start());
    for (const piece of pieces) result += typeof piece === 'string' ? piece : (matcher.group(piece) ?? '');
    end = matcher.end();
    if (result.length > MAX_OBJECT_BYTES) {
      throw new HotwireError('LimitExceeded', `replace: a text would become larger than ${MAX_OBJECT_BYTES} bytes`);
    }
    if (performance.now() > deadline) throw tooSlow(text);
  }
  return result + text.slice(end);
}

function tooSlow(text: string): HotwireError {
  const message =
    `replace: a text of ${text.length} characters took longer than ${REPLACE_MAX_MS / 1000} s: use an expression that needs ` +
    'not look so far ahead, or shorter lines';
  return new HotwireError('LimitExceeded', message);
}
