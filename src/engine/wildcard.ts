/** Longer than any name of a file can be (255 bytes), with room for escapes and sets. */
const MAX_SEGMENT_UNITS = 4096;
const SPECIAL = /[\\^$.|?*+()[\]{}-]/g;
const ESCAPE = '\\';

/**
 * Whether a segment of a path pattern matches more than its own text. A backslash makes the next character ordinary.
 */
export function isWildcard(segment: string): boolean {
  return /[*?[]/.test(segment.replace(/\\./gs, ''));
}

/** The text of a segment without wildcards: its backslashes removed. */
export function literalText(segment: string): string {
  return segment.replace(/\\(.)/gs, '$1');
}

/**
 * Tests names against `*`, `?` and `[…]` of a POSIX shell, in linear time: names and patterns are anybody's. A leading
 * dot is matched by a dot alone. A set that makes no sense (`[z-a]`) matches nothing.
 */
export function wildcard(segment: string): (name: string) => boolean {
  if (segment.length > MAX_SEGMENT_UNITS) return () => false;
  let source = '';
  let closed = true; // once a bracket is not closed, none after it is
  for (let at = 0; at < segment.length; at += 1) {
    const character = segment[at] as string;
    const set: ReturnType<typeof readSet> = character === '[' && closed ? readSet(segment, at) : undefined;
    closed &&= character !== '[' || set !== undefined;
    if (set !== undefined) {
      source += set.source;
      at = set.end;
    } else if (character === ESCAPE && at + 1 < segment.length) {
      at += 1;
      source += quoted(segment[at] as string);
    } else if (character === '*') source += '.*';
    else if (character === '?') source += '.';
    else source += quoted(character);
  }
  const hidden = segment.startsWith('.') || segment.startsWith('\\.');
  const { RE2JS } = require('re2js') as typeof import('re2js');
  try {
    const pattern = RE2JS.compile(`^(?:${source})$`, RE2JS.DOTALL);
    return (name) => (hidden || !name.startsWith('.')) && pattern.test(name);
  } catch {
    return () => false;
  }
}

/** A set as RE2 has it, and where it ends; undefined when the bracket is not closed: it is then an ordinary character. */
function readSet(segment: string, start: number): { source: string; end: number } | undefined {
  let at = start + 1;
  const negated = segment[at] === '!' || segment[at] === '^';
  if (negated) at += 1;
  let source = '';
  for (let first = true; at < segment.length; first = false, at += 1) {
    const character = segment[at] as string;
    const named = /^\[:[a-z]+:\]/.exec(segment.slice(at, at + MAX_CLASS_UNITS))?.[0];
    if (character === ']' && !first) return { source: `[${negated ? '^' : ''}${source}]`, end: at };
    if (named !== undefined) {
      source += named;
      at += named.length - 1;
    } else if (character === ESCAPE && at + 1 < segment.length) {
      at += 1;
      source += quoted(segment[at] as string);
    } else source += character === '-' ? '-' : quoted(character);
  }
  return undefined;
}

/** Length of the longest name of a class, `[:alnum:]` and the like, with room to spare. */
const MAX_CLASS_UNITS = 16;

function quoted(character: string): string {
  return character.replace(SPECIAL, '\\$&');
}
