// A domain whose slave is played by the test, over a connection in memory.
import { RemoteDomain } from '../../src/client/remote-domain';
import { SlaveLink } from '../../src/client/slave-link';
import { BUS_NAME, INTERFACE, OBJECT_PATH } from '../../src/contract';
import { HotwireError } from '../../src/errors';
import { Connection, type IncomingMessage, MessageType, streamPair } from '../../src/wire';

const ID = 7;

async function play() {
  const [near, far] = streamPair();
  const defects: unknown[] = [];
  const [slave, connection] = await Promise.all([
    Connection.accept(far),
    Connection.connect(near, { hello: false, onDefect: (error) => defects.push(error) }),
  ]);
  const calls: string[] = [];
  slave.onCall = (call: IncomingMessage) => {
    calls.push(call.member ?? '');
    if (call.member === 'RunPipelineWithOptions') slave.reply(call, 'i', [ID]);
    else slave.reply(call);
  };
  const signal = (member: string, signature: string, body: unknown[]) =>
    slave.send({ type: MessageType.SIGNAL, path: OBJECT_PATH, interface: INTERFACE, member, signature, body });
  const state = (name: string) => signal('PipelineStateChanged', 'is', [ID, name]);
  const link = new SlaveLink({ connection, slave: BUS_NAME, ended: 'the slave has ended' });
  const domain = new RemoteDomain({ address: '', version: '1', link, leave: () => link.close() });
  const closes: unknown[] = [];
  domain.on('close', (error) => closes.push(error));
  return { slave, connection, link, domain, signal, state, calls, defects, closes };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('the end of the slave', () => {
  // `close` used to come twice, and the words were those of the connection alone.
  test('is told once, by what has ended and why', async () => {
    const { slave, domain, closes } = await play();
    const pipeline = await domain.run('x');
    slave.destroy();
    expect(await pipeline.finished).toBe('exception');
    domain.lose(new HotwireError('Domain.Closed', 'the message bus is gone'));
    await settled();
    expect(closes).toEqual([pipeline.exception]);
    expect(pipeline.exception).toMatchObject({
      kind: 'Domain.Closed',
      message: expect.stringMatching(/^the slave has ended: the (other end|connection) /),
      cause: expect.any(HotwireError),
    });
  });

  test('is told once where the bus says so first', async () => {
    const { domain, closes } = await play();
    const pipeline = await domain.run('x');
    domain.lose(new HotwireError('Domain.Closed', 'the slave has ended'));
    await settled();
    expect(closes).toEqual([pipeline.exception]);
    expect(pipeline.exception?.message).toBe('the slave has ended');
  });

  // The other pipelines used to go on for ever.
  test('ends every pipeline, whatever a listener throws', async () => {
    const { slave, domain, closes, defects } = await play();
    const pipeline = await domain.run('x');
    pipeline.on('state', () => {
      throw new Error('a listener');
    });
    slave.destroy();
    expect(await pipeline.finished).toBe('exception');
    await settled();
    expect(closes).toHaveLength(1);
    expect(defects).toEqual([new Error('a listener')]);
  });
});

describe('signals', () => {
  // A finished pipeline used to be kept until it was released.
  test('a finished pipeline is forgotten; undo says itself that it is undone', async () => {
    const { domain, state } = await play();
    const pipeline = await domain.run('x');
    const states: string[] = [];
    pipeline.on('state', (name) => states.push(name));
    state('complete');
    await pipeline.drain();
    state('exception');
    await settled();
    expect(pipeline.state).toBe('complete');
    await pipeline.undo();
    expect(states).toEqual(['complete', 'undone']);
  });

  // It used to be taken for a failure of the pipeline.
  test('what a listener throws is no failure of the pipeline', async () => {
    const { domain, signal, state, defects } = await play();
    const pipeline = await domain.run('x');
    for (const event of ['metadata', 'state'] as const) {
      pipeline.on(event, () => {
        throw new Error(event);
      });
    }
    signal('PipelineMetadata', 'iiss', [ID, 0, 'key', '1']);
    signal('PipelineResult', 'iss', [ID, 'number', '42']);
    state('complete');
    const values: unknown[] = [];
    for await (const value of pipeline) values.push(value);
    expect(values).toEqual([42]);
    expect(await pipeline.finished).toBe('complete');
    expect(defects).toEqual([new Error('metadata'), new Error('state')]);
  });

  // It used to go on at the far end.
  test.each([
    ['PipelineMetadata', 'iiss', [ID, 0, 'key', 'no JSON']],
    ['PipelineMetadata', 'is', [ID, 'short']],
    ['PipelineException', 'ii', [ID, 1]],
    ['PipelineStateChanged', 'iu', [ID, 1]],
  ])('%s %s that can not be read: the pipeline is lost, and cancelled at the far end', async (member, type, body) => {
    const { domain, signal, state, calls } = await play();
    const pipeline = await domain.run('x');
    signal(member, type, body);
    expect(await pipeline.drain()).toBe('exception');
    expect(pipeline.exception?.message).toMatch(new RegExp(`^a ${member} from the slave can't be read: `));
    state('cancelled');
    await settled();
    expect(pipeline.state).toBe('exception');
    expect(calls).toEqual(['RunPipelineWithOptions', 'CancelPipeline']);
  });

  test.each([
    ['PipelineResult', 'iss', [ID, 'number', '4 2']],
    ['PipelineObjects', 'isas', [ID, 'number', ['1', '2 3']]],
    ['PipelineObjects', 'iss', [ID, 'number', '1']],
  ])('%s %s that can not be read: likewise, once it is its turn', async (member, type, body) => {
    const { domain, signal, calls } = await play();
    const pipeline = await domain.run('x');
    signal('PipelineObjects', 'isas', [ID, 'number', ['1']]);
    signal(member, type, body);
    const values: unknown[] = [];
    const reading = (async () => {
      for await (const value of pipeline) values.push(value);
    })();
    await expect(reading).rejects.toThrow(new RegExp(`^a ${member} from the slave can't be read: `));
    expect(values).toEqual([1]);
    expect(pipeline.state).toBe('exception');
    await settled();
    expect(calls).toEqual(['RunPipelineWithOptions', 'CancelPipeline']);
  });
});

// It used to be "Maximum call stack size exceeded".
test('an object that is nested too deeply to be put is refused in words', async () => {
  const { domain } = await play();
  const pipeline = await domain.run('x', { input: true });
  let deep: unknown = 1;
  for (let level = 0; level < 100_000; level += 1) deep = [deep];
  await expect(pipeline.put([deep])).rejects.toThrow(/nested too deeply/);
});
