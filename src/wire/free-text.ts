import { MAX_FREE_TEXT_UNITS } from '../limits';

/** Any text as a D-Bus string can hold it: a NUL is shown as its symbol, and what is far too long is cut, which shows. */
export function freeText(text: string): string {
  const shown = text.length > MAX_FREE_TEXT_UNITS ? `${text.slice(0, MAX_FREE_TEXT_UNITS)}…` : text;
  return shown.replaceAll('\0', '\u2400');
}
