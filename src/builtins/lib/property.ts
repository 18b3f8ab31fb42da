import { classOf, propertiesOf } from '../../classes';
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
 * The property `name` of an object; null where its class declares it and the object has none. Where there is no property
 * of the whole name, `a.b` is the property `b` of what `a` holds, and null where that is nothing. The function is for all
 * objects of a batch.
 * @throws InvalidArgs, naming the properties that there are
 */
export function propertyReader(command: string, name: string, className: string): (object: unknown) => unknown {
  const declared = new Set(propertiesOf(className).map((property) => property.name));
  const [first = '', ...rest] = name.split('.');
  const fail = (object: unknown, missed: string, of: string) =>
    new HotwireError('InvalidArgs', `${command}: ${missing(object, missed, of)}`);
  return (object) => {
    if (isRecord(object) && Object.hasOwn(object, name)) return object[name];
    if (isRecord(object) && declared.has(name)) return null;
    if (rest.length === 0 || !isRecord(object)) throw fail(object, name, className);
    let value = memberOf(object, first);
    if (value === undefined && !declared.has(first)) throw fail(object, name, className);
    for (const part of rest) {
      if (value === null || value === undefined) return null;
      const member = memberOf(value, part);
      if (member === undefined) throw fail(value, part, `${classOf(value)} (in ${name})`);
      value = member;
    }
    return value ?? null;
  };
}

/** As propertyReader has it, but null for an object that has no such property. */
export function optionalReader(name: string): (object: unknown) => unknown {
  const parts = name.split('.');
  return (object) => {
    if (isRecord(object) && Object.hasOwn(object, name)) return object[name];
    let value = object;
    for (const part of parts) value = memberOf(value, part);
    return value ?? null;
  };
}

/** A property of an object, or a member of a list by its number (from 0); undefined where there is none. */
function memberOf(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return /^\d+$/.test(name) ? (value[Number(name)] ?? null) : undefined;
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** That there is no such property, with those that there are. */
export function missing(object: unknown, name: string, className: string): string {
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
