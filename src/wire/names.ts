// Which names and paths a bus accepts. A sender of anything else is thrown off the bus, so ours are checked first.
import { HotwireError } from '../errors';
import { isBusNameValid, isInterfaceNameValid, isMemberNameValid, isObjectPathValid } from './dbus-next';

/** Longest name, in bytes (the specification's). */
const MAX_NAME_BYTES = 255;
/** dbus-next takes anything that starts with a colon for a unique name. */
const UNIQUE_NAME = /^:[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$/;

/** Whether `name` is a unique (`:1.5`) or well-known bus name. */
export function isBusName(name: string): boolean {
  if (name.startsWith(':')) return name.length <= MAX_NAME_BYTES && UNIQUE_NAME.test(name);
  return isBusNameValid(name);
}

/** Whether `name` is a well-known bus name, i.e. one that can be requested. */
export function isWellKnownName(name: string): boolean {
  return !name.startsWith(':') && isBusNameValid(name);
}

export {
  isInterfaceNameValid as isInterfaceName,
  isMemberNameValid as isMemberName,
  isObjectPathValid as isObjectPath,
};

const CHECKS = {
  path: [isObjectPathValid, 'an object path'],
  interface: [isInterfaceNameValid, 'an interface name'],
  member: [isMemberNameValid, 'a member name'],
  errorName: [isInterfaceNameValid, 'an error name'],
  destination: [isBusName, 'a bus name'],
  sender: [isBusName, 'a bus name'],
} as const;
type NamedField = keyof typeof CHECKS;

/** Fields that each type of message must have, by its number (1: call, 2: return, 3: error, 4: signal). */
const REQUIRED: Readonly<Record<number, readonly (NamedField | 'replySerial')[]>> = {
  1: ['path', 'member'],
  2: ['replySerial'],
  3: ['errorName', 'replySerial'],
  4: ['path', 'interface', 'member'],
};

/** The header fields that name things. */
export interface HeaderNames {
  type: number;
  path?: string | undefined;
  interface?: string | undefined;
  member?: string | undefined;
  errorName?: string | undefined;
  replySerial?: number | undefined;
  destination?: string | undefined;
  sender?: string | undefined;
}

/**
 * Checks the names of a header, and that what its type requires is there.
 * @throws InvalidArgs naming the field and its value
 */
export function checkHeaderNames(header: HeaderNames): void {
  const required = REQUIRED[header.type];
  if (!required) throw new HotwireError('InvalidArgs', `there is no D-Bus message type ${header.type}`);
  for (const field of required) {
    if (header[field] === undefined) throw new HotwireError('InvalidArgs', `the message has no ${field}`);
  }
  for (const field of Object.keys(CHECKS) as NamedField[]) {
    const value = header[field];
    const [valid, kind] = CHECKS[field];
    if (value !== undefined && !valid(value)) {
      throw new HotwireError('InvalidArgs', `the message's ${field} '${value}' is not ${kind}`);
    }
  }
  // Reserved by the specification for a library's own use: a bus closes the connection that sends them.
  if (header.path === '/org/freedesktop/DBus/Local' || header.interface === 'org.freedesktop.DBus.Local') {
    throw new HotwireError('InvalidArgs', 'org.freedesktop.DBus.Local is reserved and cannot be sent');
  }
}
