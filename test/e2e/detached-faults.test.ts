// What once went wrong with detached pipelines: each of these lost something, or hung, or took others with it.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Domain } from '../../src/client/api';
import { connect } from '../../src/client/connect';
import { Variant } from '../../src/wire';
import { type Bus, startBus } from '../support/bus';
import { onCleanup } from '../support/cleanup';
import { openDescriptors } from '../support/proc';
import { type Running, start } from '../support/process';
import { RawClient } from '../support/raw-client';
import { ResidentHome } from '../support/resident';
import { built, HOTWIRE_SLAVE, startSlave } from '../support/slave';
import { PATIENCE_MS, waitFor, within } from '../support/wait';

const MEGABYTE = 1024 * 1024;
/** More than such a spool holds. */
const MANY = 300_000;

beforeAll(built, 4 * PATIENCE_MS);

async function embedded(home: ResidentHome): Promise<Domain> {
  const domain = await connect('', { embedded: true, environment: home.environment });
  onCleanup(() => domain.close());
  return domain;
}

async function onBus(home: ResidentHome): Promise<{ bus: Bus; slave: Running; client: () => Promise<RawClient> }> {
  const bus = await startBus();
  const slave = await startSlave(bus, [], { env: home.environment });
  return { bus, slave, client: () => RawClient.connect(bus) };
}

async function runDetached(client: RawClient, text: string, options: Record<string, Variant> = {}): Promise<number> {
  const [id] = await client.call('RunPipelineWithOptions', text, { detached: new Variant('b', true), ...options });
  return id as number;
}

const objectsOf = ({ signals }: RawClient) =>
  signals.flatMap(({ member, body }) => (member === 'PipelineObjects' ? (body[2] as string[]) : []));
const statesOf = ({ signals }: RawClient) =>
  signals.flatMap(({ member, body }) => (member === 'PipelineStateChanged' ? [body[1]] : []));

async function numbersOf(domain: Domain, id: number): Promise<number> {
  let last = 0;
  for await (const number of await domain.attach(id)) {
    if (Number(number) !== last + 1) throw new Error(`${number} came after ${last}`);
    last += 1;
  }
  return last;
}

test('a second resident slave does not touch what the first holds', async () => {
  const home = new ResidentHome();
  const domain = await embedded(home);
  const id = await domain.runDetached('sys seq 1 1000');
  const second = await start(HOTWIRE_SLAVE, ['--resident'], { env: home.environment }).exit();
  expect(second).toMatchObject({ code: 3 });
  expect(second.stderr).toContain('runs already');
  expect(await numbersOf(domain, id)).toBe(1000);
});

test.each([
  ['that was started with a window', { window: new Variant('u', 5) }],
  ['that was started without', {}],
])(
  'a full spool of a pipeline %s: the library gets all, and so does a client that acknowledges',
  async (_, options) => {
    const home = new ResidentHome({ spoolBytes: MEGABYTE });
    const { client, bus } = await onBus(home);
    const [starter, plain] = [await client(), await client()];
    const id = await runDetached(starter, `sys seq 1 ${MANY}`, options);
    let last = 0;
    plain.connection.on('signal', ({ member }) => {
      if (member === 'PipelineObjects') void plain.call('AcknowledgeObjects', id, 1);
    });
    await plain.call('AttachPipeline', id, 0);
    await plain.untilState(id, 'complete');
    for (const number of objectsOf(plain)) if (number === `"${last + 1}"`) last += 1;
    expect(last).toBe(MANY);
    const domain = await connect('', { bus: bus.address, environment: home.environment });
    const other = await runDetached(starter, `sys seq 1 ${MANY}`, options);
    expect(await numbersOf(domain, other)).toBe(MANY);
    await domain.close();
  },
);

test('a full spool and a client that never acknowledges: nothing is dropped, and attaching again goes on', async () => {
  const home = new ResidentHome({ spoolBytes: MEGABYTE });
  const { client } = await onBus(home);
  const one = await client();
  const id = await runDetached(one, `sys seq 1 ${MANY}`);
  let count = 0;
  let signals = 0;
  for (let state = ''; state !== 'complete'; ) {
    await one.call('AttachPipeline', id, signals);
    one.signals.length = 0; // what came before the reply is of the time before, and comes again
    await waitFor(async () => {
      const [description] = (await one.call('GetPipeline', id)) as [Record<string, Variant>];
      state = String(description.state?.value);
      const isStuck = description.waiting?.value !== '' || state === 'complete';
      return isStuck && signals + one.signals.length === Number(description.signals?.value);
    }, 'everything that there is to have come');
    signals += one.signals.length;
    for (const number of objectsOf(one)) if (number === `"${count + 1}"`) count += 1;
  }
  expect(count).toBe(MANY);
});

