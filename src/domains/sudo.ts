/** `sudo:USER`: another user of this host, as far as sudo lets us without a password. */
import type { ErrorKind } from '../errors';
import { type AddressPart, bad, decodeValue } from './address';
import { type Connector, type ConnectorOptions, connectorError } from './connector';

/** What sudo repeats of our command, when it is not allowed: long, and of no use to anyone. */
const OUR_COMMAND = /sh -c .*(?=' as )/s;
/** sudo's words are compared, so they have to be English. */
const SUDO_LOCALE = 'C';
const LOCALE = /^[\w.@-]+$/;

/** What sudo says, and what that means. The first that matches counts. */
const FAILURES: readonly (readonly [RegExp, ErrorKind, (user: string) => string])[] = [
  [
    /a password is required|a terminal is required|no askpass program/,
    'Domain.PromptNeeded',
    (user) => `sudo wants a password: allow it without one (NOPASSWD in sudoers) to become ${user}`,
  ],
  [
    /unknown user|invalid user|unable to initialize policy plugin|error initializing audit plugin/,
    'Domain.BadAddress',
    (user) => `sudo can't become ${user}: is there such a user?`,
  ],
  [
    /is not in the sudoers file|is not allowed to|may not run sudo|command not allowed|authentication (failure|server failure)/,
    'Domain.NotAuthorized',
    (user) => `sudo does not allow it: a rule of sudoers has to let you run sh as ${user}`,
  ],
  [
    /no new privileges|setuid bit|effective uid is not 0|nosuid|must be owned by uid 0/,
    'Domain.NoAuthority',
    () => 'sudo can do nothing in this environment',
  ],
];

/** @throws Domain.BadAddress */
export function sudoConnector(part: AddressPart, { environment }: ConnectorOptions): Connector {
  const user = decodeValue(part.rest, part.text);
  // `#1000` is sudo's way to name a uid.
  if (!/^#?[^\s\p{Cc}\-#][^\s\p{Cc}]*$/u.test(user))
    throw bad(part.text, `${JSON.stringify(user)} is no name of a user`);
  return {
    address: part.text,
    command: ['sudo', '-n', '-H', '-u', user, '--'],
    joins: 'words',
    environment: { ...environment, LC_ALL: SUDO_LOCALE },
    // Our own directory may be closed to that user.
    prelude: `${restoreLocale(environment.LC_ALL)}; cd 2>/dev/null || cd /`,
    nodeHint: process.execPath,
    absent: ['Domain.NoAuthority', 'install sudo, or ask the administrator'],
    explain(stderr) {
      const found = FAILURES.find(([pattern]) => pattern.test(stderr));
      return found && connectorError(found[1], part.text, found[2](user), stderr.replace(OUR_COMMAND, 'sh -c …'));
    },
  };
}

/** sudo passes the locale on: the user's own comes back behind it. */
function restoreLocale(locale: string | undefined): string {
  return locale !== undefined && LOCALE.test(locale) ? `LC_ALL=${locale}` : 'unset LC_ALL';
}
