// Far ends that do not answer, or not as they should, played by the test over a connection in memory.
import type { RunOptions } from '../../src/client/api';
import { RemoteDomain } from '../../src/client/remote-domain';
import { LINK_PATIENCE_MS, Silence } from '../../src/client/silence';
import { SlaveLink } from '../../src/client/slave-link';
import { SlaveProxy } from '../../src/client/slave-proxy';
import { BUS_NAME, INTERFACE, OBJECT_PATH } from '../../src/contract';
import { findSlaveAt } from '../../src/domains/open';
import { HotwireError } from '../../src/errors';
import { Connection, type IncomingMessage, MessageType, streamPair, Variant } from '../../src/wire';
import { onCleanup } from '../support/cleanup';
import { within } from '../support/wait';

const ID = 1_000_007;
const DETACHED = 7;
const NAME = ':1.0';
/** A method's answer: signature and values; undefined: none. */
type Answer = readonly [signature: string, ...values: unknown[]] | undefined;

const INFO = {
  ...{ id: new Variant('i', DETACHED), text: new Variant('s', 'x'), state: new Variant('s', 'executing') },
  ...{ detached: new Variant('b', true), completed: new Variant('d', 0), error: new Variant('s', '') },
};
const USUAL: Readonly<Record<string, Answer>> = {
  RunPipelineWithOptions: ['i', ID],
  GetPipeline: ['a{sv}', INFO],
  GetContext: ['a{sv}', {}],
};

async function play(answers: Readonly<Record<string, Answer>> = {}, lost?: Promise<HotwireError>) {
  const [near, far] = streamPair();
  const [slave, connection] = await Promise.all([Connection.accept(far), Connection.connect(near, { hello: false })]);
  onCleanup(() => connection.destroy());
  slave.localName = NAME;
  const calls: string[] = [];
  slave.onCall = (call: IncomingMessage) => {
    const member = call.member ?? '';
    calls.push(member);
    const given = { ...USUAL, ...answers };
    const answer: Answer = member in given ? given[member] : [''];
    if (answer !== undefined) slave.reply(call, answer[0], answer.slice(1));
  };
  const left: boolean[] = [];
  const link = new SlaveLink({ connection, slave: NAME, ended: 'the slave has ended', ...(lost && { lost }) });
  const leave = async (cut: boolean) => {
    left.push(cut);
    await link.close(cut);
  };
  const open = (address: string, alone: boolean) =>
    new RemoteDomain({ address, version: '1', link, ...(alone ? { leave } : { left: leave }) });
  const signal = (member: string, signature: string, body: unknown[]) =>
    slave.send({ type: MessageType.SIGNAL, path: OBJECT_PATH, interface: INTERFACE, member, signature, body });
  return { slave, connection, open, calls, left, signal };
}

describe('an answer that the contract does not know', () => {
  // The number of the pipeline was a text: its end was waited for without end.
  test('to a call: both signatures are named', async () => {
    const { open } = await play({ RunPipelineWithOptions: ['s', 'x'] });
    await expect(open('', true).run('x')).rejects.toMatchObject({
      kind: 'Domain.VersionMismatch',
      message: expect.stringMatching(/^RunPipelineWithOptions was answered with 's', which has to be 'i'; .*install/),
    });
  });

  // "Cannot read properties of undefined (reading 'Features')".
  test.each([
    ['', []],
    ['u', [7]],
  ])("to the question who it is, '%s'", async (signature, values) => {
    const { connection } = await play({ GetAll: [signature, ...values] });
    await expect(findSlaveAt(connection)).rejects.toMatchObject({
      kind: 'Domain.VersionMismatch',
      message: expect.stringContaining(`GetAll was answered with '${signature}', which has to be 'a{sv}'`),
    });
  });
});

