import { didYouMean, nearest } from '../../engine';
import { HotwireError } from '../../errors';

export const FORMATS = ['json', 'jsonl', 'csv', 'lines'] as const;
export type Format = (typeof FORMATS)[number];

/** @throws InvalidArgs with the formats that there are */
export function formatNamed(command: string, word: string): Format {
  const found = FORMATS.find((format) => format === word);
  if (found !== undefined) return found;
  const hint = didYouMean(nearest(word, FORMATS)) ?? `give one of ${FORMATS.join(', ')}`;
  throw new HotwireError('InvalidArgs', `${command}: there is no format ${word.slice(0, 60)}: ${hint}`);
}
