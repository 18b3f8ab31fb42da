// Against the real dbus-daemon: what reference/dbus-next.md, sections 2, 4 and 6, tells of dbus-next must not happen here.
import { once } from 'node:events';
import { Connection, type IncomingMessage, MessageType, openAddress, Variant } from '../../src/wire';
import { startBus } from '../support/bus';
import { run } from '../support/process';
import { within } from '../support/wait';
import { connectToBus, sharedBus } from './support';

const BUS = { destination: 'org.freedesktop.DBus', path: '/org/freedesktop/DBus', interface: 'org.freedesktop.DBus' };
const SIGNAL = { type: MessageType.SIGNAL, path: '/a', interface: 'a.b', member: 'Said' } as const;

test('the bus goes away: the close is told, pending calls end, sending throws', async () => {
  const bus = await startBus();
  const connection = await Connection.connect(await openAddress(bus.address));
  const other = await Connection.connect(await openAddress(bus.address));
  const pending = connection.call({ ...SIGNAL, destination: String(other.uniqueName), member: 'Wait' });
  other.onCall = () => undefined;
  const closed = once(connection, 'close');
  const failed = expect(pending).rejects.toMatchObject({ kind: 'Disconnected' });
  await bus.stop();
  await failed;
  expect((await within(closed, 'the close'))[0]).toMatchObject({ kind: 'Disconnected' });
  expect(() => connection.send(SIGNAL)).toThrow(expect.objectContaining({ kind: 'Disconnected' }));
});

test('a client of another uid is let in', async () => {
  const { address } = await sharedBus();
  const connection = await Connection.connect(await openAddress(address));
  const { body } = await connection.call({
    ...BUS,
    member: 'GetConnectionUnixUser',
    signature: 's',
    body: [connection.uniqueName],
  });
  expect(body).toEqual([process.getuid?.()]);
  await connection.close();
});

test('a callee that dies is NoReply', async () => {
  const [client, service] = [await connectToBus(), await connectToBus()];
  service.onCall = () => service.destroy();
  await expect(client.call({ path: '/', member: 'Do', destination: String(service.uniqueName) })).rejects.toMatchObject(
    {
      kind: 'NoReply',
    },
  );
});

test('a service that replaces another is reached, and reaches itself, after it was probed', async () => {
  const name = 'com.example.Probed';
  const [client, service] = [await connectToBus(), await connectToBus()];
  const ping = { path: '/', interface: 'org.freedesktop.DBus.Peer', member: 'Ping', destination: name };
  await expect(service.call(ping)).rejects.toMatchObject({ kind: 'ServiceUnknown' });
  await service.call({ ...BUS, member: 'RequestName', signature: 'su', body: [name, 4] });
  expect((await client.call(ping)).sender).toBe(service.uniqueName);
});

