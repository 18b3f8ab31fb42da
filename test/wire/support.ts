// Ends of connections for the tests of this folder.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { Connection, type ConnectionOptions, openAddress, streamPair } from '../../src/wire';
import { encodeHeader, type HeaderToEncode } from '../../src/wire/header';
import { type Bus, startBus } from '../support/bus';
import { onCleanup } from '../support/cleanup';
import { temporaryFolder } from '../support/temp';
import { ECHO, serveEcho } from './fixtures/echo-service';

const ROOT = path.resolve(__dirname, '..', '..');

/** A client whose calls `{...to, member}` reach the echo service. */
export interface EchoClient {
  readonly client: Connection;
  readonly to: { readonly path: string; readonly interface: string; readonly destination?: string };
}

let bus: Promise<Bus> | undefined;
/** One bus for the test file. */
export function sharedBus(): Promise<Bus> {
  bus ??= startBus();
  return bus;
}

export async function connectToBus(options: ConnectionOptions = {}): Promise<Connection> {
  const { address } = await sharedBus();
  const connection = await Connection.connect(await openAddress(address), options);
  onCleanup(() => connection.destroy());
  return connection;
}

/** The two ends of a connection in memory. */
export async function connectedPair(
  options: ConnectionOptions = {},
): Promise<{ client: Connection; server: Connection }> {
  const [near, far] = streamPair();
  const [server, client] = await Promise.all([
    Connection.accept(far, options),
    Connection.connect(near, { hello: false, ...options }),
  ]);
  return { client, server };
}

/** A server in memory, and the raw stream to it, on which anything can be written after the handshake. */
export async function rawClient(options: ConnectionOptions = {}): Promise<{ server: Connection; raw: Duplex }> {
  const [raw, far] = streamPair();
  raw.write('\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n');
  const server = await Connection.accept(far, options);
  return { server, raw };
}

/** A message of a valid header and any bytes at all as its body. */
export function frameOf(header: HeaderToEncode, body: Buffer, bigEndian = false, serial = 7): Buffer {
  return Buffer.concat([encodeHeader(header, serial, body.length, bigEndian), body]);
}

let server: string | undefined;
/** The program of fixtures/server.ts, bundled, as a command line. */
export function serverProgram(): { program: string; args: string[] } {
  if (!server) {
    server = path.join(temporaryFolder(), 'server.js');
    const esbuild = path.join(ROOT, 'node_modules', '.bin', 'esbuild');
    const source = path.join(__dirname, 'fixtures', 'server.ts');
    execFileSync(esbuild, [source, '--bundle', '--platform=node', '--log-level=error', `--outfile=${server}`]);
  }
  return { program: process.execPath, args: [server] };
}

export function serverAddress(): string {
  const { program, args } = serverProgram();
  return `unixexec:path=${program},${args.map((arg, index) => `argv${index + 1}=${arg}`).join(',')}`;
}

/** The echo service over everything that a connection can run on. */
export const TRANSPORTS: readonly (readonly [name: string, open: () => Promise<EchoClient>])[] = [
  [
    'a bus',
    async () => {
      const service = await connectToBus();
      serveEcho(service);
      return { client: await connectToBus(), to: { ...ECHO, destination: String(service.uniqueName) } };
    },
  ],
  [
    'the stdio of a child',
    async () => {
      const client = await Connection.connect(await openAddress(serverAddress()));
      onCleanup(() => client.destroy());
      return { client, to: ECHO };
    },
  ],
  [
    'a pair in memory',
    async () => {
      const { client, server } = await connectedPair();
      serveEcho(server);
      return { client, to: ECHO };
    },
  ],
];
