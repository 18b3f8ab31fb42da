import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { Connection, streamPair } from '../../src/wire';

const GUID = '0123456789abcdef0123456789abcdef';

/** Reads from a stream until what came ends in `end`. */
async function readUntil(stream: Duplex, end: string): Promise<string> {
  let said = '';
  while (!said.endsWith(end)) said += String((await once(stream, 'data'))[0]);
  return said;
}

/** What the server answers to each line, one after the other. */
async function dialogue(lines: string[]): Promise<string[]> {
  const [near, far] = streamPair();
  void Connection.accept(far, { guid: GUID }).then((connection) => connection.destroy());
  near.write('\0');
  const answers: string[] = [];
  for (const line of lines) {
    near.write(`${line}\r\n`);
    if (line !== 'BEGIN') answers.push((await readUntil(near, '\r\n')).trimEnd());
  }
  return answers;
}

test.each([
  ['the uid', ['AUTH EXTERNAL 31303030', 'BEGIN'], [`OK ${GUID}`]],
  ['an identity that is empty', ['AUTH EXTERNAL', 'DATA', 'BEGIN'], ['DATA', `OK ${GUID}`]],
  ['another uid, in a DATA', ['AUTH EXTERNAL', 'DATA 30', 'BEGIN'], ['DATA', `OK ${GUID}`]],
  [
    'descriptors, which it does not get',
    ['AUTH EXTERNAL 30', 'NEGOTIATE_UNIX_FD', 'BEGIN'],
    [`OK ${GUID}`, 'ERROR "file descriptors are not passed here"'],
  ],
  [
    'other mechanisms first',
    ['AUTH', 'AUTH DBUS_COOKIE_SHA1 30', 'AUTH ANONYMOUS', 'AUTH EXTERNAL 30', 'BEGIN'],
    ['REJECTED EXTERNAL', 'REJECTED EXTERNAL', 'REJECTED EXTERNAL', `OK ${GUID}`],
  ],
  [
    'an identity that is not hexadecimal',
    ['AUTH EXTERNAL zz', 'AUTH EXTERNAL 30', 'BEGIN'],
    ['REJECTED EXTERNAL', `OK ${GUID}`],
  ],
  [
    'a change of mind',
    ['AUTH EXTERNAL', 'CANCEL', 'DATA', 'AUTH EXTERNAL 30', 'BEGIN'],
    ['DATA', 'REJECTED EXTERNAL', 'ERROR "no authentication is going on"', `OK ${GUID}`],
  ],
  ['nonsense', ['HELP', 'AUTH EXTERNAL 30', 'BEGIN'], ['ERROR "unknown command"', `OK ${GUID}`]],
])('a server lets in a client with %s', async (_, lines, answers) => {
  expect(await dialogue(lines)).toEqual(answers);
});

test.each([
  ['no NUL', 'AUTH EXTERNAL 30\r\n', 'AuthFailed', 'it began with'],
  ['BEGIN before AUTH', '\0BEGIN\r\n', 'AuthFailed', 'BEGIN came before AUTH'],
  ['a line without end', `\0${'x'.repeat(20_000)}`, 'AuthFailed', 'no D-Bus'],
])('a server refuses %s', async (_, said, kind, why) => {
  const [near, far] = streamPair();
  const accepted = Connection.accept(far);
  near.write(said);
  await expect(accepted).rejects.toMatchObject({ kind, message: expect.stringContaining(why) });
  expect(far.destroyed).toBe(true);
});

// It used to keep an answer to each, for as long as the limit of time allows.
test.each(['AUTH', 'AUTH EXTERNAL', 'NONSENSE'])('a server does not answer %s for ever', async (line) => {
  const [near, far] = streamPair();
  const written: string[] = [];
  const write = far.write.bind(far);
  far.write = (chunk: string) => written.push(chunk) > 0 && write(chunk);
  const accepted = Connection.accept(far);
  near.on('error', () => undefined); // it is cut
  near.write(`\0${`${line}\r\n`.repeat(10_000)}`);
  const why = `the connection was not set up: it said 32 lines, at last "${line}"`;
  await expect(accepted).rejects.toMatchObject({ kind: 'AuthFailed', message: why });
  expect(written).toHaveLength(32);
  expect(far.destroyed).toBe(true);
});

