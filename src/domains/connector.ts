/** How a place is reached: a command that gives a shell there on its stdin and stdout. One file for each kind. */
import { type ErrorKind, HotwireError } from '../errors';
import { type AddressPart, bad } from './address';
import { execConnector } from './exec';
import { sshConnector } from './ssh';
import { sudoConnector } from './sudo';

/** How the process of a connector ended; both null while it runs. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Connector {
  /** The part of an address that it leads to, for errors. */
  readonly address: string;
  /** It runs what follows it; `itself`: it is a peer without more words. */
  readonly command: readonly string[];
  /** How the script follows: as one line that a login shell there reads, as the words `sh -c SCRIPT`, or not at all. */
  readonly joins: 'line' | 'words' | 'itself';
  readonly environment: NodeJS.ProcessEnv;
  /** Where it starts; default: where we are. */
  readonly directory?: string;
  /** A master, which others use too, may be left by it: then what it has started (a ProxyCommand) does not end with it. */
  readonly leaves?: 'master';
  /** Over what others have opened: how it goes without, should nothing come, and how a person ends what hangs. */
  readonly shared?: { readonly alone: () => Connector; readonly advice: string };
  /** What to start instead when its words on stderr show that it does not know our options; undefined when it does. */
  readonly instead?: (stderr: string) => Connector | undefined;
  /** What the script begins with there: a statement of sh, or nothing. */
  readonly prelude?: string;
  /** A node to fall back to where none is on PATH: only of use on this machine. */
  readonly nodeHint?: string;
  /** What it means that there is no such command on this machine, and what to do about it. */
  readonly absent: readonly [ErrorKind, string];
  /** What it means that the command ended before a slave was there; undefined when its words tell nothing special. */
  explain(stderr: string, exit: Exit): HotwireError | undefined;
}

export interface ConnectorOptions {
  readonly environment: NodeJS.ProcessEnv;
  /** How long it may take to connect, in milliseconds. */
  readonly timeoutMs: number;
}

/** @throws Domain.BadAddress; Domain.NoAuthority for what this version has no way to */
export function connectorFor(part: AddressPart, options: ConnectorOptions): Connector {
  switch (part.scheme) {
    case 'ssh':
      return sshConnector(part, options);
    case 'sudo':
      return sudoConnector(part, options);
    case 'exec':
      return execConnector(part, options);
    case 'user': {
      const advice = `use sudo:${part.rest} where sudo allows it without a password`;
      throw new HotwireError(
        'Domain.NoAuthority',
        `${part.text}: 'user:' needs the system daemon of hotwire, which this version does not have; ${advice}`,
      );
    }
    case 'local':
      throw bad(part.text, 'this is no other place: nothing is to be connected');
  }
}

/** A failure of a connector: what it means, then its own last words. */
export function connectorError(
  kind: ErrorKind,
  address: string,
  meaning: string,
  words: string,
  cause?: unknown,
): HotwireError {
  const said = words.trim();
  return new HotwireError(kind, `${address}: ${meaning}${said && `\n${said}`}`, { cause });
}
