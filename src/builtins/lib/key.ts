import { HotwireError } from '../../errors';
import { MAX_HELD_OBJECTS } from '../../limits';

/** Values that are equal, whatever the order of their properties, as one text. */
export function keyText(value: unknown): string {
  return JSON.stringify(value, (_name, member) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** @throws LimitExceeded when a command has to hold too much */
export function checkHeld(command: string, count: number, what: string): void {
  if (count <= MAX_HELD_OBJECTS) return;
  throw new HotwireError('LimitExceeded', `${command}: more than ${MAX_HELD_OBJECTS} ${what}: filter them first`);
}
