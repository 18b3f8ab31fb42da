import { CLASSES, propertiesOf } from '../../classes';
import { didYouMean, nearest } from '../../engine';
import { HotwireError } from '../../errors';

/** Property names that a message lists at most. */
const MOST_LISTED = 30;

type JsonRecord = Readonly<Record<string, unknown>>;

/** Whether a value has properties. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Names of the properties of an object: those that its class declares and those that it has. */
export function propertyNames(object: unknown, className: string): string[] {
  const declared = propertiesOf(className).map((property) => property.name);
  return [...new Set([...declared, ...(isRecord(object) ? Object.keys(object) : [])])];
}

/**
 * The property `name` of an object; null where its class declares it and the object has none. The function is for all
 * objects of a batch.
 * @throws InvalidArgs, naming the properties that there are
 */
export function propertyReader(command: string, name: string, className: string): (object: unknown) => unknown {
  const isDeclared = CLASSES.has(className) && propertiesOf(className).some((property) => property.name === name);
  return (object) => {
    if (isRecord(object) && Object.hasOwn(object, name)) return object[name];
    if (isRecord(object) && isDeclared) return null;
    throw new HotwireError('InvalidArgs', `${command}: ${missing(object, name, className)}`);
  };
}

function missing(object: unknown, name: string, className: string): string {
  const names = propertyNames(object, className);
  if (names.length === 0) return `a value of class ${className} has no properties, not even ${name}`;
  const near = didYouMean(nearest(name, names));
  return `${className} has no property ${name}; it has ${listed(names)}${near ? `; ${near}` : ''}`;
}

/** Names in a row, for a message. */
export function listed(names: readonly string[]): string {
  const rest = names.length - MOST_LISTED;
  return names.slice(0, MOST_LISTED).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
