// Domains as objects of a slave: any number of its clients, real slaves behind it.
import { INTERFACE, OBJECT_PATH } from '../../src/contract';
import { HotwireError } from '../../src/errors';
import {
  type Connection,
  decodeObjects,
  encodeAround,
  type IncomingMessage,
  MessageType,
  Variant,
} from '../../src/wire';
import { type ServedClients, serveClients, UID } from '../slave/support';
import { waitFor } from '../support/wait';
import { memoryDomains } from './support';

const [ANN, BOB] = [':1.1', ':1.7'];

async function serve(options?: { idleMs?: number }) {
  const { peers, domains } = memoryDomains(options);
  const head = await serveClients({ domains });
  const open = async (client: string, address: string) =>
    (await head.call(client, 'OpenDomain', address, {}))[0] as string;
  return { ...head, head, peers, domains, open };
}

const of = ({ signals }: Pick<ServedClients, 'signals'>, client: string, path?: string) =>
  signals.filter(({ destination, path: from }) => destination === client && (path === undefined || from === path));

const told = (signals: readonly IncomingMessage[]) => signals.map(({ member, body }) => [member, ...body]);

const stateOf = (signals: readonly IncomingMessage[], id: number) =>
  signals.filter(({ member, body }) => member === 'PipelineStateChanged' && body[0] === id).at(-1)?.body[1];

const objectsOf = (signals: readonly IncomingMessage[]) =>
  signals.filter(({ member }) => member === 'PipelineObjects').flatMap((signal) => decodeObjects(signal).objects);

test('a pipeline in a domain is one at its path, and its signals come from there, in order', async () => {
  const { head, open, callAt, peers } = await serve();
  const path = await open(ANN, 'ssh:web1');
  expect(path).toMatch(/^\/org\/hotwireshell\/Slave1\/domains\/ssh_web1_\d+$/);
  const [id] = (await callAt(path, ANN, 'RunPipeline', `js-eval '[1, 2, 3]' | iter`)) as [number];
  await waitFor(() => stateOf(of(head, ANN), id) === 'complete', 'the end');
  expect(told(of(head, ANN, path))).toEqual([
    ['PipelineStateChanged', id, 'executing'],
    ['PipelineObjects', id, 'number', ['1', '2', '3']],
    ['PipelineStateChanged', id, 'complete'],
  ]);
  expect(of(head, ANN)).toHaveLength(3);
  const [context] = (await callAt(path, ANN, 'GetContext')) as [Record<string, Variant>];
  expect(context.cwd?.value).toBe('/');
  const [info] = (await callAt(path, ANN, 'GetPipeline', id)) as [Record<string, Variant>];
  expect(info.owner?.value).toBe(ANN);
  expect(peers).toHaveLength(1);
});

test('two clients share one connection and see nothing of each other', async () => {
  const { head, open, callAt, peers } = await serve();
  const [path, same] = await Promise.all([open(ANN, 'ssh:web1'), open(BOB, 'ssh:web1')]);
  expect([same, peers.length]).toEqual([path, 1]);
  await callAt(path, ANN, 'ChangeDirectory', '/tmp');
  const [id] = (await callAt(path, ANN, 'RunPipeline', 'sys sleep 100')) as [number];
  await waitFor(() => stateOf(of(head, ANN), id) === 'executing', 'the start');
  const [context] = (await callAt(path, BOB, 'GetContext')) as [Record<string, Variant>];
  expect(context.cwd?.value).toBe('/');
  expect(await callAt(path, BOB, 'ListPipelines')).toEqual([[]]);
  await expect(callAt(path, BOB, 'CancelPipeline', id)).rejects.toMatchObject({ kind: 'AccessDenied' });
  expect(of(head, BOB)).toEqual([]);
  head.service.forget(BOB);
  await callAt(path, ANN, 'CancelPipeline', id);
  expect(stateOf(of(head, ANN), id)).toBe('cancelled');
});

test('what a client has there ends when it leaves', async () => {
  const { head, open, callAt, peers } = await serve();
  const path = await open(ANN, 'ssh:web1');
  await open(BOB, 'ssh:web1');
  const [id] = (await callAt(path, ANN, 'RunPipeline', 'sys sleep 100')) as [number];
  await waitFor(() => stateOf(of(head, ANN), id) === 'executing', 'the start');
  head.service.forget(ANN);
  await waitFor(() => peers[0]?.service.idle === true, 'the far slave to forget it');
  expect(peers[0]?.closed).toBe(false);
  const [list] = (await callAt(path, BOB, 'ListPipelines')) as [unknown[]];
  expect(list).toEqual([]);
});

