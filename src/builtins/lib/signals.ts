import { constants } from 'node:os';
import { didYouMean, nearest } from '../../engine';
import { HotwireError } from '../../errors';

/** Signals by name, with SIG. */
const BY_NAME = constants.signals as Readonly<Record<string, number>>;
/** Linux's largest (real-time) signal. */
const LARGEST = 64;

/**
 * The number of a signal that was written as a number or a name: 9, KILL, SIGKILL, kill. 0 only asks whether one may be
 * sent.
 * @throws InvalidArgs for what is none, naming near ones
 */
export function readSignal(command: string, text: string): number {
  const number = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (number <= LARGEST) return number;
  const name = `SIG${text.toUpperCase().replace(/^SIG/, '')}`;
  const found = Object.hasOwn(BY_NAME, name) ? BY_NAME[name] : undefined;
  if (found !== undefined) return found;
  const names = Object.keys(BY_NAME).map((known) => known.slice('SIG'.length));
  const near = didYouMean(nearest(name.slice('SIG'.length), names)) ?? 'sys kill -l lists them';
  throw new HotwireError('InvalidArgs', `${command}: ${text} is no signal; ${near}`);
}
