import { safeText } from './text';

/**
 * Values that have no properties, one a line: a string as it is, any other as JSON. Each ends with a line end.
 * @param domain which of several domains they are from: in front of each line
 */
export function plainLines(values: readonly unknown[], terminal: boolean, domain?: string): string {
  if (domain === undefined) return values.map((value) => plainLine(value, terminal)).join('');
  const label = `${terminal ? safeText(domain) : domain}: `;
  // In front of each line, also an empty one, but not behind the last line end.
  return values.map((value) => label + plainLine(value, terminal).replace(/\n(?!$)/g, `\n${label}`)).join('');
}

function plainLine(value: unknown, terminal: boolean): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const shown = terminal ? safeText(text) : text;
  return shown.endsWith('\n') ? shown : `${shown}\n`;
}