test('errors come back as the far slave tells them', async () => {
  const { open, callAt, bus } = await serve();
  const path = await open(ANN, 'ssh:web1');
  await expect(callAt(path, ANN, 'RunPipeline', 'nosuchthing')).rejects.toMatchObject({ kind: 'Parse' });
  await expect(callAt(path, ANN, 'CancelPipeline', 12345678)).rejects.toMatchObject({ kind: 'NoSuchPipeline' });
  const wrong = { sender: ANN, path, interface: INTERFACE, member: 'RunPipeline', signature: 'i', body: [1] };
  await expect(bus.call(wrong)).rejects.toMatchObject({ kind: 'InvalidArgs' });
  await expect(bus.call({ ...wrong, member: 'Nothing' })).rejects.toMatchObject({ kind: 'UnknownMethod' });
  await expect(bus.call({ ...wrong, interface: 'a.b' })).rejects.toMatchObject({ kind: 'UnknownInterface' });
});

describe('addresses', () => {
  test.each([
    ['nonsense', /no scheme/],
    ['ssh:', /has to follow/],
    ['ssh:a/', /no scheme/],
    ['local:x', /nothing follows/],
    [Array(9).fill('ssh:a').join('/'), /over 8 steps/],
  ])('%j is refused', async (address, message) => {
    const { open } = await serve();
    await expect(open(ANN, address)).rejects.toMatchObject({
      kind: 'Domain.BadAddress',
      message: expect.stringMatching(message),
    });
  });

  test('no step, and local:, are the slave itself', async () => {
    const { open } = await serve();
    expect([await open(ANN, ''), await open(ANN, 'local:')]).toEqual([OBJECT_PATH, OBJECT_PATH]);
  });

  test('a host that is not there is told by its own error, and asked for anew', async () => {
    const { open, call } = await serve();
    for (const address of ['ssh:nowhere', 'ssh:web1/ssh:nowhere', 'ssh:nowhere']) {
      await expect(open(ANN, address)).rejects.toMatchObject({ kind: 'Domain.UnknownHost' });
    }
    const [list] = (await call(ANN, 'ListDomains')) as [Record<string, Variant>[]];
    expect(list).toEqual([]);
  });

  test('an unknown option is named', async () => {
    const { call } = await serve();
    const options = { colour: { signature: 's', value: 'red' } };
    await expect(call(ANN, 'OpenDomain', 'ssh:a', options)).rejects.toMatchObject({
      kind: 'InvalidArgs',
      message: expect.stringContaining("'colour'"),
    });
  });
});

describe('a domain within a domain', () => {
  test('is an object here, and works as any other', async () => {
    const { head, open, callAt, call, peers } = await serve();
    const path = await open(ANN, 'ssh:a/sudo:b');
    const [id] = (await callAt(path, ANN, 'RunPipeline', `js-eval '[1]' | iter | js-map 'it + 1'`)) as [number];
    await waitFor(() => stateOf(of(head, ANN), id) === 'complete', 'the end');
    expect(objectsOf(of(head, ANN, path))).toEqual([2]);
    expect(peers.map(({ address }) => address)).toEqual(['ssh:a', 'sudo:b']);
    const outer = await open(BOB, 'ssh:a');
    expect(await open(BOB, 'ssh:a/sudo:b')).toBe(path);
    const [list] = (await call(BOB, 'ListDomains')) as [Record<string, Variant>[]];
    expect(list.map(({ address, path: at, pipelines }) => [address?.value, at?.value, pipelines?.value])).toEqual([
      ['ssh:a/sudo:b', path, 0],
      ['ssh:a', outer, 0],
    ]);
  });

  test('may be opened at the object of the outer one', async () => {
    const { open, callAt } = await serve();
    const outer = await open(ANN, 'ssh:a');
    const [path] = (await callAt(outer, ANN, 'OpenDomain', 'sudo:b', {})) as [string];
    expect(path).toBe(await open(ANN, 'ssh:a/sudo:b'));
  });

  test('that ends is told to those who have it open, and to nobody else', async () => {
    const { head, open, callAt, peers } = await serve();
    const path = await open(ANN, 'ssh:a/sudo:b');
    await open(BOB, 'ssh:a');
    const [id] = (await callAt(path, ANN, 'RunPipeline', 'sys sleep 100')) as [number];
    peers[1]?.cut('sudo was killed');
    await waitFor(() => of(head, ANN).some(({ member }) => member === 'DomainClosed'), 'the news');
    expect(told(of(head, ANN)).slice(-3)).toEqual([
      ['PipelineException', id, expect.stringContaining('sudo was killed')],
      ['PipelineStateChanged', id, 'exception'],
      ['DomainClosed', path, expect.stringContaining('sudo was killed')],
    ]);
    expect(of(head, BOB)).toEqual([]);
    await expect(callAt(path, ANN, 'GetContext')).rejects.toMatchObject({ kind: 'UnknownObject' });
    expect(await open(ANN, 'ssh:a/sudo:b')).not.toBe(path);
  });
});

