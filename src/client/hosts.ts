/** From what a person names to the domains that are meant. */
import { isIPv6 } from 'node:net';
import { encodeValue, parseDomainAddress, SCHEMES } from '../domains/address';
import { HotwireError } from '../errors';
import { unfoldNames } from './folded-names';
import { HostGroups } from './host-groups';

/** A domain that was named. */
export interface Host {
  /** As the person has it: `web1`. Objects of it are tagged with this. */
  readonly name: string;
  /** What `connect` takes: `ssh:web1`. */
  readonly address: string;
}

/**
 * The hosts of a folded text with groups, or of a list of names and addresses that are taken as they are. A name without
 * a scheme is a host of ssh. Each once.
 * @throws Domain.BadAddress, with a caret under what is wrong; when no host is left
 */
export function resolveHosts(hosts: string | readonly string[], environment: NodeJS.ProcessEnv): Host[] {
  const names = typeof hosts === 'string' ? unfoldNames(hosts, new HostGroups(environment)) : [...new Set(hosts)];
  if (names.length > 0) return names.map((name) => ({ name, address: addressOf(name) }));
  const named = typeof hosts === 'string' ? `'${hosts}' names no host` : 'no host is named';
  throw new HotwireError('Domain.BadAddress', `${named}: nothing can be run`);
}

/** @throws Domain.BadAddress for what is no address, with what one looks like */
export function checkAddress(address: string): void {
  parseDomainAddress(address);
}

/** The address that a name stands for. */
export function addressOf(name: string): string {
  if (name === '' || SCHEMES.some((scheme) => name.startsWith(`${scheme}:`))) return name;
  if (isIPv6(name)) return `ssh:[${encodeValue(name)}]`;
  // the zone of an address such as [fe80::1%eth0]
  return `ssh:${name.replace(/\[[^\]]*\]/, encodeValue)}`;
}
