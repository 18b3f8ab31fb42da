// What a peer can do to the process (reference/dbus-next.md, section 3): nothing. Each input is sent to a server that also
// has to answer a call afterwards, or to have closed the connection with a clear reason.
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { MAX_BAD_MESSAGES } from '../../src/limits';
import { encodeMessage, type IncomingMessage, MessageFlag, MessageType } from '../../src/wire';
import { FrameReader } from '../../src/wire/frames';
import { HeaderDecoder } from '../../src/wire/header';
import { ReceivedMessage } from '../../src/wire/incoming';
import { within } from '../support/wait';
import { frameOf, rawClient } from './support';

const CALL = { type: MessageType.METHOD_CALL, path: '/', interface: 'a.b', member: 'Echo' } as const;
const SIGNAL = { type: MessageType.SIGNAL, path: '/', interface: 'a.b', member: 'Said' } as const;

/** A server that reads every body it gets. */
async function reader() {
  const { server, raw } = await rawClient();
  const signals: unknown[][] = [];
  server.on('signal', (signal) => signals.push([...signal.body]));
  server.onCall = (call) => server.reply(call, call.signature, call.body);
  return { server, raw, signals };
}

/** The replies that arrive at the raw end, one after the other. */
function repliesOn(raw: Duplex): () => Promise<IncomingMessage> {
  const frames = new FrameReader();
  const headers = new HeaderDecoder();
  let handshake = Buffer.alloc(0) as Buffer | undefined;
  raw.on('data', (chunk: Buffer) => {
    if (!handshake) return frames.push(chunk);
    handshake = Buffer.concat([handshake, chunk]);
    const end = handshake.indexOf('\r\n', handshake.indexOf('OK '));
    if (handshake.indexOf('OK ') === -1 || end === -1) return;
    frames.push(handshake.subarray(end + 2));
    handshake = undefined;
  });
  return async () => {
    for (;;) {
      const bytes = frames.next();
      if (bytes) return new ReceivedMessage(bytes, headers.decode(bytes), undefined, () => undefined);
      await within(once(raw, 'data'), 'a reply');
    }
  };
}

const bytes = (...list: number[]) => Buffer.from(list);
const nested = Buffer.concat([...Array(20_000).fill(bytes(1, 0x76, 0))]);

const BAD_BODIES: [what: string, signature: string, body: Buffer][] = [
  ['a descriptor that was not passed', 'h', bytes(0, 0, 0, 0)],
  ['a body shorter than the signature', 'ss', bytes(1, 0, 0, 0, 65, 0)],
  ['a body longer than the signature', 'y', bytes(1, 2, 3)],
  ['an array longer than the body', 'as', bytes(200, 0, 0, 0)],
  ['a text longer than the body', 's', bytes(200, 0, 0, 0, 65, 0)],
  ['20,000 nested variants', 'v', nested],
  ['an empty array of structs, cut', 'a(ii)', bytes(0, 0, 0, 0)],
];

test.each(BAD_BODIES)('%s costs that message: a call is answered, a signal dropped', async (_, signature, body) => {
  const { server, raw, signals } = await reader();
  const reply = repliesOn(raw);
  raw.write(frameOf({ ...SIGNAL, signature }, body));
  raw.write(frameOf({ ...CALL, signature }, body, false, 21));
  raw.write(encodeMessage({ ...CALL, signature: 's', body: ['still here'] }, 22));
  expect(await reply()).toMatchObject({ errorName: 'org.freedesktop.DBus.Error.InvalidArgs', replySerial: 21 });
  expect((await reply()).body).toEqual(['still here']);
  expect(signals).toEqual([]);
  expect(server.closed).toBe(false);
});

const GOOD_BUT_ODD: [what: string, message: Buffer][] = [
  ['type 5', frameOf({ ...SIGNAL }, Buffer.alloc(0)).fill(5, 1, 2)],
  ['type 255', frameOf({ ...SIGNAL }, Buffer.alloc(0)).fill(255, 1, 2)],
  ['a reply to nothing', encodeMessage({ type: MessageType.METHOD_RETURN, replySerial: 99 }, 1)],
  [
    'an error without a body, to nothing',
    encodeMessage({ type: MessageType.ERROR, replySerial: 9, errorName: 'a.b' }, 1),
  ],
  ['no header fields', bytes(0x6c, 4, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0)],
  ['a body without signature', frameOf(SIGNAL, Buffer.from('what is this'))],
];

