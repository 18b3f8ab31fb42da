/** What the checks of builtins have in common: what they look at before a pipeline runs. */
import { CLASSES, isSubclass, propertiesOf } from '../../classes';
import { ArgumentError } from '../../engine';
import { HotwireError } from '../../errors';
import { missing } from './property';

/** Plain data whose properties nobody knows before it flows. */
const OPEN: ReadonlySet<string> = new Set(['object', 'array']);

/**
 * Looks at one thing that a command is given: an argument (its index), or an option (its name).
 * @throws ArgumentError for what the look finds wrong
 */
export function lookAt(place: number | string, look: () => unknown): void {
  try {
    look();
  } catch (error) {
    if (!(error instanceof HotwireError)) throw error;
    throw new ArgumentError(error.message, typeof place === 'number' ? { argument: place } : { option: place });
  }
}

/** Whether all properties that objects of a class can have are known. */
export function isClosed(className: string | null): className is string {
  return className !== null && CLASSES.has(className) && !OPEN.has(className);
}

/** Why objects of a class, or of one that descends from it, can't have that property; undefined where they can. */
export function whyMissing(name: string, className: string | null): string | undefined {
  if (!isClosed(className)) return undefined;
  const names = [...CLASSES.keys()]
    .filter((known) => isSubclass(known, className))
    .flatMap((known) => propertiesOf(known));
  const [first] = name.split('.');
  if (names.some((known) => known.name === name || known.name === first)) return undefined;
  return missing(undefined, name, className);
}

/**
 * Looks at arguments that name properties.
 * @param from index of the first of them
 * @throws ArgumentError for one that the class that flows in has not
 */
export function checkProperties(
  command: string,
  names: readonly (string | undefined)[],
  className: string | null,
  from = 0,
): void {
  for (const [index, name] of names.entries()) {
    const why = name === undefined ? undefined : whyMissing(name, className);
    if (why !== undefined) throw new ArgumentError(`${command}: ${why}`, { argument: from + index });
  }
}
