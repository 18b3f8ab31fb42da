// Pipelines on many hosts: real slaves in memory, each reached as `ssh:NAME` is by the opener.
import { OpenedGroup } from '../../src/client/connect-all';
import type { GroupOptions, HostFailure, TaggedBatch } from '../../src/client/group-api';
import { resolveHosts } from '../../src/client/hosts';
import { HotwireError } from '../../src/errors';
import { onCleanup } from '../support/cleanup';
import { OpenerInMemory } from '../support/slave-in-memory';
import { waitFor } from '../support/wait';

const DOWN = new HotwireError('Domain.Unreachable', 'web2: connection refused');

function groupOf(hosts: string, options: GroupOptions = {}, failures: Readonly<Record<string, HotwireError>> = {}) {
  const opener = new OpenerInMemory(failures);
  const group = new OpenedGroup(resolveHosts(hosts, {}), opener, options);
  onCleanup(() => group.close());
  return { opener, group };
}

async function all(source: AsyncIterable<unknown>): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const value of source) values.push(value);
  return values;
}

const kinds = (failures: readonly HostFailure[]) => failures.map(({ domain, error }) => [domain, error.kind]);
const byDomain = (values: unknown[]) =>
  (values as { '@domain': string }[]).toSorted((a, b) => (a['@domain'] < b['@domain'] ? -1 : 1));

describe('output', () => {
  test('of all hosts, each object with its domain when that is asked for', async () => {
    const { group } = groupOf('web[1-3]');
    expect(group.hosts).toEqual(['web1', 'web2', 'web3']);
    expect(byDomain(await all(group.run('js-eval "({a: 1})"', { tagged: true })))).toEqual([
      { '@domain': 'web1', a: 1 },
      { '@domain': 'web2', a: 1 },
      { '@domain': 'web3', a: 1 },
    ]);
    expect(byDomain(await all(group.run('sys echo hi', { tagged: true })))[2]).toEqual({
      '@domain': 'web3',
      value: 'hi',
    });
    expect(await all(group.run('sys echo hi'))).toEqual(['hi', 'hi', 'hi']);
  });

  test('batches say where they are from, and what class they are of', async () => {
    const batches = (await all(groupOf('a,b').group.run('proc', { tagged: true }).batches())) as TaggedBatch[];
    expect(new Set(batches.map(({ domain }) => domain))).toEqual(new Set(['a', 'b']));
    expect(new Set(batches.map(({ className }) => className))).toEqual(new Set(['hotwire.sysdep.proc.Process']));
  });

  test('domains stay open for the next pipeline, unless they are not to be kept', async () => {
    for (const [keep, asked] of [
      [true, 2],
      [false, 4],
    ] as const) {
      const { group, opener } = groupOf('a,b', { keep });
      await group.run('sys true').drain();
      await group.run('sys true').drain();
      expect(opener.asked).toHaveLength(asked);
    }
  });

  // Each host has its own window of credit: nothing more comes than what fits there.
  test('a slow reader pauses all', async () => {
    const { group, opener } = groupOf('a,b');
    const pipeline = group.run('sys seq 20000000');
    const reader = pipeline.batches()[Symbol.asyncIterator]();
    await reader.next();
    const counts = async () => {
      const infos = await Promise.all(opener.opened.map(async (domain) => (await domain.pipelines())[0]?.objects ?? 0));
      return infos.join(' ');
    };
    let before = '';
    let same = 0;
    await waitFor(async () => {
      const now = await counts();
      same = now === before && !now.includes('NaN') ? same + 1 : 0;
      before = now;
      return same > 20;
    }, 'the hosts to pause');
    for (const count of before.split(' ')) expect(Number(count)).toBeLessThan(1_000_000);
    await reader.return?.();
    expect(kinds(pipeline.failures).map(([, kind]) => kind)).toEqual(['Cancelled', 'Cancelled']);
  });

  test('is read by one', async () => {
    const pipeline = groupOf('a').group.run('sys echo 1');
    expect(await all(pipeline)).toEqual(['1']);
    await expect(all(pipeline)).rejects.toThrow(/one reader/);
  });
});