test('a full disk: what is read makes room, and until then the pipeline says why it waits', async () => {
  const home = new ResidentHome();
  const state = path.join(home.folder, 'state');
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', state]);
  onCleanup(async () => {
    await home.end();
    execFileSync('umount', ['--lazy', state]);
  });
  const { client, bus } = await onBus(home);
  const starter = await client();
  const id = await runDetached(starter, `sys seq 1 ${MANY}`);
  const waiting = async () => {
    const [description] = (await starter.call('GetPipeline', id)) as [Record<string, Variant>];
    return String(description.waiting?.value);
  };
  await waitFor(async () => /no space left/i.test(await waiting()), 'the disk to be full');
  const domain = await connect('', { bus: bus.address, environment: home.environment });
  expect(await numbersOf(domain, id)).toBe(MANY);
  await domain.close();
});

test('a file that can not be removed costs no other pipeline', async () => {
  const home = new ResidentHome({ spoolBytes: MEGABYTE });
  const domain = await embedded(home);
  const other = await domain.runDetached('sys seq 1 1000');
  const id = await domain.runDetached(`sys seq 1 ${MANY}`);
  await waitFor(async () => (await domain.pipeline(id)).waiting !== '', 'the spool to be full');
  const state = path.join(home.folder, 'state', 'hotwire');
  const first = readdirSync(state, { recursive: true })
    .map(String)
    .find((file) => file.endsWith(`/${id}/0.spool`)) as string;
  const file = path.join(state, first);
  renameSync(file, `${file}.away`);
  mkdirSync(path.join(file, 'not-empty'), { recursive: true });
  await domain.attach(id, (await domain.pipeline(id)).signals); // all before that may go
  await waitFor(async () => /spool/.test((await domain.pipeline(id)).waiting), 'the file to be in the way');
  expect(await numbersOf(domain, other)).toBe(1000);
});

test('the first calls of a client, sent at once, share one way to the resident slave', async () => {
  const home = new ResidentHome();
  const { client, slave } = await onBus(home);
  const starter = await client();
  const id = await runDetached(starter, 'sys seq 1 1000');
  const twice = await client();
  await Promise.all([twice.call('AttachPipeline', id, 0), twice.call('AttachPipeline', id, 0)]);
  await twice.untilState(id, 'complete');
  await twice.connection.close();
  const before = openDescriptors(slave.pid);
  const many = await Promise.all(Array.from({ length: 10 }, client));
  await Promise.all(many.flatMap((one) => Array.from({ length: 5 }, () => one.call('ListPipelines'))));
  await Promise.all(many.map((one) => one.connection.close()));
  await waitFor(() => openDescriptors(slave.pid) <= before, 'every connection to be closed');
});

test('attaching again begins anew, once; what the first had on its way does not come twice after that', async () => {
  const home = new ResidentHome();
  const { client } = await onBus(home);
  const one = await client();
  const id = await runDetached(one, `sys seq 1 ${MANY}`);
  const attached = one.call('AttachPipeline', id, 0);
  await Promise.all([attached, one.call('AttachPipeline', id, 0).then(() => (one.signals.length = 0))]);
  await one.untilState(id, 'complete');
  expect(objectsOf(one)).toHaveLength(MANY);
  expect(statesOf(one)).toEqual(['executing', 'complete']);
});

test('a refused AttachPipeline leaves the one before as it was', async () => {
  const home = new ResidentHome();
  const { client } = await onBus(home);
  const one = await client();
  const id = await runDetached(one, "sys sh -c 'echo 1; read x; echo 2'", { input: new Variant('b', true) });
  await one.call('AttachPipeline', id, 0);
  await one.until('the first', ({ member }) => member === 'PipelineObjects');
  await expect(one.call('AttachPipeline', id, 9999)).rejects.toMatchObject({ kind: 'InvalidArgs' });
  await one.call('CloseInput', id);
  await one.untilState(id, 'complete');
  expect(objectsOf(one)).toEqual(['"1"', '"2"']);
});

