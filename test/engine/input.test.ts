import { InputQueue } from '../../src/engine/input';
import { INPUT_MAX_BYTES } from '../../src/limits';

test('who does not wait for the answers is refused before memory runs out', async () => {
  const queue = new InputQueue();
  const half = queue.put(['a'], INPUT_MAX_BYTES / 2);
  const more = queue.put(['b'], INPUT_MAX_BYTES / 2 + 1);
  await expect(queue.put(['c'], 1)).rejects.toMatchObject({ kind: 'LimitExceeded' });
  const read: unknown[] = [];
  queue.close();
  for await (const batch of queue) read.push(...batch.objects);
  expect(read).toEqual(['a', 'b']);
  await Promise.all([half, more]);
});

test('a reader that leaves refuses the writers that wait', async () => {
  const queue = new InputQueue();
  const waiting = queue.put(['a'], INPUT_MAX_BYTES);
  for await (const batch of queue) {
    expect(batch.objects).toEqual(['a']);
    break;
  }
  await waiting;
  await expect(queue.put(['b'], 1)).rejects.toMatchObject({ kind: 'InvalidState' });
});