test('one question tells who a slave is, and its version', async () => {
  const properties = { Version: new Variant('s', '0.9'), Features: new Variant('as', ['domains']) };
  const { connection, calls } = await play({ GetAll: ['a{sv}', properties] });
  const found = await findSlaveAt(connection, { destination: BUS_NAME });
  expect(found).toEqual({ slave: NAME, version: '0.9', features: ['domains'] });
  expect(calls).toEqual(['GetAll']);
});

describe('the connector tells why the link ended', () => {
  test('that is what its pipelines fail with, once', async () => {
    let tell: (reason: HotwireError) => void = () => undefined;
    const lost = new Promise<HotwireError>((resolve) => (tell = resolve));
    const { slave, open } = await play({}, lost);
    const domain = open('exec:x', true);
    const closes: unknown[] = [];
    domain.on('close', (error) => closes.push(error));
    const pipeline = await domain.run('x');
    slave.destroy();
    const reason = new HotwireError('Domain.Closed', 'exec:x: the connection has ended: it was ended by SIGKILL');
    tell(reason);
    expect(await pipeline.finished).toBe('exception');
    expect(pipeline.exception).toBe(reason);
    expect(closes).toEqual([reason]);
    await domain.close();
    expect(closes).toHaveLength(1);
  });
});

describe('a far end that falls silent', () => {
  /** Of a domain where a pipeline runs. */
  async function silenced(alone: boolean, options: RunOptions = {}) {
    const played = await play();
    const domain = played.open('ssh:web1', alone);
    const pipeline = await domain.run('x', options);
    played.slave.pauseReading();
    return { ...played, domain, pipeline };
  }

  // Released with 25 s for each call, and then the far process was waited for.
  test.each([true, false])('a domain is left all the same, and its link is cut (alone: %s)', async (alone) => {
    const { domain, pipeline, left } = await silenced(alone);
    await within(domain.close(), 'the end of the domain', 2 * LINK_PATIENCE_MS);
    expect(left).toEqual([true]);
    expect(pipeline.state).toBe('exception');
  });

  // 25 s, and then the pipeline went on all the same.
  test('a pipeline whose signal aborts is given up, by the name of the domain; leaving then waits no more', async () => {
    const abort = new AbortController();
    const { domain, pipeline, left } = await silenced(true, { signal: abort.signal });
    abort.abort();
    const cancelling = pipeline.cancel();
    expect(await within(pipeline.finished, 'the end', 2 * LINK_PATIENCE_MS)).toBe('exception');
    await cancelling;
    expect(pipeline.exception).toMatchObject({
      kind: 'Domain.TimedOut',
      message: expect.stringMatching(/^ssh:web1 did not answer within 3 s/),
    });
    await within(domain.close(), 'the end of the domain', LINK_PATIENCE_MS / 2);
    expect(left).toEqual([true]);
  });

  test('one that answers, but takes its time to release, is not cut', async () => {
    const { open, left } = await play({ ReleasePipeline: undefined });
    const domain = open('', true);
    await domain.run('x');
    await within(domain.close(), 'the end of the domain', 2 * LINK_PATIENCE_MS);
    expect(left).toEqual([false]);
  });

  test('one that still sends is not silent: its answer is behind what it sends', async () => {
    const { connection } = await play({ GetContext: undefined });
    const silence = new Silence(new SlaveProxy(connection, NAME));
    const asking = silence.ask();
    silence.heard();
    expect(await asking).toBe(false);
    expect(await silence.ask()).toBe(true);
    silence.heard();
    expect(silence.found).toBe(false);
  });
});

// It was released, which cancels it, where others shared the link.
test('a detached pipeline goes on when its domain is left', async () => {
  const { open, calls } = await play();
  const domain = open('', false);
  await domain.attach(DETACHED);
  await domain.close();
  expect(calls.filter((name) => name !== 'GetContext')).toEqual([
    ...['GetPipeline', 'AttachPipeline', 'AcknowledgeObjects', 'AttachPipeline', 'AttachPipeline'],
  ]);
});
