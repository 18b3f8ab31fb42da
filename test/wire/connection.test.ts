// What a connection does, the same on every stream that it can run on.
import { once } from 'node:events';
import { HotwireError } from '../../src/errors';
import { type Connection, type IncomingMessage, MessageFlag, MessageType, Variant } from '../../src/wire';
import { within } from '../support/wait';
import { connectedPair, TRANSPORTS } from './support';

describe.each(TRANSPORTS)('over %s', (_, open) => {
  let client: Connection;
  let to: { path: string; interface: string; destination?: string };
  beforeAll(async () => {
    ({ client, to } = await open());
  });
  afterAll(() => client.close());

  const call = (member: string, signature = '', body: unknown[] = [], options = {}) =>
    client.call({ ...to, member, signature, body }, options);

  test.each<[signature: string, body: unknown[]]>([
    ['', []],
    ['s', ['grüße']],
    ['isas', [1, 'x', ['1', '2']]],
    ['a{sv}t', [{ a: new Variant('i', 1) }, 5n]],
    ['s', ['x'.repeat(3_000_000)]],
  ])('a call %s is answered', async (signature, body) => {
    const reply = await call('Echo', signature, body);
    expect(reply.signature).toBe(signature);
    expect(reply.body.map((value) => (typeof value === 'object' ? JSON.stringify(value) : value))).toEqual(
      body.map((value) => (typeof value === 'object' ? JSON.stringify(value) : value)),
    );
  });

  test('the same message may be sent again', async () => {
    const message = { ...to, member: 'Echo', signature: 'a{sv}', body: [{ a: new Variant('as', ['b']) }] };
    const replies = await Promise.all([client.call(message), client.call(message)]);
    expect(replies[1]?.body).toEqual(replies[0]?.body);
  });

  test.each([
    ['Throw', { kind: 'Failed', message: 'a defect' }],
    ['Refuse', { kind: 'AccessDenied', message: 'not you' }],
    ['Unheard', { kind: 'UnknownMethod', message: 'no Unheard' }],
  ])('%s answers with its error, without stack', async (member, error) => {
    const answer = await call(member).catch((thrown: unknown) => thrown);
    expect(answer).toMatchObject(error);
    expect(String((answer as Error).message)).not.toMatch(/\n|\.ts|\.js/);
  });

  test('a call without answer ends by its time limit', async () => {
    await expect(call('Silence', '', [], { timeoutMs: 10 })).rejects.toMatchObject({ kind: 'TimedOut' });
  });

  test('and by its signal, before and after it was sent', async () => {
    const controller = new AbortController();
    const waiting = call('Silence', '', [], { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ kind: 'Cancelled' });
    await expect(call('Echo', '', [], { signal: controller.signal })).rejects.toMatchObject({ kind: 'Cancelled' });
  });

  test('signals come in order, after the reply and what awaited it', async () => {
    const seen: unknown[] = [];
    const last = new Promise<void>((resolve) => {
      client.on('signal', (signal) => {
        if (signal.member !== 'Counted') return;
        seen.push(signal.body[0]);
        if (signal.body[0] === 50) resolve();
      });
    });
    const nested = async () => {
      await (async () => call('Count', 'u', [50]))();
    };
    await nested();
    seen.push('replied');
    await within(last, 'the last signal');
    expect(seen).toEqual(['replied', ...Array.from({ length: 50 }, (__, index) => index + 1)]);
  });

  test('Ping is answered', async () => {
    const ping = { ...to, interface: 'org.freedesktop.DBus.Peer' };
    expect((await client.call({ ...ping, member: 'Ping' })).body).toEqual([]);
    await expect(client.call({ ...ping, member: 'Pong' })).rejects.toMatchObject({ kind: 'UnknownMethod' });
  });

  test('reading can stop and go on', async () => {
    client.pauseReading();
    const reply = call('Echo', 's', ['later']);
    const first = await Promise.race([reply, new Promise((resolve) => setTimeout(resolve, 30, 'nothing'))]);
    expect(first).toBe('nothing');
    client.resumeReading();
    expect((await reply).body).toEqual(['later']);
  });

  test('a sender waits for drain, and everything arrives', async () => {
    const text = 'x'.repeat(256 * 1024);
    const replies: Promise<IncomingMessage>[] = [];
    let waited = 0;
    for (let index = 0; index < 24; index++) {
      replies.push(call('Echo', 's', [text]));
      if (client.needsDrain) waited++;
      await client.drained();
      expect(client.needsDrain).toBe(false);
    }
    expect(waited).toBeGreaterThan(0);
    for (const reply of await Promise.all(replies)) expect(reply.size).toBeGreaterThan(text.length);
  });

  test('closing sends what is queued first, fails what is pending, and happens once', async () => {
    const { client: other, to: there } = await open();
    const closes: unknown[] = [];
    other.on('close', (error) => closes.push(error));
    const pending = other.call({ ...there, member: 'Silence' });
    other.send({
      ...there,
      type: MessageType.METHOD_CALL,
      member: 'Echo',
      signature: 's',
      body: ['y'.repeat(2_000_000)],
    });
    await Promise.all([other.close(), other.close(), expect(pending).rejects.toMatchObject({ kind: 'Disconnected' })]);
    await other.close();
    other.destroy();
    expect(closes).toEqual([undefined]);
    expect(other.closed).toBe(true);
    expect(() => other.send({ ...there, type: MessageType.METHOD_CALL, member: 'Echo' })).toThrow('closed here');
    await expect(other.call({ ...there, member: 'Echo' })).rejects.toMatchObject({ kind: 'Disconnected' });
    await expect(other.drained()).rejects.toMatchObject({ kind: 'Disconnected' });
  });
});