describe('the fan-out', () => {
  test('bounds how many are at work at once, and tells how far they are', async () => {
    const { group } = groupOf('n[1-7]', { fanout: 2 });
    const pipeline = group.run('sys echo hi');
    const most = { running: 0 };
    pipeline.on('progress', ({ running, waiting, done, failed, total }) => {
      most.running = Math.max(most.running, running);
      expect(running + waiting + done + failed).toBe(total);
    });
    expect(await all(pipeline)).toHaveLength(7);
    expect(most.running).toBe(2);
    expect(await pipeline.finished).toEqual({ total: 7, waiting: 0, running: 0, done: 7, failed: 0 });
  });

  test('a host that can not be had, or where it fails, does not stop the others', async () => {
    const { group } = groupOf('web[1-3]', {}, { 'ssh:web2': DOWN });
    const pipeline = group.run('ls');
    const told: string[] = [];
    pipeline.on('failed', ({ domain }) => told.push(domain));
    await pipeline.drain();
    expect(kinds(pipeline.failures)).toEqual([['web2', 'Domain.Unreachable']]);
    expect(told).toEqual(['web2']);
    expect(pipeline.progress).toMatchObject({ done: 2, failed: 1 });
    const wrong = group.run('js-eval "null.x"');
    await wrong.drain();
    expect(kinds(wrong.failures).map(([, kind]) => kind)).toEqual(Array(3).fill('PipelineFailed'));
    const unread = group.run('sort | | x');
    await unread.drain();
    expect(new Set(kinds(unread.failures).map(([, kind]) => kind))).toEqual(new Set(['Parse']));
  });

  test('each: something else is done everywhere', async () => {
    const { group } = groupOf('web[1-3]', {}, { 'ssh:web2': DOWN });
    const seen: string[] = [];
    const failures = await group.each(async (domain, host) => {
      await domain.context();
      seen.push(host);
    });
    expect(seen.sort()).toEqual(['web1', 'web3']);
    expect(kinds(failures)).toEqual([['web2', 'Domain.Unreachable']]);
  });
});

describe('the end', () => {
  test('cancel ends it everywhere, also where it has not begun', async () => {
    const { group, opener } = groupOf('n[1-4]', { fanout: 2 });
    const pipeline = group.run('sys sleep 1000');
    const draining = pipeline.drain();
    await waitFor(() => opener.opened.length === 2, 'two hosts');
    await pipeline.cancel();
    await draining;
    expect(kinds(pipeline.failures).map(([, kind]) => kind)).toEqual(Array(4).fill('Cancelled'));
    expect(opener.asked).toHaveLength(2);
  });

  test('a signal does the same, and so does leaving the loop', async () => {
    const { group } = groupOf('a,b');
    const stop = new AbortController();
    const pipeline = group.run('sys sleep 1000', { signal: stop.signal });
    pipeline.on('started', () => stop.abort());
    expect(await pipeline.drain()).toMatchObject({ failed: 2 });
    const left = group.run('sys yes');
    for await (const _ of left) break;
    expect(await left.finished).toMatchObject({ failed: 2 });
  });
});

describe('input', () => {
  test('goes to all alike, though they are more than the fan-out, and one can not be had', async () => {
    const { group } = groupOf('web[1-4]', { fanout: 1 }, { 'ssh:web2': DOWN });
    const lines = Array.from({ length: 5000 }, (_, index) => `line ${index}`);
    const pipeline = group.run('sys cat', { input: lines, tagged: true });
    const values = (await all(pipeline)) as { '@domain': string; value: string }[];
    for (const host of ['web1', 'web3', 'web4']) {
      expect(values.filter((value) => value['@domain'] === host).map(({ value }) => value)).toEqual(lines);
    }
    expect(kinds(pipeline.failures)).toEqual([['web2', 'Domain.Unreachable']]);
  });

  test('that fails is thrown, and ends it everywhere', async () => {
    const pipeline = groupOf('a,b').group.run('sys cat', {
      input: (async function* () {
        yield 'one';
        throw new Error('broken');
      })(),
    });
    await expect(all(pipeline)).rejects.toThrow('broken');
  });

  test('ends once nobody takes more', async () => {
    const pipeline = groupOf('a,b').group.run('head 1', { input: true });
    const reading = all(pipeline);
    await expect(
      (async () => {
        for (;;) await pipeline.put(['x']);
      })(),
    ).rejects.toMatchObject({ kind: 'InvalidState' });
    expect(await reading).toEqual(['x', 'x']);
  });
});

test('somebody logs in to one host after the other', async () => {
  const prompt = new HotwireError('Domain.PromptNeeded', 'a password is needed');
  const order: string[] = [];
  const login = async ({ name }: { name: string }) => {
    order.push(`begin ${name}`);
    await new Promise((resolve) => setImmediate(resolve));
    order.push(`end ${name}`);
    return name !== 'c';
  };
  const { group } = groupOf('a,b,c', { login }, { 'ssh:a': prompt, 'ssh:b': prompt, 'ssh:c': prompt });
  const pipeline = group.run('sys echo in');
  expect(await all(pipeline)).toEqual(['in', 'in']);
  expect(order).toEqual(['begin a', 'end a', 'begin b', 'end b', 'begin c', 'end c']);
  expect(kinds(pipeline.failures)).toEqual([['c', 'Domain.PromptNeeded']]);
});
