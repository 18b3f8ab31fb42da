// From an address to a stream. dbus-next takes values literally, tries only the first of a list, and ends the process on
// `unixexec:` (reference/dbus-next.md, section 2).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { HotwireError } from '../errors';
import { type AddressEntry, bad, parseAddress } from './address';
import { stdioStream } from './stdio';

/** A socket that does not connect is given up after so many milliseconds. */
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Connects to the first entry of the address that can be connected to.
 * @throws BadAddress for one that can't be used at all, Disconnected when nothing answers; both name the address
 */
export async function openAddress(address: string): Promise<Duplex> {
  const failures: HotwireError[] = [];
  for (const entry of parseAddress(address)) {
    try {
      return await openEntry(entry);
    } catch (error) {
      failures.push(HotwireError.from(error));
    }
  }
  const [first, ...more] = failures;
  if (first && more.length === 0) throw first;
  const kind = failures.every((failure) => failure.kind === 'BadAddress') ? 'BadAddress' : 'Disconnected';
  throw new HotwireError(kind, failures.map((failure) => failure.message).join('; '), { cause: first });
}

async function openEntry(entry: AddressEntry): Promise<Duplex> {
  switch (entry.transport) {
    case 'unix':
      return connect(entry, { path: unixPath(entry) });
    case 'tcp':
      return connect(entry, tcpTarget(entry));
    case 'unixexec':
      return execute(entry);
    default:
      throw bad(entry.text, `the transport '${entry.transport}' is not supported; unix:, tcp: and unixexec: are`);
  }
}

function unixPath(entry: AddressEntry): string {
  const socket = entry.keys.get('path');
  if (socket) return socket;
  if (entry.keys.has('abstract')) {
    throw bad(entry.text, 'Node 20 cannot connect to abstract sockets; let the bus listen on unix:path=…');
  }
  throw bad(entry.text, "to connect, 'unix:' needs path=…");
}

function tcpTarget(entry: AddressEntry): net.TcpNetConnectOpts {
  const port = Number(entry.keys.get('port'));
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw bad(entry.text, "'tcp:' needs port=… from 1 to 65535");
  const family = entry.keys.get('family');
  if (family !== undefined && family !== 'ipv4' && family !== 'ipv6') {
    throw bad(entry.text, `the family is ipv4 or ipv6, not '${family}'`);
  }
  const host = entry.keys.get('host') ?? 'localhost';
  return { host, port, ...(family && { family: family === 'ipv4' ? 4 : 6 }) };
}

async function connect(entry: AddressEntry, target: net.NetConnectOpts): Promise<Duplex> {
  const socket = net.connect(target);
  socket.setNoDelay();
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS) });
    return socket;
  } catch (cause) {
    socket.destroy();
    const { name, code, message } = cause as NodeJS.ErrnoException;
    const why =
      name === 'AbortError' ? `no answer within ${CONNECT_TIMEOUT_MS / 1000} s` : (REASONS[code ?? ''] ?? message);
    throw new HotwireError('Disconnected', `can't connect to ${entry.text}: ${why}`, { cause });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket; is the bus running?',
  ECONNREFUSED: 'nothing listens there; is the bus running?',
  EACCES: 'permission denied',
  ENOTFOUND: 'no host of that name is known',
};

/** Starts a program and speaks to its stdio. It gets the end of its input at close, and SIGTERM when that is cut. */
async function execute(entry: AddressEntry): Promise<Duplex> {
  const program = entry.keys.get('path');
  if (!program) throw bad(entry.text, "'unixexec:' needs path=…");
  const args: string[] = [];
  for (let value = entry.keys.get('argv1'); value !== undefined; value = entry.keys.get(`argv${args.length + 1}`)) {
    args.push(value);
  }
  const child = spawn(program, args, { argv0: entry.keys.get('argv0') ?? program, stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    await once(child, 'spawn');
  } catch (cause) {
    const { message } = cause as Error;
    throw new HotwireError('Disconnected', `can't start '${program}' of ${entry.text}: ${message}`, { cause });
  }
  const stream = stdioStream(child.stdout, child.stdin);
  stream.once('close', () => child.kill());
  return stream;
}