describe('the end of a link', () => {
  test('ends its pipelines in exception, answers what waits, and closes the domain', async () => {
    const { head, open, callAt, peers, call } = await serve();
    const path = await open(ANN, 'ssh:web1');
    await open(BOB, 'ssh:web1');
    const [id] = (await callAt(path, ANN, 'RunPipeline', 'sys sleep 100')) as [number];
    const waiting = callAt(path, ANN, 'Evaluate', 'sys sleep 100', {});
    await callAt(path, ANN, 'GetContext');
    peers[0]?.cut('Connection reset by peer');
    await expect(waiting).rejects.toMatchObject({
      kind: 'Domain.Closed',
      message: 'ssh:web1: Connection reset by peer',
    });
    await waitFor(() => of(head, BOB).length > 0, 'the news');
    expect(told(of(head, ANN)).slice(-3)).toEqual([
      ['PipelineException', id, 'ssh:web1: Connection reset by peer\norg.hotwireshell.Error.Domain.Closed\n'],
      ['PipelineStateChanged', id, 'exception'],
      ['DomainClosed', path, 'ssh:web1: Connection reset by peer'],
    ]);
    expect(told(of(head, BOB))).toEqual([['DomainClosed', path, 'ssh:web1: Connection reset by peer']]);
    expect(await call(ANN, 'ListDomains')).toEqual([[]]);
    await expect(callAt(path, ANN, 'GetContext')).rejects.toMatchObject({ kind: 'UnknownObject' });
    await open(ANN, 'ssh:web1');
    expect(peers).toHaveLength(2);
  });

  test('leaves finished pipelines as they are', async () => {
    const { head, open, callAt, peers } = await serve();
    const path = await open(ANN, 'ssh:web1');
    const [id] = (await callAt(path, ANN, 'RunPipeline', `js-eval '1'`)) as [number];
    await waitFor(() => stateOf(of(head, ANN), id) === 'complete', 'the end');
    peers[0]?.cut('gone');
    await waitFor(() => of(head, ANN).at(-1)?.member === 'DomainClosed', 'the news');
    expect(told(of(head, ANN)).slice(-2)).toEqual([
      ['PipelineStateChanged', id, 'complete'],
      ['DomainClosed', path, 'ssh:web1: gone'],
    ]);
  });
});

describe('CloseDomain', () => {
  test('ends what its caller has there, and the connection with the last', async () => {
    const { head, open, call, callAt, peers } = await serve();
    const path = await open(ANN, 'ssh:web1');
    await open(BOB, 'ssh:web1');
    const [mine] = (await callAt(path, ANN, 'RunPipeline', 'sys sleep 100')) as [number];
    const [other] = (await callAt(path, BOB, 'RunPipeline', 'sys sleep 100')) as [number];
    await call(ANN, 'CloseDomain', path);
    expect(told(of(head, ANN)).slice(-3)).toEqual([
      ['PipelineException', mine, 'you closed ssh:web1\norg.hotwireshell.Error.Domain.Closed\n'],
      ['PipelineStateChanged', mine, 'exception'],
      ['DomainClosed', path, 'you closed ssh:web1'],
    ]);
    expect(peers[0]?.closed).toBe(false);
    expect(stateOf(of(head, BOB), other)).toBe('executing');
    await call(BOB, 'CloseDomain', path);
    expect(peers[0]?.closed).toBe(true);
    await expect(call(BOB, 'CloseDomain', path)).rejects.toMatchObject({ kind: 'UnknownObject' });
  });

  test('of the inner one leaves the outer one', async () => {
    const { open, call, callAt, peers } = await serve();
    const inner = await open(ANN, 'ssh:a/sudo:b');
    const outer = await open(ANN, 'ssh:a');
    await call(ANN, 'CloseDomain', inner);
    await waitFor(() => peers[1]?.closed === true, 'the inner peer to close');
    await callAt(outer, ANN, 'GetContext');
    expect(peers[0]?.closed).toBe(false);
  });

  test('of the outer one leaves the inner one', async () => {
    const { head, open, call, callAt, peers } = await serve();
    const inner = await open(ANN, 'ssh:a/sudo:b');
    const outer = await open(ANN, 'ssh:a');
    const [id] = (await callAt(outer, ANN, 'RunPipeline', 'sys sleep 100')) as [number];
    await call(ANN, 'CloseDomain', outer);
    expect(stateOf(of(head, ANN, outer), id)).toBe('exception');
    await callAt(inner, ANN, 'GetContext');
    expect(peers.map(({ closed }) => closed)).toEqual([false, false]);
  });
});

