// Contexts of one user take turns to evaluate JavaScript; test/builtins/evaluator.test.ts has the evaluator itself.
import { Evaluator } from '../../src/engine/evaluator';
import { Turns } from '../../src/engine/turns';
import { onCleanup } from '../support/cleanup';

function pair(shared: Turns) {
  const evaluators = [new Evaluator(shared), new Evaluator(shared)] as const;
  onCleanup(() => Promise.all(evaluators.map((evaluator) => evaluator.close())));
  return evaluators;
}

const signal = () => new AbortController().signal;

test('a context waits until another of the same user has given its turn back', async () => {
  const [one, two] = pair(new Turns(1));
  const session = await one.open('it + 1', signal());
  const order: string[] = [];
  const waiting = two.evaluate('6 * 7', {}, signal()).then((value) => {
    order.push('evaluated');
    return value;
  });
  for await (const _ of session.map([1])) order.push('mapped');
  order.push('closing');
  await session.close();
  expect(await waiting).toBe(42);
  expect(order).toEqual(['mapped', 'closing', 'evaluated']);
});

test('one that is cancelled while it waits takes no turn with it', async () => {
  const [one, two] = pair(new Turns(1));
  const session = await one.open('it', signal());
  const abort = new AbortController();
  const waiting = two.evaluate('1', {}, abort.signal);
  abort.abort(new Error('cancelled'));
  await expect(waiting).rejects.toThrow('cancelled');
  await session.close();
  expect(await two.evaluate('2', {}, signal())).toBe(2);
  expect(await one.evaluate('3', {}, signal())).toBe(3);
});
