import { KIB } from '../limits';

/** A line whose end has not come by then is cut, in UTF-16 units: it is shown in parts, each a line. */
export const MAX_OPEN_LINE_UNITS = 64 * KIB;

/** What hosts write to their standard error, as whole lines with the host in front: parts of lines wait for their end. */
export class HostLines {
  readonly #open = new Map<string, string>();

  /** The lines that a text ends, and what there is of one that is too long to wait for. */
  add(host: string, text: string): string {
    const lines = ((this.#open.get(host) ?? '') + text).split('\n');
    let rest = lines.pop() ?? '';
    while (rest.length >= MAX_OPEN_LINE_UNITS) {
      const part = cut(rest);
      lines.push(part);
      rest = rest.slice(part.length);
    }
    this.#open.set(host, rest);
    return lines.map((line) => `${host}: ${line}\n`).join('');
  }

  /** The line whose end never came. */
  end(host: string): string {
    const line = this.#open.get(host) ?? '';
    this.#open.delete(host);
    return line === '' ? '' : `${host}: ${line}\n`;
  }
}

/** The most of a line that is one part: a sign of two units stays whole. */
function cut(line: string): string {
  const part = line.slice(0, MAX_OPEN_LINE_UNITS);
  return /[\uD800-\uDBFF]$/.test(part) ? part.slice(0, -1) : part;
}
