// D-Bus server addresses: `transport:key=value,key=value;…`, percent-encoded, tried in turn.
import { statSync } from 'node:fs';
import path from 'node:path';
import { HotwireError } from '../errors';

/** One way to a server. */
export interface AddressEntry {
  readonly transport: string;
  readonly keys: ReadonlyMap<string, string>;
  /** As it was written, for errors. */
  readonly text: string;
}

/** Bytes that need no percent-encoding in a value. Others are taken as they are, as libdbus's users expect. */
const PLAIN = /[^-0-9A-Za-z_/.\\*]/g;
const DEFAULT_SYSTEM_BUS = 'unix:path=/var/run/dbus/system_bus_socket';

/** The entries of an address, in order. @throws BadAddress naming it and what is wrong */
export function parseAddress(address: string): AddressEntry[] {
  const entries = address
    .split(';')
    .filter((text) => text !== '')
    .map((text) => parseEntry(text));
  if (entries.length === 0) throw bad(address, 'it is empty');
  return entries;
}

function parseEntry(text: string): AddressEntry {
  const colon = text.indexOf(':');
  if (colon < 1) throw bad(text, "it does not begin with a transport such as 'unix:'");
  const keys = new Map<string, string>();
  for (const pair of text.slice(colon + 1).split(',')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    if (equals < 1) throw bad(text, `'${pair}' is not of the form key=value`);
    const key = pair.slice(0, equals);
    if (keys.has(key)) throw bad(text, `it has the key '${key}' twice`);
    keys.set(key, decode(pair.slice(equals + 1), text));
  }
  return { transport: text.slice(0, colon), keys, text };
}

function decode(value: string, address: string): string {
  try {
    return decodeURIComponent(value);
  } catch (cause) {
    throw bad(address, `'${value}' is not percent-encoded UTF-8`, cause);
  }
}

/** A value as it has to be written in an address. */
export function escapeAddressValue(value: string): string {
  const encoded = (byte: string) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`;
  return Buffer.from(value).toString('latin1').replace(PLAIN, encoded);
}

/** An address that can't be used. */
export function bad(address: string, why: string, cause?: unknown): HotwireError {
  return new HotwireError('BadAddress', `the D-Bus address '${address}' can't be used: ${why}`, { cause });
}

/** Where the session bus of that environment is: what it says, else the user's own socket; undefined without either. */
export function sessionBusAddress(environment: NodeJS.ProcessEnv): string | undefined {
  if (environment.DBUS_SESSION_BUS_ADDRESS) return environment.DBUS_SESSION_BUS_ADDRESS;
  const directory = environment.XDG_RUNTIME_DIR;
  if (!directory) return undefined;
  const socket = path.join(directory, 'bus');
  const isSocket = statSync(socket, { throwIfNoEntry: false })?.isSocket() ?? false;
  return isSocket ? `unix:path=${escapeAddressValue(socket)}` : undefined;
}

/** Where the system bus is. */
export function systemBusAddress(environment: NodeJS.ProcessEnv): string {
  return environment.DBUS_SYSTEM_BUS_ADDRESS || DEFAULT_SYSTEM_BUS;
}