test('a server gives up a silent client', async () => {
  const [, far] = streamPair();
  await expect(Connection.accept(far, { timeoutMs: 20 })).rejects.toMatchObject({
    kind: 'TimedOut',
    message: expect.stringContaining('said nothing'),
  });
});

test('a client says all in one write', async () => {
  const [near, far] = streamPair();
  void Connection.connect(near, { hello: false }).then((connection) => connection.destroy());
  expect(await readUntil(far, 'BEGIN\r\n')).toBe('\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n');
  far.write(`DATA\r\nOK ${GUID}\r\n`);
  await once(far, 'close');
});

test.each([
  ['refuses', 'REJECTED EXTERNAL\r\n', 'AuthFailed', 'REJECTED EXTERNAL'],
  ['fails', 'DATA\r\nERROR "out of order"\r\n', 'AuthFailed', 'out of order'],
  ['is no D-Bus server', 'Welcome to web1!\r\n', 'AuthFailed', 'Welcome to web1!'],
  ['never ends its line', 'x'.repeat(20_000), 'AuthFailed', 'no D-Bus'],
])('a client gives up a server that %s', async (_, said, kind, why) => {
  const [near, far] = streamPair();
  far.write(said);
  await expect(Connection.connect(near)).rejects.toMatchObject({ kind, message: expect.stringContaining(why) });
  expect(near.destroyed).toBe(true);
});

test.each<[what: string, act: (far: Duplex) => unknown, options: { timeoutMs?: number }, kind: string, why: string]>([
  ['stays silent', () => undefined, { timeoutMs: 20 }, 'TimedOut', 'said nothing'],
  ['stops in the middle', (far) => far.write('DAT'), { timeoutMs: 20 }, 'TimedOut', 'said only "DAT"'],
  ['closes', (far) => far.end('bye'), {}, 'Disconnected', 'it said "bye"'],
  ['is cut', (far) => far.destroy(), {}, 'Disconnected', 'before it was set up'],
  ['never answers Hello', (far) => far.write(`DATA\r\nOK ${GUID}\r\n`), { timeoutMs: 30 }, 'TimedOut', 'Hello'],
  ['closes before Hello', (far) => far.end(`DATA\r\nOK ${GUID}\r\n`), {}, 'Disconnected', 'closed the connection'],
])('a client gives up a server that %s', async (_, act, options, kind, why) => {
  const [near, far] = streamPair();
  far.on('error', () => undefined).resume();
  act(far);
  await expect(Connection.connect(near, options)).rejects.toMatchObject({
    kind,
    message: expect.stringContaining(why),
  });
  expect(near.destroyed).toBe(true);
});

test('a stream that is gone already, or fails, is reported', async () => {
  const [near] = streamPair();
  near.destroy();
  await expect(Connection.connect(near)).rejects.toMatchObject({ kind: 'Disconnected' });
  const [other] = streamPair();
  setImmediate(() => other.destroy(new Error('broken wire')));
  await expect(Connection.accept(other)).rejects.toThrow('broken wire');
});

test('a Hello that is refused rejects', async () => {
  const [near, far] = streamPair();
  const [client, server] = [Connection.connect(near), await Connection.accept(far)];
  server.onCall = (call) => server.replyError(call, new Error('no more connections'));
  await expect(client).rejects.toThrow('no more connections');
});

test('commands and the first call in one write', async () => {
  const [near, far] = streamPair();
  const { encodeMessage, MessageType } = await import('../../src/wire');
  const call = encodeMessage({ type: MessageType.METHOD_CALL, path: '/', member: 'First' }, 1);
  near.write(Buffer.concat([Buffer.from('\0AUTH EXTERNAL\r\nDATA\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n'), call]));
  const server = await Connection.accept(far);
  const member = await new Promise((resolve) => {
    server.onCall = (received) => resolve(received.member);
  });
  expect(member).toBe('First');
});