test('a domain that nobody uses closes after a while, a nested one too', async () => {
  const { head, open, peers, call } = await serve({ idleMs: 30 });
  await open(ANN, 'ssh:a/sudo:b');
  await open(BOB, 'ssh:a');
  head.service.forget(ANN);
  await waitFor(() => peers[1]?.closed === true, 'the inner one to close');
  expect(peers[0]?.closed).toBe(false);
  head.service.forget(BOB);
  await waitFor(() => peers[0]?.closed === true, 'the outer one to close');
  expect(await call(BOB, 'ListDomains')).toEqual([[]]);
});

test('the end of the slave ends its domains', async () => {
  const { open, domains, peers, head } = await serve();
  const path = await open(ANN, 'ssh:a/sudo:b');
  await domains.end(new HotwireError('Domain.Closed', 'the slave was ended'));
  await waitFor(() => peers.every(({ closed }) => closed), 'the links to close');
  expect(told(of(head, ANN))).toEqual([['DomainClosed', path, 'the slave was ended']]);
});

test('the object of a domain describes itself, and tells the version there', async () => {
  const { open, bus } = await serve();
  const path = await open(ANN, 'ssh:a');
  const properties = { sender: ANN, path, interface: 'org.freedesktop.DBus.Properties' };
  const { body } = await bus.call({ ...properties, member: 'GetAll', signature: 's', body: [INTERFACE] });
  expect(body[0]).toMatchObject({ Version: { value: expect.any(String) }, Features: { value: ['domains'] } });
  const set = {
    ...properties,
    member: 'Set',
    signature: 'ssv',
    body: [INTERFACE, 'Version', new Variant('s', '')],
  };
  await expect(bus.call(set)).rejects.toMatchObject({ kind: 'PropertyReadOnly' });
  const introspect = { ...properties, interface: 'org.freedesktop.DBus.Introspectable', member: 'Introspect' };
  expect((await bus.call(introspect)).body[0]).toContain('interface name="org.hotwireshell.Slave1"');
  await expect(bus.call({ ...introspect, path: `${path}x` })).rejects.toMatchObject({ kind: 'UnknownObject' });
  await bus.call({ ...properties, interface: 'org.freedesktop.DBus.Peer', member: 'Ping' });
});

describe('pacing', () => {
  test('a client that answers no Ping pauses its far pipeline, and nobody else is held up', async () => {
    const { head, open, callAt, bus, peers } = await serve();
    const path = await open(ANN, 'ssh:a/sudo:b');
    await open(BOB, 'ssh:a/sudo:b');
    const held: IncomingMessage[] = [];
    bus.onCall = (call) => {
      if (call.destination === ANN) held.push(call);
      else bus.reply(call);
    };
    const text = 'sys seq 1 3000000';
    const [id] = (await callAt(path, ANN, 'RunPipeline', text)) as [number];
    await waitFor(() => held.length > 0, 'the first Ping');
    const [other] = (await callAt(path, BOB, 'RunPipeline', 'sys seq 1 300000')) as [number];
    await waitFor(() => stateOf(of(head, BOB), other) === 'complete', 'the other one to end');
    const bytes = () => of(head, ANN).reduce((sum, { size }) => sum + size, 0);
    expect(bytes()).toBeLessThan(8 * 1024 * 1024);
    expect(stateOf(of(head, ANN), id)).toBe('executing');
    bus.onCall = (call) => bus.reply(call);
    for (const call of held) bus.reply(call);
    await waitFor(() => stateOf(of(head, ANN), id) === 'complete', 'the end');
    expect(objectsOf(of(head, ANN))).toHaveLength(3_000_000);
    expect(peers).toHaveLength(2);
  });
});

