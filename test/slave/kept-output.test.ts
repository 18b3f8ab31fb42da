// How much output is kept for `current`: by one client, and by all clients of a user.
import { configure } from '../../src/settings';
import { KeptBudget, KeptOutput, KeptTotal } from '../../src/slave/kept-output';

configure({ keptOutputBytes: 100, keptOutputPerUserBytes: 250 });

function batch(units: number) {
  const text = JSON.stringify('x'.repeat(units - 2));
  return { className: 'string', texts: [text], units };
}

/** A pipeline of that owner has yielded so much and becomes its current output. */
function becomeCurrent(budget: KeptBudget, units: number) {
  const output = new KeptOutput(budget);
  output.add(batch(units));
  const kept = output.take();
  budget.setCurrent(kept);
  return kept;
}

test('what is kept can be had any number of times', () => {
  const kept = becomeCurrent(new KeptBudget(new KeptTotal()), 10);
  const expected = [{ className: 'string', objects: ['x'.repeat(8)] }];
  expect([...(kept ?? [])]).toEqual(expected);
  expect([...(kept ?? [])]).toEqual(expected);
});

test('output over the limit of its owner is not kept, and gives back what it had', () => {
  const total = new KeptTotal();
  const budget = new KeptBudget(total);
  const [large, small] = [new KeptOutput(budget), new KeptOutput(budget)];
  large.add(batch(60));
  small.add(batch(30));
  large.add(batch(20));
  expect(total.used).toBe(30);
  large.add(batch(5));
  small.add(batch(70));
  expect(large.take()).toBeUndefined();
  expect(small.take()?.units).toBe(100);
  expect(total.used).toBe(0);
});

test('the oldest current outputs of a user make room for new ones', () => {
  const total = new KeptTotal();
  const budgets = Array.from({ length: 3 }, () => new KeptBudget(total));
  const kept = budgets.map((budget) => becomeCurrent(budget, 90));
  expect(total.used).toBe(180);
  expect(() => [...(kept[0] ?? [])]).toThrow(/nothing is current: .*at most|keptOutputPerUserBytes/);
  expect([...(kept[1] ?? [])]).toHaveLength(1);
  expect([...(kept[2] ?? [])]).toHaveLength(1);
});

test('one that is being read is read to its end', () => {
  const total = new KeptTotal();
  const kept = becomeCurrent(new KeptBudget(total), 90);
  const reading = kept?.[Symbol.iterator]();
  reading?.next();
  kept?.drop();
  expect(reading?.next()).toMatchObject({ done: true });
});

test('running pipelines never lose what they keep: a new one finds no room', () => {
  const total = new KeptTotal();
  const outputs = Array.from({ length: 3 }, () => new KeptOutput(new KeptBudget(total)));
  for (const output of outputs) output.add(batch(90));
  expect(outputs.map((output) => output.take()?.units)).toEqual([90, 90, undefined]);
  expect(total.used).toBe(0);
});

test('a new current output takes the place of the old, and none is left at the end', () => {
  const total = new KeptTotal();
  const budget = new KeptBudget(total);
  becomeCurrent(budget, 50);
  expect(total.used).toBe(50);
  becomeCurrent(budget, 20);
  expect(total.used).toBe(20);
  budget.setCurrent([{ className: 'string', objects: [] }]); // of others, who count it themselves
  expect(total.used).toBe(0);
  becomeCurrent(budget, 20)?.drop();
  budget.setCurrent(undefined);
  expect(total.used).toBe(0);
});
