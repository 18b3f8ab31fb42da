/** Addresses of domains: `scheme:rest`, joined by `/` to nest (DESIGN, section 6). */
import { HotwireError } from '../errors';
import { MAX_DOMAIN_PARTS } from '../limits';

export const SCHEMES = ['ssh', 'sudo', 'user', 'exec', 'local'] as const;
export type Scheme = (typeof SCHEMES)[number];

/** One step of an address. */
export interface AddressPart {
  readonly scheme: Scheme;
  /** What follows the colon, as it stands: percent-encoded where a word holds `/`, `%` or a blank. */
  readonly rest: string;
  /** The whole part, as it stands. */
  readonly text: string;
}

/**
 * The steps from here to a domain; none for this one (`local:` leads nowhere else).
 * @throws Domain.BadAddress, with what is wrong and how it is written
 */
export function parseDomainAddress(address: string): AddressPart[] {
  if (address === '') return [];
  const parts = address.split('/').map((text) => parsePart(text, address));
  if (parts.length > MAX_DOMAIN_PARTS) throw bad(address, `over ${MAX_DOMAIN_PARTS} steps`);
  return parts.filter(({ scheme }) => scheme !== 'local');
}

/** The address that such steps make. */
export function formatDomainAddress(parts: readonly AddressPart[]): string {
  return parts.map(({ text }) => text).join('/');
}

/** The value of a part, decoded. @throws Domain.BadAddress for a bad escape, or what no value may hold */
export function decodeValue(encoded: string, address: string): string {
  let value: string;
  try {
    value = decodeURIComponent(encoded);
  } catch {
    throw bad(address, `'${encoded}' has a '%' that begins no escape: write it as %25`);
  }
  if (value.includes('\0')) throw bad(address, 'a NUL byte has no place in an address');
  return value;
}

/** A word as it stands in an address. */
export function encodeValue(value: string): string {
  return value.replace(/[%/\s\p{Cc}]/gu, encodeURIComponent);
}

export function bad(address: string, reason: string): HotwireError {
  return new HotwireError('Domain.BadAddress', `${JSON.stringify(address)}: ${reason}`);
}

function parsePart(text: string, address: string): AddressPart {
  const colon = text.indexOf(':');
  const scheme = colon < 0 ? '' : text.slice(0, colon);
  if (!isScheme(scheme)) {
    const what = colon < 0 ? `'${text}' has no scheme` : `there is no scheme '${scheme}:'`;
    const known = SCHEMES.map((name) => `${name}:`).join(', ');
    throw bad(address, `${what} (${known}); a '/' within a part is written %2F`);
  }
  const rest = text.slice(colon + 1);
  if (scheme === 'local' && rest !== '') throw bad(address, "nothing follows 'local:'");
  if (scheme !== 'local' && rest.trim() === '') throw bad(address, `something has to follow '${scheme}:'`);
  return { scheme, rest, text };
}

function isScheme(name: string): name is Scheme {
  return (SCHEMES as readonly string[]).includes(name);
}