describe('what the far slave asks', () => {
  async function ask(call: Record<string, unknown>) {
    const { open, peers } = await serve();
    await open(ANN, 'ssh:a');
    const far = peers[0] as (typeof peers)[number];
    const bus = {
      destination: 'org.freedesktop.DBus',
      path: '/org/freedesktop/DBus',
      interface: 'org.freedesktop.DBus',
    };
    return (await far.connection.call({ ...bus, member: '', ...call })).body[0];
  }

  test.each([
    ['NameHasOwner', ANN, true],
    ['NameHasOwner', BOB, false],
    ['GetNameOwner', ANN, ANN],
    ['GetConnectionUnixUser', ANN, UID],
    ['GetConnectionCredentials', ANN, { UnixUserID: { signature: 'u', value: UID } }],
  ])('%s of %s is answered as by a bus', async (member, name, answer) => {
    expect(await ask({ member, signature: 's', body: [name] })).toEqual(answer);
  });

  test.each([
    ['a client that is not there', { member: 'GetNameOwner', signature: 's', body: [BOB] }, 'NameHasNoOwner'],
    ['what a relay does not know', { member: 'RequestName', signature: 'su', body: ['a.b', 0] }, 'UnknownMethod'],
    ['anything else of a client', { destination: ANN, interface: 'a.b', member: 'Do' }, 'AccessDenied'],
    [
      'a Ping of nobody',
      { destination: BOB, interface: 'org.freedesktop.DBus.Peer', member: 'Ping' },
      'ServiceUnknown',
    ],
  ])('%s is refused', async (_, call, kind) => {
    await expect(ask(call)).rejects.toMatchObject({ kind });
  });
});

describe('a far slave that sends what no bus accepts', () => {
  const BAD_TEXT = Buffer.from([1, 0, 0, 0, 0xff, 0]);

  // It used to be passed on, and the bus cut off the whole slave, with everybody's work.
  test('in a signal: it costs that pipeline alone', async () => {
    const { head, open, callAt, peers } = await serve();
    const path = await open(ANN, 'ssh:a');
    const [id] = (await callAt(path, ANN, 'RunPipeline', 'sys sleep 100')) as [number];
    const [other] = (await callAt(await open(BOB, 'ssh:a'), BOB, 'RunPipeline', 'sys sleep 100')) as [number];
    await waitFor(() => stateOf(of(head, BOB), other) === 'executing', 'the start');
    const signal = {
      type: MessageType.SIGNAL,
      path: OBJECT_PATH,
      interface: INTERFACE,
      sender: ':1.0',
      destination: ANN,
    };
    const number = Buffer.alloc(4);
    number.writeInt32LE(id);
    const body = Buffer.concat([number, BAD_TEXT]);
    const bad = { ...signal, member: 'PipelineException', signature: 'is' };
    peers[0]?.connection.sendBytes((serial) => encodeAround(bad, body, serial));
    await waitFor(() => stateOf(of(head, ANN), id) === 'exception', 'the end');
    expect(told(of(head, ANN)).slice(-2)).toEqual([
      ['PipelineException', id, expect.stringContaining('malformed')],
      ['PipelineStateChanged', id, 'exception'],
    ]);
    const [left] = (await callAt(path, ANN, 'ListPipelines')) as [unknown[]];
    expect(left).toEqual([]);
    expect(stateOf(of(head, BOB), other)).toBe('executing');
  });

  test('in a reply: it is an error', async () => {
    const { open, callAt, peers } = await serve();
    const path = await open(ANN, 'ssh:a');
    const far = peers[0]?.connection as Connection;
    far.onCall = (call) => {
      const reply = { type: MessageType.METHOD_RETURN, replySerial: call.serial, sender: ':1.0', destination: ANN };
      far.sendBytes((serial) => encodeAround({ ...reply, signature: 's' }, BAD_TEXT, serial));
    };
    await expect(callAt(path, ANN, 'ChangeDirectory', '/')).rejects.toMatchObject({ kind: 'InvalidArgs' });
  });

  test('a domain behind it that ends, as another type', async () => {
    const { head, open, callAt, peers } = await serve();
    const path = await open(ANN, 'ssh:a');
    const signal = {
      type: MessageType.SIGNAL,
      path: OBJECT_PATH,
      interface: INTERFACE,
      sender: ':1.0',
      destination: ANN,
    };
    peers[0]?.connection.send({ ...signal, member: 'DomainClosed', signature: 'ou', body: [OBJECT_PATH, 7] });
    peers[0]?.connection.send({
      ...signal,
      member: 'DomainClosed',
      signature: 'os',
      body: [OBJECT_PATH, 'so it says'],
    });
    await callAt(path, ANN, 'GetContext');
    expect(of(head, ANN)).toEqual([]);
  });
});

