/** What ssh says when it fails, and what that means for a person. The one place that knows ssh's words. */
import type { ErrorKind, HotwireError } from '../errors';
import { connectorError, type Exit } from './connector';

/** Its own failures; any other status is that of the command there. */
const SSH_FAILED = 255;

/** The first that matches counts. */
const FAILURES: readonly (readonly [RegExp, ErrorKind, string])[] = [
  [/Could not resolve hostname|Name or service not known/i, 'Domain.UnknownHost', 'there is no host of that name'],
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED|POSSIBLE DNS SPOOFING|host key for .* has changed|REVOKED HOST KEY|requested strict checking/i,
    'Domain.HostKey',
    "its host key is not the one that ssh knows: make sure that it is the right host, then correct ssh's known_hosts",
  ],
  [
    /Host key verification failed/,
    'Domain.PromptNeeded',
    'ssh does not know its host key yet and would ask: log in once with ssh to accept it',
  ],
  [
    /Permission denied \([^)]*(password|keyboard-interactive)[^)]*\)/,
    'Domain.PromptNeeded',
    'ssh would have to ask for a password: log in in the foreground first, or use a key and an agent',
  ],
  [
    /Permission denied|Too many authentication failures|No supported authentication methods/,
    'Domain.LoginRefused',
    'the login was refused: check the user name and that its key is accepted there (ssh-add -l shows the keys you have)',
  ],
  [/timed out/i, 'Domain.TimedOut', 'it did not answer in time'],
  [
    /Connection refused|No route to host|Network is unreachable|Host is down|Connection (reset|closed)|banner exchange|no matching|Unable to negotiate|administratively prohibited|open failed/i,
    'Domain.Unreachable',
    'it could not be reached',
  ],
];

/** Of a master that is there already, or takes no more sessions: ssh goes on with a connection of its own. */
const NO_FAILURE = /^(ControlSocket .* already exists, disabling multiplexing|mux_client_request_session: .*)\r?$/gm;

/** Why ssh ended before a slave was there; undefined when it was the command there that ended. */
export function explainSsh(address: string, stderr: string, { code }: Exit): HotwireError | undefined {
  const words = stderr.replace(NO_FAILURE, '').trim();
  if (code !== SSH_FAILED) return undefined;
  const [, kind, meaning] = FAILURES.find(([pattern]) => pattern.test(words)) ?? [
    undefined,
    'Domain.Unreachable' as const,
    'ssh failed',
  ];
  return connectorError(kind, address, meaning, words || `ssh ended with status ${SSH_FAILED} and said nothing`);
}
