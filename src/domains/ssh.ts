/** `ssh:[USER@]HOST[:PORT]` by the user's own OpenSSH, with its configuration, over a master connection of ours. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { HotwireError } from '../errors';
import { KEEP_ALIVE_COUNT, KEEP_ALIVE_MS } from '../limits';
import { type AddressPart, bad, decodeValue } from './address';
import type { Connector, ConnectorOptions } from './connector';
import { ownResidentPlace } from './resident';
import { explainSsh } from './ssh-failures';
import { splitWords } from './words';

/** A master connection that nobody uses stays for so many seconds. */
const MASTER_IDLE_S = 600;
/** Longest path of a master's socket, in bytes: ssh first makes it with 17 more, and 107 is the limit of a socket. */
const MAX_MASTER_PATH_BYTES = 90;
const MASTER_KEY_LENGTH = 12;
/** What ssh puts into commands of its configuration (ProxyCommand) must mean nothing to a shell: as OpenSSH 9.6 checks. */
const HOST = /^[^\s\p{Cc}\-'"`$\\;&<>|(){}@[\]/][^\s\p{Cc}'"`$\\;&<>|(){}@[\]/]*$/u;
const USER = /^[^\s\p{Cc}\-'"`$;&<>|(){}][^\s\p{Cc}'"`$;&<>|(){}]*$/u;
const MAX_PORT = 65_535;
const DEFAULT_SSH: readonly string[] = ['ssh'];
/** Against settings with which nothing goes over stdin and stdout. OpenSSH knows them, and can be told so, since 8.7. */
const NEW_OPTIONS = ['StdinNull=no', 'ForkAfterAuthentication=no', 'SessionType=default'];
const UNKNOWN_OPTION = /Bad configuration option: (stdinnull|forkafterauthentication|sessiontype)/i;
/** Of a login in the foreground: no session is opened, so that nothing there writes to the terminal, no login script either. */
const NOTHING_RUN = ['-n', '-N'];
const MS = 1000;

interface Target {
  readonly user: string | undefined;
  readonly host: string;
  readonly port: number | undefined;
}

interface Variant {
  /** Whether it goes over a master. */
  readonly shares: boolean;
  /** Whether this ssh knows NEW_OPTIONS. */
  readonly isNew: boolean;
}

/** @throws Domain.BadAddress */
export function sshConnector(
  part: AddressPart,
  connection: ConnectorOptions,
  variant: Variant = { shares: true, isNew: true },
): Connector {
  const { environment, timeoutMs } = connection;
  const target = parseTarget(part);
  const program = sshWords(environment);
  const socket = variant.shares ? possibleMaster(program, target, environment) : undefined;
  const given = [...options(true, timeoutMs), ...(variant.isNew ? asOptions(NEW_OPTIONS) : []), ...master(socket)];
  const change = (changes: Partial<Variant>) => sshConnector(part, connection, { ...variant, ...changes });
  return {
    address: part.text,
    command: [...program, ...given, ...words(target)],
    joins: 'line',
    environment,
    // A master stays, and would keep our directory from being unmounted. What a person wrote may be relative to it.
    ...(program === DEFAULT_SSH && { directory: '/' }),
    ...(socket !== undefined && { leaves: 'master' }),
    ...(socket !== undefined &&
      existsSync(socket) && {
        shared: { alone: () => change({ shares: false }), advice: `ssh -S '${socket}' -O exit ${target.host}` },
      }),
    ...(variant.isNew && {
      instead: (stderr: string) => (UNKNOWN_OPTION.test(stderr) ? change({ isNew: false }) : undefined),
    }),
    absent: ['Domain.ProgramMissing', 'install openssh-client, or name another in HOTWIRE_SSH'],
    explain: (stderr, exit) => explainSsh(part.text, stderr, exit),
  };
}

/**
 * The command that opens the master connection of an ssh: part in the foreground, where a person can answer ssh's
 * questions. Once it has ended well a slave finds that master. Its stdio is to be inherited.
 * @throws Domain.BadAddress; InvalidState, with the reason, when there can be no master
 */
export function foregroundLogin(
  part: AddressPart,
  environment: NodeJS.ProcessEnv,
): { words: string[]; environment: NodeJS.ProcessEnv } {
  const target = parseTarget(part);
  const program = sshWords(environment);
  try {
    const shared = master(masterSocket(program, target, environment));
    return { words: [...program, ...NOTHING_RUN, ...options(false), ...shared, ...words(target)], environment };
  } catch (thrown) {
    const cause = HotwireError.from(thrown);
    const message = `${part.text}: a login can't be shared from here: ${cause.message}`;
    throw new HotwireError('InvalidState', message, { cause });
  }
}

function words({ user, host, port }: Target): string[] {
  return [...(user ? ['-l', user] : []), ...(port ? ['-p', String(port)] : []), '--', host];
}

/** The user's ssh: HOTWIRE_SSH instead of `ssh`. @throws Domain.BadAddress */
function sshWords({ HOTWIRE_SSH = '' }: NodeJS.ProcessEnv): readonly string[] {
  if (HOTWIRE_SSH.trim() === '') return DEFAULT_SSH;
  const program = splitWords(HOTWIRE_SSH);
  if (program?.[0]) return program;
  const why = program === undefined ? 'a quote is open, or a backslash ends it' : 'its first word is empty';
  const advice = "write it as in a shell, e.g. 'ssh -F other_config'";
  throw new HotwireError(
    'Domain.BadAddress',
    `HOTWIRE_SSH: ${JSON.stringify(HOTWIRE_SSH)} is no command: ${why}; ${advice}`,
  );
}

function options(batch: boolean, timeoutMs?: number): string[] {
  return asOptions([
    `BatchMode=${batch ? 'yes' : 'no'}`,
    ...(timeoutMs === undefined ? [] : [`ConnectTimeout=${Math.max(1, Math.ceil(timeoutMs / MS))}`]),
    `ServerAliveInterval=${KEEP_ALIVE_MS / MS}`,
    `ServerAliveCountMax=${KEEP_ALIVE_COUNT}`,
    'ClearAllForwardings=yes',
    'Tunnel=no',
    'ForwardX11=no',
    'RequestTTY=no',
    'RemoteCommand=none',
    // It would have our stdin and stdout.
    'PermitLocalCommand=no',
    'LogLevel=ERROR',
  ]);
}

function asOptions(given: readonly string[]): string[] {
  return given.flatMap((option) => ['-o', option]);
}

/** A master of our own, so that the user's is left alone and its options are ours; none without a socket. */
function master(socket: string | undefined): string[] {
  if (socket === undefined) return ['-o', 'ControlMaster=no', '-o', 'ControlPath=none'];
  const controlPath = `ControlPath="${socket.replaceAll('%', '%%')}"`;
  return asOptions(['ControlMaster=auto', `ControlPersist=${MASTER_IDLE_S}`, controlPath]);
}

/**
 * Where the socket of a master is: whoever could put his own there would be given all that we say to the host.
 * @throws HotwireError why there can be none
 */
function masterSocket(program: readonly string[], target: Target, environment: NodeJS.ProcessEnv): string {
  const { directory } = ownResidentPlace(environment);
  const key = createHash('sha256').update(JSON.stringify([program, target.user, target.host, target.port]));
  const socket = path.join(directory, `m-${key.digest('hex').slice(0, MASTER_KEY_LENGTH)}`);
  if (/["$\\\p{Cc}]/u.test(socket)) {
    throw new HotwireError(
      'InvalidState',
      `${directory}: ssh can't use a path that holds ", $, \\ or a control character`,
    );
  }
  if (Buffer.byteLength(socket) <= MAX_MASTER_PATH_BYTES) return socket;
  throw new HotwireError('LimitExceeded', `${socket}: too long for ssh: let XDG_STATE_HOME be a shorter path`);
}

/** The same, where a master only saves time: without one each connection is one of its own. */
function possibleMaster(program: readonly string[], target: Target, environment: NodeJS.ProcessEnv) {
  try {
    return masterSocket(program, target, environment);
  } catch {
    return undefined;
  }
}

/** @throws Domain.BadAddress */
function parseTarget({ rest, text }: AddressPart): Target {
  const at = rest.lastIndexOf('@');
  const user = at < 0 ? undefined : decodeValue(rest.slice(0, at), text);
  const place = rest.slice(at + 1);
  const found = /^(?:\[(?<bracketed>[^\]]*)\]|(?<plain>[^:]*))(?::(?<port>.*))?$/.exec(place)?.groups;
  if (found === undefined || (found.plain !== undefined && found.port?.includes(':'))) {
    throw bad(text, `'${place}' is no host: it is written HOST, HOST:PORT or, for IPv6, [::1]:PORT`);
  }
  const host = decodeValue(found.bracketed ?? found.plain ?? '', text);
  if (!HOST.test(host)) throw bad(text, `${JSON.stringify(host)} is no name of a host`);
  if (user !== undefined && !USER.test(user)) throw bad(text, `${JSON.stringify(user)} is no name of a user`);
  return { user, host, port: found.port === undefined ? undefined : parsePort(found.port, text) };
}

function parsePort(port: string, text: string): number {
  const number = Number(port);
  if (/^\d+$/.test(port) && number >= 1 && number <= MAX_PORT) return number;
  throw bad(text, `'${port}' is no port: a number from 1 to ${MAX_PORT}`);
}
