/** The tables of /proc/net, a line at a time. */
import { SocketAddress } from 'node:net';
import { endianness } from 'node:os';

/** See the class hotwire.sysdep.net.Socket: what the kernel's tables tell. */
export interface SocketEntry {
  readonly protocol: string;
  readonly type: string;
  readonly state: string;
  readonly local: string;
  readonly remote: string | null;
  readonly local_address: string | null;
  readonly local_port: number | null;
  readonly remote_address: string | null;
  readonly remote_port: number | null;
  readonly receive_queue: number | null;
  readonly send_queue: number | null;
  readonly owner_id: number | null;
  readonly inode: number;
}

export interface SocketTable {
  readonly protocol: string;
  readonly file: string;
  /** One line as a socket; undefined for the header and for what is no line of this table. */
  read(line: string): SocketEntry | undefined;
}

const internet = (protocol: string): SocketTable => ({
  protocol,
  file: `/proc/self/net/${protocol}`,
  read: (line) => readInternet(protocol, line),
});

export const INTERNET_TABLES = ['tcp', 'tcp6', 'udp', 'udp6'].map(internet);
export const UNIX_TABLE: SocketTable = { protocol: 'unix', file: '/proc/self/net/unix', read: readUnix };

export const LISTEN = 'LISTEN';
export const UNCONNECTED = 'UNCONNECTED';

/** By the kernel's numbers (include/net/tcp_states.h). */
const TCP_STATES = [
  'UNKNOWN',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  LISTEN,
  'CLOSING',
  'NEW_SYN_RECV',
];

const INTERNET_LINE =
  /^ *\d+: ([\dA-F]+):([\dA-F]{4}) ([\dA-F]+):([\dA-F]{4}) ([\dA-F]{2}) ([\dA-F]+):([\dA-F]+) \S+ \S+ +(\d+) +\d+ (\d+)/;

function readInternet(protocol: string, line: string): SocketEntry | undefined {
  const match = INTERNET_LINE.exec(line);
  if (match === null) return undefined;
  const [, local = '', localPort = '', remote = '', remotePort = '', state = '', send = '', receive = '', uid, inode] =
    match;
  const isDatagram = protocol.startsWith('udp');
  const from = { address: decodeAddress(local), port: Number.parseInt(localPort, 16) };
  const to = { address: decodeAddress(remote), port: Number.parseInt(remotePort, 16) };
  const isConnected = to.port !== 0 || !/^0+$/.test(remote);
  return {
    protocol,
    type: isDatagram ? 'dgram' : 'stream',
    state: isDatagram && !isConnected ? UNCONNECTED : (TCP_STATES[Number.parseInt(state, 16)] ?? 'UNKNOWN'),
    local: endpoint(from),
    remote: isConnected ? endpoint(to) : null,
    local_address: from.address,
    local_port: from.port,
    remote_address: isConnected ? to.address : null,
    remote_port: isConnected ? to.port : null,
    receive_queue: Number.parseInt(receive, 16),
    send_queue: Number.parseInt(send, 16),
    owner_id: Number(uid),
    inode: Number(inode),
  };
}

function endpoint({ address, port }: { address: string; port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The bytes of each 32-bit word are in the order of the machine. */
const SWAPPED = endianness() === 'LE';
const MAPPED_PREFIX = '::ffff:';

/** An address of /proc/net as people write it. One of IPv4 in a socket of IPv6 (::ffff:192.0.2.1) is the address itself. */
export function decodeAddress(digits: string): string {
  const bytes = Buffer.from(digits, 'hex');
  if (SWAPPED) bytes.swap32();
  if (bytes.length === 4) return bytes.join('.');
  const words = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  const { address } = new SocketAddress({ family: 'ipv6', address: words.join(':') });
  const mapped = address.startsWith(MAPPED_PREFIX) ? address.slice(MAPPED_PREFIX.length) : '';
  return mapped.includes('.') ? mapped : address;
}

/** A path is the rest of the line: it may hold blanks. */
const UNIX_LINE = /^[\da-f]+: [\dA-F]+ [\dA-F]+ ([\dA-F]{8}) ([\dA-F]{4}) ([\dA-F]{2}) +(\d+)(?: (.*))?$/s;
const UNIX_TYPES: Readonly<Record<number, string>> = { 1: 'stream', 2: 'dgram', 5: 'seqpacket' };
/** By the kernel's numbers (enum socket_state). */
const UNIX_STATES = ['FREE', UNCONNECTED, 'CONNECTING', 'ESTABLISHED', 'DISCONNECTING'];
/** Flag of one that takes connections (__SO_ACCEPTCON). */
const ACCEPTS = 0x10000;

function readUnix(line: string): SocketEntry | undefined {
  const match = UNIX_LINE.exec(line);
  if (match === null) return undefined;
  const [, flags = '', type = '', state = '', inode, path = ''] = match;
  const accepts = (Number.parseInt(flags, 16) & ACCEPTS) !== 0;
  return {
    protocol: 'unix',
    type: UNIX_TYPES[Number.parseInt(type, 16)] ?? 'unknown',
    state: accepts ? LISTEN : (UNIX_STATES[Number.parseInt(state, 16)] ?? 'UNKNOWN'),
    local: path,
    remote: null,
    local_address: null,
    local_port: null,
    remote_address: null,
    remote_port: null,
    receive_queue: null,
    send_queue: null,
    owner_id: null,
    inode: Number(inode),
  };
}
