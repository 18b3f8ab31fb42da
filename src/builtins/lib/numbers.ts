import type { Batch } from '../../engine';
import { HotwireError } from '../../errors';
import { numericText } from './condition-value';
import { isRecord, listed, propertyNames, propertyReader } from './property';

/**
 * The numbers of a batch: its objects themselves, or a property of each. Nothing (null) is left out; a text that is a
 * number counts, as those of CSV files and programs do.
 * @throws InvalidArgs for anything else, naming it
 */
export function* numbersOf(command: string, batch: Batch, property: string | undefined): Generator<number> {
  const { className, objects } = batch;
  const read = property === undefined ? undefined : propertyReader(command, property, className);
  for (const object of objects) {
    const value = read ? read(object) : object;
    if (value === null) continue;
    const number = typeof value === 'string' ? numericText(value) : value;
    if (typeof number !== 'number') throw noNumber(command, value, property, className);
    yield number;
  }
}

function noNumber(command: string, value: unknown, property: string | undefined, className: string): HotwireError {
  if (property === undefined && isRecord(value)) {
    const names = listed(propertyNames(value, className));
    return new HotwireError('InvalidArgs', `${command}: name a property of ${className} that is a number: ${names}`);
  }
  const shown = JSON.stringify(value).slice(0, 60);
  return new HotwireError('InvalidArgs', `${command}: ${property ?? 'a value'} is ${shown}, which is no number`);
}