describe('what the daemon would close the connection for is refused here, and it stays', () => {
  const LIMIT = 67_108_864;
  test.each<[what: string, message: Record<string, unknown>, kind: string]>([
    ['a bad path as a value', { signature: 'o', body: ['no/path'] }, 'InvalidArgs'],
    ['a bad signature as a value', { signature: 'g', body: ['a{s}'] }, 'InvalidArgs'],
    ['a bad member', { member: 'not.one' }, 'InvalidArgs'],
    ['a bad interface', { interface: 'one' }, 'InvalidArgs'],
    ['a bad path', { path: '/a//b' }, 'InvalidArgs'],
    ['a bad unique name', { destination: ':x y' }, 'InvalidArgs'],
    ['a bad dictionary type', { signature: 'a{s}', body: [{}] }, 'InvalidArgs'],
    ['too deep a signature', { signature: `${'a'.repeat(33)}s`, body: [[]] }, 'InvalidArgs'],
    ['a descriptor', { signature: 'h', body: [0] }, 'InvalidArgs'],
    ['a local path', { path: '/org/freedesktop/DBus/Local' }, 'InvalidArgs'],
    ['a local interface', { interface: 'org.freedesktop.DBus.Local' }, 'InvalidArgs'],
    ['a NUL', { signature: 's', body: ['\0'] }, 'InvalidArgs'],
    ['an array over 64 MiB', { signature: 'as', body: [['x'.repeat(LIMIT)]] }, 'LimitExceeded'],
    ['a message over 128 MiB', { signature: 'sss', body: Array(3).fill('x'.repeat(0.7 * LIMIT)) }, 'LimitExceeded'],
  ])('%s', async (_, message, kind) => {
    const connection = await connectToBus();
    expect(() => connection.send({ ...SIGNAL, ...message })).toThrow(expect.objectContaining({ kind }));
    await connection.call({ ...BUS, member: 'GetId' });
    expect(connection.closed).toBe(false);
    await connection.close();
  });

  test('texts with lone surrogates pass, as U+FFFD', async () => {
    const [sender, receiver] = [await connectToBus(), await connectToBus()];
    const signal = new Promise<IncomingMessage>((resolve) => {
      receiver.on('signal', (message) => message.member === SIGNAL.member && resolve(message));
    });
    sender.send({
      ...SIGNAL,
      destination: String(receiver.uniqueName),
      signature: 'sas',
      body: ['\ud800', ['x\udc00']],
    });
    expect((await signal).body).toEqual(['\ufffd', ['x\ufffd']]);
  });

  test('the types that we use, and one message sent twice', async () => {
    const [sender, receiver] = [await connectToBus(), await connectToBus()];
    const seen: IncomingMessage[] = [];
    receiver.on('signal', (signal) => signal.member === SIGNAL.member && seen.push(signal));
    const body = [1, 2, true, 1.5, -5n, 5n, ['a'], { a: new Variant('v', new Variant('i', 1)) }, [['c', ['1']]]];
    const message = { ...SIGNAL, destination: String(receiver.uniqueName), signature: 'iubdxtasa{sv}a(sas)', body };
    sender.send(message);
    sender.send(message);
    await sender.call({
      ...BUS,
      destination: String(receiver.uniqueName),
      interface: 'org.freedesktop.DBus.Peer',
      member: 'Ping',
    });
    const json = (value: unknown) => JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? `${item}` : item));
    expect(seen.map((signal) => json(signal.body))).toEqual([json(body), json(body)]);
  });
});

test('a signal that the bus drops is told', async () => {
  const bus = await startBus({ limits: { max_outgoing_bytes: 1_000_000 } });
  const [sender, receiver] = await Promise.all(
    [0, 1].map(async () => Connection.connect(await openAddress(bus.address))),
  );
  if (!sender || !receiver) throw new Error('not connected');
  receiver.pauseReading();
  const bounced = once(sender, 'bounced');
  const serials = new Set<number>();
  const destination = String(receiver.uniqueName);
  for (let count = 0; count < 60; count++) {
    await sender.drained();
    serials.add(sender.send({ ...SIGNAL, destination, signature: 's', body: ['x'.repeat(100_000)] }));
  }
  const [error] = (await within(bounced, 'the error')) as [IncomingMessage];
  expect(error.errorName).toBe('org.freedesktop.DBus.Error.LimitsExceeded');
  expect(serials.has(error.replySerial ?? 0)).toBe(true);
  await Promise.all([sender.destroy(), receiver.destroy()]);
});

test('a hostile descriptor signal through the real bus harms nobody', async () => {
  const receiver = await connectToBus();
  const defects: unknown[] = [];
  receiver.on('signal', (signal) => defects.push(signal.signature));
  const program = `
import dbus, sys
bus = dbus.bus.BusConnection(sys.argv[1])
message = dbus.lowlevel.SignalMessage('/a', 'a.b', 'Said')
message.set_destination(sys.argv[2])
message.append(dbus.types.UnixFd(0), signature='h')
bus.send_message(message)
bus.flush()
`;
  const { address } = await sharedBus();
  const { stderr } = await run('/usr/bin/python3', ['-c', program, address, String(receiver.uniqueName)]);
  // The daemon itself passes no descriptor to a client that did not ask for them.
  expect(stderr).toBe('');
  await receiver.call({ ...BUS, member: 'GetId' });
  expect(receiver.closed).toBe(false);
});

test('a closed connection lets its process end', async () => {
  const { address } = await sharedBus();
  const connection = await Connection.connect(await openAddress(address));
  const closed = once(connection, 'close');
  await connection.close();
  expect(await closed).toEqual([undefined]);
});
