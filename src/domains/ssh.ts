/** `ssh:[USER@]HOST[:PORT]` by the user's own OpenSSH, with its configuration, over a master connection of ours. */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { HotwireError } from '../errors';
import { KEEP_ALIVE_COUNT, KEEP_ALIVE_MS } from '../limits';
import { type AddressPart, bad, decodeValue } from './address';
import type { Connector, ConnectorOptions } from './connector';
import { residentPlace } from './resident';
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
const MS = 1000;

interface Target {
  readonly user: string | undefined;
  readonly host: string;
  readonly port: number | undefined;
}

/** @throws Domain.BadAddress */
export function sshConnector(part: AddressPart, { environment, timeoutMs }: ConnectorOptions): Connector {
  const target = parseTarget(part);
  const program = sshWords(environment);
  return {
    address: part.text,
    command: [...program, ...options(true, timeoutMs), ...master(program, target, environment), ...words(target)],
    joins: 'line',
    environment,
    absent: ['Domain.ProgramMissing', 'install openssh-client, or name another in HOTWIRE_SSH'],
    explain: (stderr, exit) => explainSsh(part.text, stderr, exit),
  };
}

/**
 * The command that opens the master connection of an ssh: part in the foreground, where a person can answer ssh's
 * questions. Once it has ended well a slave finds that master. Its stdio is to be inherited.
 * @throws Domain.BadAddress; InvalidState when there can be no master
 */
export function foregroundLogin(
  part: AddressPart,
  environment: NodeJS.ProcessEnv,
): { words: string[]; environment: NodeJS.ProcessEnv } {
  const target = parseTarget(part);
  const program = sshWords(environment);
  const shared = master(program, target, environment);
  if (shared.includes('ControlPath=none')) {
    const advice = 'let XDG_STATE_HOME be a shorter path, or use keys and an agent';
    throw new HotwireError('InvalidState', `${part.text}: a login can't be shared from here: ${advice}`);
  }
  return { words: [...program, ...options(false), ...shared, ...words(target), 'true'], environment };
}

function words({ user, host, port }: Target): string[] {
  return [...(user ? ['-l', user] : []), ...(port ? ['-p', String(port)] : []), '--', host];
}

/** The user's ssh: HOTWIRE_SSH instead of `ssh`. @throws Domain.BadAddress */
function sshWords({ HOTWIRE_SSH = '' }: NodeJS.ProcessEnv): string[] {
  if (HOTWIRE_SSH.trim() === '') return ['ssh'];
  const program = splitWords(HOTWIRE_SSH);
  if (program?.[0]) return program;
  throw new HotwireError(
    'Domain.BadAddress',
    `HOTWIRE_SSH: ${JSON.stringify(HOTWIRE_SSH)} is no command: a quote is open`,
  );
}

function options(batch: boolean, timeoutMs?: number): string[] {
  return [
    `BatchMode=${batch ? 'yes' : 'no'}`,
    ...(timeoutMs === undefined ? [] : [`ConnectTimeout=${Math.max(1, Math.ceil(timeoutMs / MS))}`]),
    `ServerAliveInterval=${KEEP_ALIVE_MS / MS}`,
    `ServerAliveCountMax=${KEEP_ALIVE_COUNT}`,
    'ClearAllForwardings=yes',
    'ForwardX11=no',
    'RequestTTY=no',
    'RemoteCommand=none',
    'LogLevel=ERROR',
  ].flatMap((option) => ['-o', option]);
}

/** A master of our own, so that the user's is left alone and its options are ours. */
function master(program: readonly string[], target: Target, environment: NodeJS.ProcessEnv): string[] {
  const socket = masterSocket(program, target, environment);
  if (socket === undefined) return ['-o', 'ControlMaster=no', '-o', 'ControlPath=none'];
  return [
    'ControlMaster=auto',
    `ControlPersist=${MASTER_IDLE_S}`,
    `ControlPath="${socket.replaceAll('%', '%%')}"`,
  ].flatMap((option) => ['-o', option]);
}

/** Where the socket of a master is; undefined where none can be: then each connection is one of its own. */
function masterSocket(program: readonly string[], target: Target, environment: NodeJS.ProcessEnv): string | undefined {
  let directory: string;
  try {
    ({ directory } = residentPlace(environment));
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch {
    return undefined; // no place for a socket, or it may not be written to: a master only saves time
  }
  const key = createHash('sha256').update(JSON.stringify([program, target.user, target.host, target.port]));
  const socket = path.join(directory, `m-${key.digest('hex').slice(0, MASTER_KEY_LENGTH)}`);
  return Buffer.byteLength(socket) > MAX_MASTER_PATH_BYTES || /["$\\\p{Cc}]/u.test(socket) ? undefined : socket;
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