test.each(GOOD_BUT_ODD)('%s is passed over', async (_, message) => {
  const { server, raw, signals } = await reader();
  const reply = repliesOn(raw);
  raw.write(message);
  raw.write(encodeMessage(CALL, 22));
  expect(await reply()).toMatchObject({ type: MessageType.METHOD_RETURN, replySerial: 22 });
  expect(signals).toEqual([]);
  expect(server.closed).toBe(false);
});

test('a call with bad names, or from a bad sender, is answered too', async () => {
  const { raw } = await reader();
  const reply = repliesOn(raw);
  const badMember = Buffer.from(encodeMessage(CALL, 31));
  badMember.write('E.ho', badMember.indexOf('Echo'));
  const badSender = Buffer.from(encodeMessage({ ...CALL, sender: ':1.1' }, 32));
  badSender.write(':1 1', badSender.indexOf(':1.1'));
  raw.write(badMember);
  raw.write(badSender);
  for (const replySerial of [31, 32]) {
    expect(await reply()).toMatchObject({ errorName: 'org.freedesktop.DBus.Error.InvalidArgs', replySerial });
  }
});

test('a big-endian call is answered', async () => {
  const { raw } = await reader();
  const reply = repliesOn(raw);
  raw.write(
    frameOf(
      { ...CALL, signature: 'sx' },
      Buffer.concat([bytes(0, 0, 0, 2, 0x68, 0x69, 0, 0), bytes(0, 0, 0, 0, 0, 0, 1, 0)]),
      true,
      5,
    ),
  );
  expect(await reply()).toMatchObject({ replySerial: 5, body: ['hi', 256n] });
});

test('a message that says no reply is wanted gets none, though it is bad', async () => {
  const { raw } = await reader();
  const reply = repliesOn(raw);
  raw.write(frameOf({ ...CALL, signature: 'h', flags: MessageFlag.NO_REPLY_EXPECTED }, bytes(0, 0, 0, 0), false, 41));
  raw.write(encodeMessage(CALL, 42));
  expect((await reply()).replySerial).toBe(42);
});

const goodCall = encodeMessage(CALL, 1);
const changed = (at: number, value: number) => Buffer.from(goodCall).fill(value, at, at + 1);

test.each<[what: string, message: Buffer, why: string]>([
  ['random bytes', Buffer.from('random bytes, more than sixteen'), 'not D-Bus'],
  ['a wrong endian flag', changed(0, 0x4c), 'not D-Bus'],
  ['protocol version 2', changed(3, 2), 'version 2'],
  ['type 0', changed(1, 0), 'type 0'],
  ['a body of 2 GiB', changed(7, 0x80), 'more than'],
  ['a header of 2 GiB', changed(15, 0x80), 'more than'],
  ['a header that cannot be read', changed(17, 9), 'cannot be read'],
])('%s ends the connection, with a reason', async (_, message, why) => {
  const { server, raw } = await reader();
  raw.on('error', () => undefined);
  const closed = once(server, 'close');
  raw.write(message);
  const [error] = await within(closed, 'the close');
  expect(error).toMatchObject({ kind: 'Disconnected', message: expect.stringContaining(why) });
});

test('a message cut by the end is reported, never read', async () => {
  const { server, raw, signals } = await reader();
  const closed = once(server, 'close');
  const message = encodeMessage({ ...SIGNAL, signature: 's', body: ['cut'] }, 1);
  raw.end(message.subarray(0, message.length - 3));
  const [error] = await within(closed, 'the close');
  expect(error.message).toContain(`in the middle of a message, after ${message.length - 3} bytes`);
  expect(signals).toEqual([]);
});

test('a peer that sends nothing but bad messages is cut off, one that also sends good ones is not', async () => {
  const bad = frameOf({ ...SIGNAL, signature: 'h' }, bytes(0, 0, 0, 0));
  const good = encodeMessage({ ...SIGNAL, signature: 's', body: ['good'] }, 1);
  const { server, raw, signals } = await reader();
  const reply = repliesOn(raw);
  for (const message of [...Array(MAX_BAD_MESSAGES).fill(bad), good, ...Array(MAX_BAD_MESSAGES).fill(bad)])
    raw.write(message);
  raw.write(encodeMessage(CALL, 50));
  expect((await reply()).replySerial).toBe(50);
  expect(signals).toEqual([['good']]);
  const closed = once(server, 'close');
  raw.on('error', () => undefined);
  for (let count = 0; count <= MAX_BAD_MESSAGES; count++) raw.write(bad);
  const [error] = await within(closed, 'the close');
  expect(error.message).toContain('in a row');
});
