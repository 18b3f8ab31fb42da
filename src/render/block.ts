// One object in full: a `property: value` line for each, what is nested below it and indented. On a terminal text is
// wrapped at words.
import { allColumns, isRecord, type JsonRecord } from './columns';
import { plainLines } from './plain';
import type { Target } from './renderer';
import { dim, visible, widthOf, wrap } from './text';
import { formatValue } from './units';

const INDENT = '  ';

/** The lines of an object, each with its line end. What holds nothing is left out, unless nothing else is there. */
export function blockOf(className: string, object: unknown, target: Target): string {
  if (!isRecord(object) || Object.keys(object).length === 0) {
    return plainLines([object], target.terminal !== undefined);
  }
  const width = target.terminal?.columns ?? Number.POSITIVE_INFINITY;
  return `${properties(className, object, target, width).join('\n')}\n`;
}

function properties(className: string, object: JsonRecord, target: Target, width: number): string[] {
  const present = allColumns(className, [object]).filter(({ name }) => name in object);
  const telling = present.filter(({ name }) => !holdsNothing(object[name]));
  return (telling.length > 0 ? telling : present).flatMap(({ name, unit }) => {
    const label = `${safe(name, target)}:`;
    const shown = dim(label, target.colour);
    const value = object[name];
    const below = nested(value, target, width - INDENT.length);
    if (below) return [shown, ...below.map((line) => line && INDENT + line)];
    const text = safe(plainText(value, unit), target);
    if (text === '') return [shown];
    const [first, ...more] = wrapLine(text, width - INDENT.length, width - widthOf(label) - 1);
    return [`${shown} ${first}`, ...more.map((line) => INDENT + line)];
  });
}

function holdsNothing(value: unknown): boolean {
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0);
}

/** Lines of a value that needs more than one: several lines of text, an object, a list of objects. */
function nested(value: unknown, target: Target, width: number): string[] | undefined {
  if (typeof value === 'string') {
    const lines = value.replace(/\n$/, '').split('\n');
    if (lines.length === 1) return undefined;
    return lines.flatMap((line) => wrapLine(safe(line, target), width));
  }
  if (isRecord(value)) {
    return Object.keys(value).length > 0 ? properties('object', value, target, width) : undefined;
  }
  if (!Array.isArray(value) || !value.some(isRecord)) return undefined;
  return value.flatMap((member) => {
    const lines = nested(member, target, width - INDENT.length) ?? [safe(JSON.stringify(member), target)];
    return lines.map((line, index) => (index === 0 ? '- ' : INDENT) + line);
  });
}

/** A line as it is, or wrapped where it is too long. */
function wrapLine(line: string, width: number, firstWidth = width): string[] {
  return widthOf(line) <= firstWidth ? [line] : wrap(line, width, firstWidth);
}

/** A list has blanks between its members, where it can be wrapped. */
function plainText(value: unknown, unit: Parameters<typeof formatValue>[1]): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `[${value.map((member) => JSON.stringify(member)).join(', ')}]`;
  return formatValue(value, unit);
}

function safe(text: string, { terminal }: Target): string {
  return terminal ? visible(text) : text;
}
