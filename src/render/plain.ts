import { safeText } from './text';

/** Values that have no properties, one a line: a string as it is, any other as JSON. Each ends with a line end. */
export function plainLines(values: readonly unknown[], terminal: boolean): string {
  return values.map((value) => plainLine(value, terminal)).join('');
}

function plainLine(value: unknown, terminal: boolean): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const shown = terminal ? safeText(text) : text;
  return shown.endsWith('\n') ? shown : `${shown}\n`;
}
