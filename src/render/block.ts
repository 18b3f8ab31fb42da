// One object in full: a `property: value` line for each, what is nested below it and indented.
import { allColumns, isRecord } from './columns';
import { plainLines } from './plain';
import type { Target } from './renderer';
import { dim, visible } from './text';
import { formatValue } from './units';

const INDENT = '  ';

/** The lines of an object, each with its line end. */
export function blockOf(className: string, object: unknown, target: Target): string {
  if (!isRecord(object)) return plainLines([object], target.terminal !== undefined);
  return `${properties(className, object, target).join('\n')}\n`;
}

function properties(className: string, object: Readonly<Record<string, unknown>>, target: Target): string[] {
  return allColumns(className, [object])
    .filter(({ name }) => name in object)
    .flatMap(({ name, unit }) => {
      const label = dim(`${safe(name, target)}:`, target.colour);
      const value = object[name];
      const below = nested(value, target);
      if (below) return [label, ...below.map((line) => line && INDENT + line)];
      const text = value === null ? 'null' : safe(formatValue(value, unit), target);
      return text === '' ? [label] : [`${label} ${text}`];
    });
}

/** Lines of a value that needs more than one: several lines of text, an object, a list of objects. */
function nested(value: unknown, target: Target): string[] | undefined {
  if (typeof value === 'string') {
    const lines = value.replace(/\n$/, '').split('\n');
    return lines.length > 1 ? lines.map((line) => safe(line, target)) : undefined;
  }
  if (isRecord(value)) return Object.keys(value).length > 0 ? properties('object', value, target) : undefined;
  if (!Array.isArray(value) || !value.some(isRecord)) return undefined;
  return value.flatMap((member) => {
    const lines = nested(member, target) ?? [safe(JSON.stringify(member), target)];
    return lines.map((line, index) => (index === 0 ? '- ' : INDENT) + line);
  });
}

function safe(text: string, { terminal }: Target): string {
  return terminal ? visible(text) : text;
}
