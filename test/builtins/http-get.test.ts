import { once } from 'node:events';
import http, { type RequestListener } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { propertiesOf } from '../../src/classes';
import { prepare } from '../../src/engine';
import { HTTP_MAX_BYTES, HTTP_MAX_REDIRECTS } from '../../src/limits';
import { onCleanup } from '../support/cleanup';
import { within } from '../support/wait';
import { closeContexts, contextWith, registry, run } from './support';

afterAll(closeContexts);

/** A server on this machine. @returns its address, `http://HOST:PORT` */
async function serve(listener: RequestListener): Promise<string> {
  const server = http.createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onCleanup(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const LATIN1 = Buffer.from([0xe4]);
const BINARY = Buffer.from([0, 255, 1]);

let base: string;
beforeAll(async () => {
  base = await serve(({ url = '', headers }, response) => {
    const path = url.replace(/\?.*/, '');
    if (path === '/json') response.writeHead(200, { 'content-type': 'application/json' }).end('{"ä":1}');
    else if (path === '/latin1')
      response.writeHead(200, { 'content-type': 'text/plain; charset="iso-8859-1"' }).end(LATIN1);
    else if (path === '/wrong') response.writeHead(200, { 'content-type': 'text/plain; charset=nonsense' }).end('a');
    else if (path === '/binary') response.end(BINARY);
    else if (path === '/empty') response.writeHead(204).end();
    else if (path === '/headers')
      response.writeHead(200, { 'x-a': 'b', 'set-cookie': ['c=1', 'd=2'] }).end(JSON.stringify(headers));
    else if (path === '/there') response.writeHead(302, { location: 'json?x' }).end('moved');
    else if (path === '/loop') response.writeHead(301, { location: '/loop' }).end();
    else if (path === '/nowhere') response.writeHead(301, { location: 'file:///etc/passwd' }).end();
    else if (path === '/large') response.end(Buffer.alloc(HTTP_MAX_BYTES + 1));
    else if (path === '/short') {
      response.writeHead(200, { 'content-length': '100' }).write('only');
      setImmediate(() => response.destroy());
    } else response.writeHead(404, 'Not Here').end('no');
  });
});

async function get(text: string) {
  const { values, error } = await run(text);
  if (error) throw error;
  return values[0] as Record<string, unknown>;
}

test('an answer is as its class declares', async () => {
  const { batches, values } = await run(`http-get ${base}/json`);
  expect(values).toEqual([
    {
      url: `${base}/json`,
      status: 200,
      reason: 'OK',
      content_type: 'application/json',
      size: 8,
      headers: expect.objectContaining({ 'content-type': 'application/json' }),
      redirects: [],
      duration: expect.any(Number),
      body: '{"ä":1}',
      body_bytes: null,
    },
  ]);
  expect(Object.keys(values[0] ?? {})).toEqual(propertiesOf(batches[0]?.className ?? '').map(({ name }) => name));
});

test.each([
  ['/latin1', { body: 'ä', body_bytes: null, size: 1 }],
  ['/wrong', { body: null, body_bytes: Buffer.from('a').toString('base64') }],
  ['/binary', { body: null, body_bytes: BINARY.toString('base64'), content_type: null }],
  ['/empty', { status: 204, body: '', size: 0 }],
  ['/missing', { status: 404, reason: 'Not Here', body: 'no' }],
])('%s', async (path, expected) => {
  expect(await get(`http-get ${base}${path}`)).toMatchObject(expected);
});

test('a host and a path', async () => {
  expect(await get(`http-get ${base} json`)).toMatchObject({ url: `${base}/json`, status: 200 });
});

test('headers, of ours and of the answer', async () => {
  const { headers, body } = await get(`http-get ${base}/headers`);
  expect(headers).toMatchObject({ 'x-a': 'b', 'set-cookie': 'c=1, d=2' });
  expect(JSON.parse(String(body))).toMatchObject({
    'user-agent': expect.stringMatching(/^hotwire/),
    connection: 'close',
  });
});

test('redirects are followed', async () => {
  expect(await get(`http-get ${base}/there`)).toMatchObject({ url: `${base}/json?x`, redirects: [`${base}/there`] });
});

test.each([
  ['/loop', 'LimitExceeded', new RegExp(`more than ${HTTP_MAX_REDIRECTS} redirects`)],
  ['/nowhere', 'Failed', /leads to what is no URL of the web: file:/],
  ['/large', 'LimitExceeded', /is larger than/],
  ['/short', 'Failed', /127\.0\.0\.1:\d+: /],
])('%s fails', async (path, kind, message) => {
  expect((await run(`http-get ${base}${path}`)).error).toMatchObject({ kind, message: expect.stringMatching(message) });
});

/** A server that answers with these bytes, and leaves the connection open. */
async function answering(text: string): Promise<string> {
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined); // the client may leave first
    socket.once('data', () => socket.write(text));
    onCleanup(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onCleanup(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

// It used to wait for its time limit.
test('an answer in another protocol is a failure', async () => {
  const url = await answering('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n');
  const { error } = await within(run(`http-get ${url}`), 'the failure');
  expect(error?.message).toMatch(/127\.0\.0\.1:\d+: it answers with 101/);
});

// It used to be followed, as a link to the page itself.
test('an empty Location leads nowhere', async () => {
  const url = await answering('HTTP/1.1 302 Found\r\nLocation: \r\nContent-Length: 2\r\n\r\nhi');
  expect(await get(`http-get ${url}`)).toMatchObject({ status: 302, redirects: [], body: 'hi' });
});

// Those beyond the 1000th used to be dropped.
test('all headers are there', async () => {
  const headers = Array.from({ length: 1500 }, (_, index) => `h${index}: \r\n`).join('');
  const url = await answering(`HTTP/1.1 200 OK\r\n${headers}Content-Length: 0\r\n\r\n`);
  expect(Object.keys((await get(`http-get ${url}`)).headers as object)).toHaveLength(1501);
});

test('with --fail a status of 400 or more is a failure', async () => {
  expect((await run(`http-get -f ${base}/missing`)).error?.message).toMatch(/\/missing: 404 Not Here$/);
  expect((await run(`http-get -f ${base}/json`)).error).toBeUndefined();
});

test.each([
  ['http-get file:///etc/passwd', 'InvalidArgs', /no URL of the web/],
  ['http-get "http://a b/"', 'InvalidArgs', /no URL of the web/],
  ['http-get http://user:secret@localhost/', 'InvalidArgs', /take the name and password out/],
  ['http-get http://127.0.0.1:1/', 'Failed', /127.0.0.1:1: nothing answers there/],
])('%s is refused', async (text, kind, message) => {
  const { error } = await run(text);
  expect(error).toMatchObject({ kind, message: expect.stringMatching(message) });
  expect(error?.message).not.toContain('secret');
});

test('a cancel ends the request', async () => {
  let asked: () => void = () => undefined;
  let closed: () => void = () => undefined;
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const isClosed = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const silent = await serve((request) => {
    request.socket.once('close', closed);
    asked();
  });
  const pipeline = prepare(`http-get ${silent}`, contextWith(), registry);
  const ended = pipeline.run({
    state: () => undefined,
    objects: async () => undefined,
    metadata: async () => undefined,
    aborted: () => undefined,
    exception: () => undefined,
  });
  await within(isAsked, 'the request');
  await pipeline.cancel();
  expect(await ended).toBe('cancelled');
  await within(isClosed, 'the end of the connection');
});
