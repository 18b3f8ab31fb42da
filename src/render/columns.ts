// Which properties of an object are shown, and how: by its class, else by its parent's, else by the keys it has.
import { CLASSES, propertiesOf, type Unit } from '../classes';
import { isRightAligned } from './units';

export type JsonRecord = Readonly<Record<string, unknown>>;

export interface Column {
  readonly name: string;
  readonly unit: Unit | undefined;
  /** Its values are numbers: never cut, and lined up on their right where that reads best. */
  readonly numeric: boolean;
}

/** Whether a value has properties to show: anything else is shown as one line of text. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Columns of a table of these objects. */
export function tableColumns(className: string, objects: readonly unknown[]): Column[] {
  return describe(declaredColumns(className) ?? keysOf(objects), className, objects);
}

/** Every property of these objects: those of the class first, in its order, then what else they have. */
export function allColumns(className: string, objects: readonly unknown[]): Column[] {
  const names = new Set([...propertiesOf(className).map(({ name }) => name), ...keysOf(objects)]);
  return describe([...names], className, objects);
}

/** Columns of the class, else of the nearest of its parents that has some. */
function declaredColumns(className: string): readonly string[] | undefined {
  const declaration = CLASSES.get(className);
  if (!declaration || declaration.columns.length > 0) return declaration?.columns;
  return declaration.parent === null ? undefined : declaredColumns(declaration.parent);
}

/** Keys in the order in which they first occur. */
function keysOf(objects: readonly unknown[]): string[] {
  const keys = new Set<string>();
  for (const object of objects) {
    if (isRecord(object)) for (const key of Object.keys(object)) keys.add(key);
  }
  return [...keys];
}

function describe(names: readonly string[], className: string, objects: readonly unknown[]): Column[] {
  const properties = new Map(propertiesOf(className).map((property) => [property.name, property]));
  return names.map((name) => {
    const property = properties.get(name);
    const numeric = property ? property.type === 'number' : holdsNumbers(name, objects);
    return { name, unit: property?.unit, numeric: numeric && isRightAligned(property?.unit) };
  });
}

function holdsNumbers(name: string, objects: readonly unknown[]): boolean {
  const values = objects
    .map((object) => (isRecord(object) ? object[name] : undefined))
    .filter((value) => value != null);
  return values.length > 0 && values.every((value) => typeof value === 'number');
}
