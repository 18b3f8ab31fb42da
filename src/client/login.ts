/** How a person gets into a domain that a program alone can't: ssh in the foreground, where it can ask. */
import { parseDomainAddress } from '../domains/address';
import { foregroundLogin } from '../domains/ssh';
import type { ErrorKind, HotwireError } from '../errors';

/** Failures after which a person at a terminal may still get in. */
const HELPS: readonly ErrorKind[] = ['Domain.PromptNeeded', 'Domain.LoginRefused', 'Domain.HostKey'];

/** Whether a login by hand may help. */
export function loginHelps({ kind }: HotwireError): boolean {
  return HELPS.includes(kind);
}

/**
 * The command that logs in to the first host of an address, and leaves a connection behind that is found when the domain
 * is opened again. Its stdio has to be the person's terminal.
 * @returns undefined where the address begins with no host of ssh
 * @throws InvalidState where no such connection can be left
 */
export function loginCommand(
  address: string,
  environment: NodeJS.ProcessEnv,
): { words: readonly string[]; environment: NodeJS.ProcessEnv } | undefined {
  const [first] = parseDomainAddress(address);
  return first?.scheme === 'ssh' ? foregroundLogin(first, environment) : undefined;
}
