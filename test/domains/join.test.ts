import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import path from 'node:path';
import { joinStreams } from '../../src/domains/join';
import { onCleanup } from '../support/cleanup';
import { temporaryFolder } from '../support/temp';
import { within } from '../support/wait';

const MIB = 1024 * 1024;
let pairs = 0;
const folder = temporaryFolder();

/** Both ends of a real connection: what the kernel has taken of one that closes still arrives. */
async function socketPair(): Promise<[Socket, Socket]> {
  const file = path.join(folder, String(pairs++));
  const server = createServer({ allowHalfOpen: true }).listen(file);
  await once(server, 'listening');
  const left = connect({ path: file, allowHalfOpen: true });
  const [right] = (await once(server, 'connection')) as [Socket];
  server.close();
  onCleanup(() => [left, right].map((socket) => socket.destroy()));
  return [left, right];
}

/** All that comes until the end of that way; the other way stays open. */
async function text(socket: Socket): Promise<string> {
  let heard = '';
  socket.on('data', (chunk) => {
    heard += chunk;
  });
  await within(once(socket, 'end'), 'the end of what comes');
  return heard;
}

interface Joined {
  readonly client: Socket;
  readonly server: Socket;
  readonly first: Promise<string>;
}

/** A client and a server, with what is carried between them. */
async function joined(): Promise<Joined> {
  const [client, near] = await socketPair();
  const [far, server] = await socketPair();
  return { client, server, first: within(joinStreams(near, far), 'the end of both') };
}

test('bytes go both ways, and a server may still answer a client that says no more', async () => {
  const { client, server, first } = await joined();
  client.end('question');
  expect(await text(server)).toBe('question');
  server.write('late ');
  server.end('answer');
  expect(await text(client)).toBe('late answer');
  expect(await first).toBe('client');
});

test('a client of a server that ends gets everything, and is cut', async () => {
  const { client, server, first } = await joined();
  const all = text(client);
  server.write('x'.repeat(MIB));
  server.end('last');
  expect((await all).endsWith('xlast')).toBe(true);
  expect(await first).toBe('server');
});

test.each([
  ['client', ({ client }: Joined) => client],
  ['server', ({ server }: Joined) => server],
] as const)('a %s that breaks ends the other', async (who, side) => {
  const both = await joined();
  const other = side(both) === both.client ? both.server : both.client;
  const over = text(other).then(() => other.end());
  side(both)
    .on('error', () => undefined)
    .destroy(new Error('broken'));
  await over;
  expect(await both.first).toBe(who);
});

test('a reader that does not read stops the writer', async () => {
  const { client, server } = await joined();
  const chunk = Buffer.alloc(MIB / 16);
  let taken = 0;
  const all = new Promise<void>((resolve) => {
    const write = () => {
      if (taken >= 4 * MIB) return resolve();
      client.write(chunk, () => {
        taken += chunk.length;
        write();
      });
    };
    write();
  });
  await once(server, 'readable'); // it has come as far as it gets
  expect(taken).toBeLessThan(2 * MIB);
  server.resume();
  await within(all, 'the writer to go on');
  client.destroy();
});
