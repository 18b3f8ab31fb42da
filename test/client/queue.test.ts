// Credit that goes back to a sender as its reader consumes, and is held back while whoever was passed something is at it.
import { CreditQueue } from '../../src/client/queue';

test.each([
  [false, [4]],
  [true, [4]],
])('a pause holds all credit back until it is over: eager %s', async (eager, expected) => {
  const given: number[] = [];
  const queue = new CreditQueue<string>(4, (count) => given.push(count), eager);
  let resume: () => void = () => undefined;
  const until = new Promise<void>((resolve) => {
    resume = resolve;
  });
  const failing = Promise.reject(new Error('it could not be written'));
  queue.pause(until);
  queue.pause(failing);
  for (let passed = 0; passed < 4; passed += 1) queue.pass(true);
  await failing.catch(() => undefined);
  expect(given).toEqual([]);
  resume();
  await until;
  expect(given).toEqual(expected);
  queue.pass(true);
  queue.pass(true);
  expect(given).toEqual([...expected, 2]);
});
