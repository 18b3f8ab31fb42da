import { Turns } from '../../src/engine/turns';

const pipeline = () => new AbortController();

test('so many at once; the next when one leaves, in the order of asking', async () => {
  const turns = new Turns(2);
  const [a, b, c, d] = [pipeline(), pipeline(), pipeline(), pipeline()];
  await turns.take(a.signal);
  await turns.take(b.signal);
  const order: string[] = [];
  const third = turns.take(c.signal).then(() => order.push('c'));
  const fourth = turns.take(d.signal).then(() => order.push('d'));
  await new Promise(setImmediate);
  expect(order).toEqual([]);
  turns.leave(a.signal);
  await third;
  turns.leave(b.signal);
  await fourth;
  expect(order).toEqual(['c', 'd']);
});

test('one that has its turn takes it again without waiting, and leaves as often', async () => {
  const turns = new Turns(1);
  const [a, b] = [pipeline(), pipeline()];
  await turns.take(a.signal);
  await turns.take(a.signal);
  let taken = false;
  const waiting = turns.take(b.signal).then(() => {
    taken = true;
  });
  turns.leave(a.signal);
  await new Promise(setImmediate);
  expect(taken).toBe(false);
  turns.leave(a.signal);
  await waiting;
});

test('one that is aborted while it waits takes no turn from the others', async () => {
  const turns = new Turns(1);
  const [a, b, c] = [pipeline(), pipeline(), pipeline()];
  await turns.take(a.signal);
  const aborted = turns.take(b.signal);
  const next = turns.take(c.signal);
  b.abort(new Error('cancelled'));
  await expect(aborted).rejects.toThrow('cancelled');
  turns.leave(a.signal);
  await next;
});