describe('between two ends', () => {
  const ECHO = { path: '/', interface: 'a.b', member: 'Do' };

  test('the other end goes: pending calls and drains end, and the close is told once, with its reason', async () => {
    const { client, server } = await connectedPair();
    const closes: (HotwireError | undefined)[] = [];
    client.on('close', (error) => closes.push(error));
    server.onCall = () => undefined;
    server.pauseReading();
    const pending = client.call({ ...ECHO, signature: 's', body: ['x'.repeat(2_000_000)] });
    const drained = client.drained();
    server.destroy();
    for (const promise of [pending, drained]) await expect(promise).rejects.toMatchObject({ kind: 'Disconnected' });
    if (closes.length === 0) await once(client, 'close');
    await client.close();
    expect(closes).toEqual([expect.objectContaining({ kind: 'Disconnected' })]);
  });

  test('what was sent just before the end still arrives', async () => {
    const { client, server } = await connectedPair();
    const signals: unknown[] = [];
    client.on('signal', (signal) => signals.push(signal.body[0]));
    server.onCall = (call) => {
      server.reply(call, 's', ['last words']);
      for (const number of [1, 2]) {
        server.send({ ...ECHO, type: MessageType.SIGNAL, signature: 'i', body: [number] });
      }
      void server.close();
    };
    const closed = once(client, 'close');
    expect((await client.call(ECHO)).body).toEqual(['last words']);
    expect(await closed).toEqual([expect.objectContaining({ message: 'the other end closed the connection' })]);
    expect(signals).toEqual([1, 2]);
  });

  test('a peer that does not follow a close is cut', async () => {
    const { client, server } = await connectedPair();
    server.pauseReading();
    client.send({ ...ECHO, type: MessageType.METHOD_CALL, signature: 's', body: ['x'.repeat(2_000_000)] });
    await within(client.close(), 'the close', 5000);
  });

  test('calls that come before onCall are kept, in order, whatever their number', async () => {
    const { client, server } = await connectedPair();
    const count = 300;
    const replies = Array.from({ length: count }, (_, index) =>
      client.call({ ...ECHO, signature: 'u', body: [index] }),
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    const seen: unknown[] = [];
    server.onCall = (call) => {
      seen.push(call.body[0]);
      server.reply(call);
    };
    await Promise.all(replies);
    expect(seen).toEqual([...Array(count).keys()]);
  });

  test('a client that sets no onCall answers, also Ping', async () => {
    const { client, server } = await connectedPair();
    await expect(server.call(ECHO)).rejects.toMatchObject({ kind: 'UnknownMethod' });
    await server.call({ path: '/any', interface: 'org.freedesktop.DBus.Peer', member: 'Ping' });
    await client.close();
  });

  test('no reply is sent where none is wanted', async () => {
    const { client, server } = await connectedPair();
    const seen: IncomingMessage[] = [];
    client.on('bounced', (message) => seen.push(message));
    server.onCall = (call) => {
      server.reply(call);
      throw new Error('nobody wants to know');
    };
    client.send({ ...ECHO, type: MessageType.METHOD_CALL, flags: MessageFlag.NO_REPLY_EXPECTED });
    server.onCall = (call) => server.reply(call, 'b', [true]);
    expect((await client.call(ECHO)).body).toEqual([true]);
    expect(seen).toEqual([]);
  });

  test('an error that answers no call is told, a late reply dropped', async () => {
    const { client, server } = await connectedPair();
    let late: IncomingMessage | undefined;
    server.onCall = (call) => {
      late = call;
    };
    await expect(client.call(ECHO, { timeoutMs: 10 })).rejects.toMatchObject({ kind: 'TimedOut' });
    if (!late) throw new Error('the call never came');
    server.reply(late, 's', ['too late']);
    const bounced = once(client, 'bounced');
    const serial = client.send({ ...ECHO, type: MessageType.SIGNAL });
    const limits = { errorName: 'org.freedesktop.DBus.Error.LimitsExceeded', replySerial: serial };
    server.send({ type: MessageType.ERROR, ...limits });
    expect((await bounced)[0]).toMatchObject(limits);
  });

  test('an error without text, or with another body, is one all the same', async () => {
    const { client, server } = await connectedPair();
    const bodies: [string, unknown[]][] = [
      ['', []],
      ['i', [1]],
      ['si', ['text', 1]],
    ];
    server.onCall = (call) => {
      const [signature, body] = bodies.shift() ?? ['', []];
      server.send({ type: MessageType.ERROR, errorName: 'a.b.Odd', replySerial: call.serial, signature, body });
    };
    for (const message of ['a.b.Odd', 'a.b.Odd', 'text']) {
      await expect(client.call(ECHO)).rejects.toMatchObject({ kind: 'Failed', busName: 'a.b.Odd', message });
    }
  });

  test('an error that cannot be sent as it is is sent as well as can be', async () => {
    const { client, server } = await connectedPair();
    server.onCall = () => {
      throw new HotwireError('Failed', 'a NUL: \0', { busName: 'not a name' });
    };
    await expect(client.call(ECHO)).rejects.toMatchObject({ kind: 'Failed', message: 'a NUL: ␀' });
  });

  test('a listener that throws costs neither the process nor the connection', async () => {
    const defects: unknown[] = [];
    const { client, server } = await connectedPair({ onDefect: (error) => defects.push(error) });
    client.on('signal', () => {
      throw new Error('in the listener');
    });
    server.onCall = (call) => {
      server.send({ ...ECHO, type: MessageType.SIGNAL });
      server.reply(call);
    };
    await client.call(ECHO);
    client.removeAllListeners('signal');
    client.on('signal', async () => {
      throw new Error('in the async listener');
    });
    client.on('close', () => {
      throw new Error('at the close');
    });
    await client.call(ECHO);
    await client.close();
    const messages = ['in the listener', 'in the async listener', 'at the close'];
    expect(defects).toEqual(messages.map((message) => new Error(message)));
  });

  test('a message over the limit that was set is refused, and the connection lives', async () => {
    const { client, server } = await connectedPair({ maxSendBytes: 1000 });
    server.onCall = (call) => server.reply(call);
    const big = { ...ECHO, signature: 's', body: ['x'.repeat(1000)] };
    await expect(client.call(big)).rejects.toMatchObject({ kind: 'LimitExceeded' });
    await client.call(ECHO);
  });

  test('names stand in where there is no bus', async () => {
    const { client, server } = await connectedPair();
    server.localName = ':1.0';
    server.peerName = ':1.1';
    const call = new Promise<IncomingMessage>((resolve) => {
      server.onCall = (message) => {
        server.reply(message);
        resolve(message);
      };
    });
    expect(await client.call(ECHO)).toMatchObject({ sender: ':1.0', destination: ':1.1' });
    expect((await call).sender).toBe(':1.1');
  });
});
