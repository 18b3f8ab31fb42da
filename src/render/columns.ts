// Which properties of an object are shown, and how: by its class, else by its parent's, else by the keys it has.
import { CLASSES, type ClassDeclaration, propertiesOf, type Unit } from '../classes';
import { DOMAIN_KEY } from '../domain-tag';
import { isRightAligned } from './units';

export type JsonRecord = Readonly<Record<string, unknown>>;

export interface Column {
  readonly name: string;
  /** Header of a table. */
  readonly title: string;
  readonly unit: Unit | undefined;
  /** Its values are lined up on their right. */
  readonly right: boolean;
  /** Its values are numbers, or numbers shown as text: cut, they would be wrong. */
  readonly whole: boolean;
  /** What tells one object from another. */
  readonly identity: boolean;
  /** Prose: broken at words into several lines. Only the last column of a table. */
  readonly wraps: boolean;
  /** Where a table is too wide, the column with the smallest number goes first. */
  readonly importance: number;
}

/** A column of text. */
export function textColumn(name: string, options: Partial<Column> = {}): Column {
  const plain = { title: name, unit: undefined, right: false, whole: false, identity: false, wraps: false };
  return { name, ...plain, importance: 0, ...options };
}

/** Whether a value has properties to show: anything else is shown as one line of text. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Columns of a table of these objects. */
export function tableColumns(className: string, objects: readonly unknown[]): Column[] {
  const { columns, identity, dispensable = [] } = declaringClass(className) ?? {};
  const described = describe(domainFirst(columns ?? keysOf(objects), objects), className, objects);
  return described.map((column, index) => {
    if (column.name === DOMAIN_KEY) return { ...column, importance: Number.POSITIVE_INFINITY };
    const early = dispensable.indexOf(column.name);
    const importance = early >= 0 ? early : dispensable.length + described.length - index;
    if (column.name !== identity) return { ...column, importance };
    return { ...column, identity: true, importance: Number.POSITIVE_INFINITY };
  });
}

/** Every property of these objects: those of the class first, in its order, then what else they have. */
export function allColumns(className: string, objects: readonly unknown[]): Column[] {
  const names = new Set([...propertiesOf(className).map(({ name }) => name), ...keysOf(objects)]);
  return describe(domainFirst([...names], objects), className, objects);
}

/** With the domain in front, if the objects say which they are of. */
function domainFirst(names: readonly string[], objects: readonly unknown[]): readonly string[] {
  if (!isRecord(objects[0]) || !(DOMAIN_KEY in objects[0])) return names;
  return [DOMAIN_KEY, ...names.filter((name) => name !== DOMAIN_KEY)];
}

/** The class, or the nearest of its parents that has columns. */
function declaringClass(className: string): ClassDeclaration | undefined {
  const declaration = CLASSES.get(className);
  if (!declaration || declaration.columns.length > 0) return declaration;
  return declaration.parent === null ? undefined : declaringClass(declaration.parent);
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
    const { unit, title = name } = property ?? {};
    const whole = property ? property.type === 'number' : holdsNumbers(name, objects);
    return textColumn(name, { title, unit, whole, right: whole && isRightAligned(unit) });
  });
}

function holdsNumbers(name: string, objects: readonly unknown[]): boolean {
  const values = objects
    .map((object) => (isRecord(object) ? object[name] : undefined))
    .filter((value) => value != null);
  return values.length > 0 && values.every((value) => typeof value === 'number');
}