describe('a client comes and goes', () => {
  test('a domain that could not be opened leaves nothing of it at the slave before', async () => {
    const { open, peers } = await serve();
    await expect(open(ANN, 'ssh:a/ssh:nowhere')).rejects.toMatchObject({ kind: 'Domain.UnknownHost' });
    await waitFor(() => peers[0]?.service.idle === true, 'the far slave to forget it');
  });

  test('what is opened while the last is closed is there', async () => {
    const { head, open, call, callAt } = await serve();
    const inner = await open(ANN, 'ssh:a/sudo:b');
    const closing = call(ANN, 'CloseDomain', inner);
    const outer = await open(ANN, 'ssh:a');
    const [id] = (await callAt(outer, ANN, 'RunPipeline', 'js-eval 1')) as [number];
    await closing;
    await waitFor(() => stateOf(of(head, ANN), id) === 'complete', 'the end');
  });

  test('a pipeline that starts as its domain is closed is ended, and told so', async () => {
    const { head, open, call, callAt } = await serve();
    const path = await open(ANN, 'ssh:a');
    await open(ANN, 'ssh:a/sudo:b'); // so that it is not the end of all that it has there
    const starting = callAt(path, ANN, 'RunPipeline', 'sys sleep 100');
    const closing = call(ANN, 'CloseDomain', path);
    const [[id]] = (await Promise.all([starting, closing])) as [[number], unknown];
    await waitFor(() => stateOf(of(head, ANN), id) === 'exception', 'the end');
    const again = await open(ANN, 'ssh:a');
    await waitFor(async () => {
      const [list] = (await callAt(again, ANN, 'ListPipelines')) as [unknown[]];
      return list.length === 0;
    }, 'the far slave to release it');
  });

  test('the end of a pipeline comes once, though its domain is closed and opened again', async () => {
    const { head, open, call, callAt } = await serve();
    const path = await open(ANN, 'ssh:a');
    await open(ANN, 'ssh:a/sudo:b');
    const [id] = (await callAt(path, ANN, 'RunPipeline', 'sys sleep 100')) as [number];
    const closing = call(ANN, 'CloseDomain', path);
    const again = await open(ANN, 'ssh:a');
    await closing;
    await callAt(again, ANN, 'GetContext');
    const states = of(head, ANN).filter(({ member, body }) => member === 'PipelineStateChanged' && body[0] === id);
    expect(states.map(({ body }) => body[1])).toEqual(['executing', 'exception']);
  });

  test('a domain that has ended is listed no more', async () => {
    const { head, open, call, peers } = await serve();
    await open(ANN, 'ssh:a/sudo:b');
    peers[1]?.cut('gone');
    await waitFor(() => of(head, ANN).some(({ member }) => member === 'DomainClosed'), 'the news');
    expect(await call(ANN, 'ListDomains')).toEqual([[]]);
  });
});

test('a client that answers nothing has only so many Pings of one peer to answer', async () => {
  const { open, bus, peers } = await serve();
  await open(ANN, 'ssh:a');
  const held: IncomingMessage[] = [];
  bus.onCall = (call) => void held.push(call);
  const ping = { destination: ANN, path: '/', interface: 'org.freedesktop.DBus.Peer', member: 'Ping' };
  const far = peers[0]?.connection as Connection;
  const all = Array.from({ length: 20 }, () => far.call(ping));
  const refused = all.slice(4).map((one) => expect(one).rejects.toMatchObject({ kind: 'BusLimits' }));
  await Promise.all(refused);
  expect(held).toHaveLength(4);
  for (const call of held) bus.reply(call);
  await Promise.all(all.slice(0, 4));
  await expect(far.call({ ...ping, signature: 's', body: ['x'] })).rejects.toMatchObject({ kind: 'AccessDenied' });
});

test('a call for a domain that is not there finds none', async () => {
  const { callAt } = await serve();
  const nowhere = callAt(`${OBJECT_PATH}/domains/ssh_a_1`, ANN, 'GetContext');
  await expect(nowhere).rejects.toMatchObject({ kind: 'UnknownObject' });
});
