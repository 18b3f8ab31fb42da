import { EventEmitter } from 'node:events';
import { orAborted } from '../../src/abort';
import { type Interrupted, onInterrupt } from '../../src/cli/interrupt';

test('the first signal stops, the second leaves, and then nobody listens', () => {
  const signals = new EventEmitter();
  const stopped: number[] = [];
  const left: number[] = [];
  const end = onInterrupt(
    signals,
    (reason: Interrupted) => stopped.push(reason.status),
    (status) => left.push(status),
  );
  signals.emit('SIGHUP');
  expect([stopped, left]).toEqual([[129], []]);
  signals.emit('SIGINT');
  expect([stopped, left]).toEqual([[129], [130]]);
  end();
  expect(signals.eventNames()).toEqual([]);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
])('%s asks to stop with status %i', (signal, status) => {
  const signals = new EventEmitter();
  const stopped: number[] = [];
  onInterrupt(
    signals,
    (reason) => stopped.push(reason.status),
    (left) => stopped.push(left),
  );
  signals.emit(signal);
  expect(stopped).toEqual([status]);
});

test('work is given up when the signal aborts, before or during it, and only then', async () => {
  const halt = new AbortController();
  expect(await orAborted(Promise.resolve(1), halt.signal)).toBe(1);
  await expect(orAborted(Promise.reject(new Error('own')), halt.signal)).rejects.toThrow('own');
  const during = orAborted(new Promise(() => {}), halt.signal);
  halt.abort(new Error('stop'));
  await expect(during).rejects.toThrow('stop');
  await expect(orAborted(new Promise(() => {}), halt.signal)).rejects.toThrow('stop');
});
