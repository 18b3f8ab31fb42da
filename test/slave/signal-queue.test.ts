import { ClientWindow } from '../../src/slave/client-window';
import { createSender } from '../../src/slave/sender';
import { SignalQueue } from '../../src/slave/signal-queue';
import { Connection, streamPair } from '../../src/wire';

async function queueWith(credit: number | undefined): Promise<SignalQueue> {
  const [near, far] = streamPair();
  const [connection] = await Promise.all([Connection.connect(near, { hello: false }), Connection.accept(far)]);
  const sender = createSender(connection, undefined, () => undefined);
  return new SignalQueue(connection, new ClientWindow(connection, undefined), sender, credit);
}

/** Lets so many microtasks run. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
}

// The item that was granted was dropped, and the one behind it, the last state, was taken off the queue in its place.
test.each(Array.from({ length: 10 }, (_, count) => [count]))(
  'a state is sent though what stood before it is dropped %i turns after it was granted',
  async (count) => {
    const queue = await queueWith(0);
    const sent: string[] = [];
    const put = (name: string, paced: boolean) =>
      queue.put(() => {
        sent.push(name);
        return 1;
      }, paced);
    const status = put('status', true).catch(() => undefined); // dropped or sent: both are right
    const state = put('complete', false);
    queue.acknowledge(5);
    await turns(count);
    queue.discard();
    await state;
    await status;
    expect(sent.at(-1)).toBe('complete');
  },
);

test('paced signals wait for credit, states do not wait once what is before them is gone', async () => {
  const queue = await queueWith(1);
  const sent: string[] = [];
  const put = (name: string, paced: boolean) => queue.put(() => sent.push(name), paced);
  await put('first', true);
  const second = put('second', true);
  const state = put('cancelled', false);
  await turns(20);
  expect(sent).toEqual(['first']);
  queue.discard();
  await expect(second).rejects.toMatchObject({ kind: 'Cancelled' });
  await state;
  expect(sent).toEqual(['first', 'cancelled']);
  expect(queue.sent).toBe(2);
});
