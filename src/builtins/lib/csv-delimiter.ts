import type { Stage } from '../../engine';
import { HotwireError } from '../../errors';

const COMMA = ',';

/** The option of `from` and `to`. */
export const delimiterOption = {
  name: 'delimiter',
  short: 'd',
  value: 'sign',
  summary: "What stands between the fields of a csv: a comma, else one sign, or '\\t' for a tab",
} as const;

/**
 * What the option says.
 * @throws InvalidArgs for what can't stand between fields, and with a format that has none
 */
export function delimiterOf(command: string, format: string, options: Stage['options']): string {
  const given = options.get(delimiterOption.name);
  if (typeof given !== 'string') return COMMA;
  if (format !== 'csv') {
    throw new HotwireError('InvalidArgs', `${command} ${format}: only csv has a delimiter: leave the option out`);
  }
  const sign = given === '\\t' ? '\t' : given;
  // A letter is most often a \t without its quotes. A mark of the byte order at the start would be taken for one.
  if (sign.length === 1 && !/[\p{L}\p{N}\p{Cs}"\r\n\uFEFF]/u.test(sign)) return sign;
  const shown = JSON.stringify(given.slice(0, 20));
  const hint = "give one sign that is no letter, digit or quote, as in -d ';' or -d '\\t'";
  throw new HotwireError('InvalidArgs', `${command} csv: ${shown} can't stand between fields: ${hint}`);
}

/** As messages name it. */
export function shownDelimiter(delimiter: string): string {
  if (delimiter === COMMA) return 'comma';
  return delimiter === '\t' ? 'tab' : delimiter;
}