test('a follower that is killed does not break the stream of another', async () => {
  const home = new ResidentHome();
  const { client, bus } = await onBus(home);
  const starter = await client();
  for (let round = 0; round < 4; round++) {
    const id = await runDetached(starter, `sys seq 1 ${MANY}`);
    const follower = path.join(__dirname, '..', 'support', 'python', 'follow_gio.py');
    const doomed = start('/usr/bin/python3', [follower, bus.address, String(id), '0'], { env: home.environment });
    await doomed.line(/^5 /);
    const survivor = await client();
    await survivor.call('AttachPipeline', id, 0);
    doomed.kill('SIGKILL');
    await survivor.until('its end', ({ member, body }) => member === 'PipelineStateChanged' && body[1] !== 'executing');
    expect({ states: statesOf(survivor), objects: objectsOf(survivor).length }).toEqual({
      states: ['executing', 'complete'],
      objects: MANY,
    });
    await starter.call('ReleasePipeline', id);
  }
});

describe('the library', () => {
  test('attached to behind the end, undone meanwhile: it ends', async () => {
    const home = new ResidentHome();
    const domain = await embedded(home);
    const id = await domain.runDetached(`mkdir ${path.join(home.folder, 'made')}`);
    await (await domain.attach(id)).drain();
    const { signals } = await domain.pipeline(id);
    await domain.undoPipeline(id);
    const late = await domain.attach(id, signals);
    expect(await within(late.drain(), 'its end')).toBe('undone');
  });

  test('attached to twice at once: the first is told that it is not followed there', async () => {
    const home = new ResidentHome();
    const domain = await embedded(home);
    const id = await domain.runDetached('sys seq 1 1000');
    const [one, two] = await Promise.all([domain.attach(id), domain.attach(id)]);
    expect(await within(one.drain(), 'the end of the first')).toBe('exception');
    expect(await within(two.drain(), 'the end of the second')).toBe('complete');
  });

  test('a reader that left early holds up nobody', async () => {
    const home = new ResidentHome({ spoolBytes: MEGABYTE });
    const [one, two] = [await embedded(home), await embedded(home)];
    const id = await one.runDetached(`sys seq 1 ${MANY}`);
    for await (const _ of await one.attach(id)) break;
    expect(await within(numbersOf(two, id), 'all of it')).toBe(MANY);
  });

  test('undo beside release leaves no file', async () => {
    const home = new ResidentHome();
    const domain = await embedded(home);
    for (let round = 0; round < 10; round++) {
      const id = await domain.runDetached(`mkdir ${path.join(home.folder, `made${round}`)}`);
      await waitFor(async () => (await domain.pipeline(id)).state === 'complete', 'the end');
      await Promise.allSettled([domain.undoPipeline(id), domain.releasePipeline(id)]);
    }
    const files = readdirSync(path.join(home.folder, 'state', 'hotwire'), { recursive: true }).map(String);
    expect(files.filter((file) => file.endsWith('.spool'))).toEqual([]);
  });
});

test('a follower whose files are gone gets one last state', async () => {
  const home = new ResidentHome();
  const { client } = await onBus(home);
  const one = await client();
  const id = await runDetached(one, 'sys sh -c "echo 1; exec sleep 1000"');
  const state = path.join(home.folder, 'state', 'hotwire');
  const spools = () =>
    readdirSync(state, { recursive: true })
      .map(String)
      .filter((file) => file.endsWith('.spool'));
  await waitFor(() => spools().length > 0, 'a file');
  for (const file of spools()) rmSync(path.join(state, file));
  await one.call('AttachPipeline', id, 0);
  await one.untilState(id, 'exception');
  await one.call('ReleasePipeline', id);
  expect(statesOf(one)).toEqual(['exception']);
});

test('the state directory is removed: the resident slave ends and says so, and another takes its place', async () => {
  const home = new ResidentHome();
  const { client } = await onBus(home);
  const one = await client();
  const id = await runDetached(one, 'sys sleep 1000');
  await one.call('AttachPipeline', id, 0);
  await one.untilState(id, 'executing');
  rmSync(path.join(home.folder, 'state', 'hotwire'), { recursive: true });
  await one.untilState(id, 'exception');
  const other = await client();
  const next = await runDetached(other, 'sys seq 1 1000');
  await other.call('AttachPipeline', next, 0);
  await other.untilState(next, 'complete');
  expect(objectsOf(other)).toHaveLength(1000);
});

test('a client that changes its HOME has the same resident slave as the others of its user', async () => {
  const home = new ResidentHome();
  const { client } = await onBus(home);
  const [one, two] = [await client(), await client()];
  await one.call('SetEnvironment', { HOME: '/nowhere', XDG_STATE_HOME: '' });
  const id = await runDetached(one, 'sys sleep 1000');
  const [pipelines] = (await two.call('ListPipelines')) as [Record<string, Variant>[]];
  expect(pipelines.map((pipeline) => pipeline.id?.value)).toEqual([id]);
  await two.call('ReleasePipeline', id);
});
