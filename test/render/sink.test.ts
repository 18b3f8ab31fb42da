import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { PassThrough } from 'node:stream';
import { HotwireError } from '../../src/errors';
import { OutputClosed, Sink } from '../../src/render';

test('ready waits until a full stream has been read', async () => {
  const stream = new PassThrough({ highWaterMark: 4 });
  const sink = new Sink(stream, { name: 'standard output' });
  await sink.ready();
  sink.push('more than four');
  let ready = false;
  const waiting = sink.ready().then(() => {
    ready = true;
  });
  await new Promise(setImmediate);
  expect(ready).toBe(false);
  stream.resume();
  await waiting;
});

test('flush resolves once a reading process has been given everything', async () => {
  const child = spawn('wc', ['-c'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const sink = new Sink(child.stdin, { name: 'standard output' });
  for (let index = 0; index < 50; index++) {
    sink.push('x'.repeat(10_000));
    await sink.ready();
  }
  await sink.flush();
  child.stdin.end();
  const [counted] = await once(child.stdout, 'data');
  expect(String(counted).trim()).toBe('500000');
});

test('a reader that has gone is told as OutputClosed, once, and to whoever waits', async () => {
  const child = spawn('head', ['-c', '1'], { stdio: ['pipe', 'ignore', 'inherit'] });
  const failures: Error[] = [];
  const sink = new Sink(child.stdin, { name: 'standard output', failed: (failure) => failures.push(failure) });
  const write = async () => {
    for (;;) {
      sink.push('x'.repeat(100_000));
      await sink.ready();
    }
  };
  await expect(write()).rejects.toBeInstanceOf(OutputClosed);
  await expect(sink.flush()).rejects.toBeInstanceOf(OutputClosed);
  sink.push('more');
  expect(failures).toHaveLength(1);
});

test('a stream that is destroyed without an error wakes whoever waits', async () => {
  const stream = new PassThrough({ highWaterMark: 1 });
  const sink = new Sink(stream, { name: 'standard output' });
  sink.push('more than one');
  const waiting = sink.ready();
  stream.destroy();
  await expect(waiting).rejects.toBeInstanceOf(OutputClosed);
  await expect(sink.ready()).rejects.toBeInstanceOf(OutputClosed);
});

test('any other failure names the stream', async () => {
  const sink = new Sink(createWriteStream('/dev/full'), { name: 'standard output' });
  sink.push('text');
  const failure = await sink.flush().catch((error) => error);
  expect(failure).toBeInstanceOf(HotwireError);
  expect(failure.message).toMatch(/can't write to standard output.*ENOSPC/);
});

test('whatever else is on the line is told before each text', () => {
  const order: string[] = [];
  const stream = new PassThrough();
  stream.on('data', (chunk) => order.push(`wrote ${chunk}`));
  const sink = new Sink(stream, { name: 'standard output', before: (text) => order.push(`before ${text}`) });
  sink.push('a');
  sink.push('');
  expect(order).toEqual(['before a', 'wrote a']);
});
