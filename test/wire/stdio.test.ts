import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { stdioStream, streamPair } from '../../src/wire';
import { onCleanup } from '../support/cleanup';
import { within } from '../support/wait';

const MIB = 1024 * 1024;

describe('one stream over two pipes', () => {
  const start = (program: string, ...args: string[]) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    onCleanup(() => child.kill('SIGKILL'));
    return { child, stream: stdioStream(child.stdout, child.stdin) };
  };

  test('carries bytes both ways, and the end', async () => {
    const { stream } = start('cat');
    stream.write('a');
    stream.write('b');
    stream.end('c');
    let text = '';
    for await (const chunk of stream) text += chunk;
    expect(text).toBe('abc');
  });

  test('many writes keep their order', async () => {
    const { stream } = start('cat');
    const numbers = Array.from({ length: 20_000 }, (_, index) => `${index}\n`);
    for (const number of numbers) stream.write(number);
    stream.end();
    let text = '';
    for await (const chunk of stream) text += chunk;
    expect(text).toBe(numbers.join(''));
  });

  // Once, the end of the child's input, when it came first, took what was still to be read with it.
  test('ends when the child does, with all that it wrote', async () => {
    for (let round = 0; round < 20; round++) {
      const { child, stream } = start('sh', '-c', 'printf last');
      await once(child.stdin, 'close');
      let text = '';
      for await (const chunk of stream) text += chunk;
      expect(text).toBe('last');
      const written = new Promise((resolve) => stream.write('x', resolve));
      stream.on('error', () => undefined);
      expect(await within(written, 'the write')).toMatchObject({ code: expect.stringMatching(/./) });
    }
  });

  // Once, a write that came too late took its last words with it.
  test('what the child said last is read, though it takes nothing more', async () => {
    for (let round = 0; round < 20; round++) {
      const { child, stream } = start('sh', '-c', 'exec <&-; printf last');
      stream.on('error', () => undefined);
      stream.pause();
      await once(child, 'exit');
      for (let write = 0; write < 3; write++) stream.write('x');
      let text = '';
      stream.on('data', (chunk) => {
        text += chunk;
      });
      stream.resume();
      await within(new Promise((resolve) => stream.on('close', resolve)), 'the end');
      expect(text).toBe('last');
    }
  });

  test('fails when the child no longer reads', async () => {
    const { stream } = start('sh', '-c', 'exec sleep 60 <&-');
    const failed = new Promise<NodeJS.ErrnoException>((resolve) => stream.on('error', resolve));
    const write = () => {
      if (!stream.destroyed) stream.write('x'.repeat(MIB), () => setImmediate(write));
    };
    write();
    expect((await within(failed, 'the error')).code).toBe('EPIPE');
  });

  test('holds back a writer whose child does not read, and is not read ahead of its reader', async () => {
    const { stream } = start('sleep', '60');
    stream.on('error', () => undefined);
    for (let count = 0; count < 4; count++) stream.write(Buffer.alloc(MIB));
    expect(stream.writableLength).toBeGreaterThan(3 * MIB);
    stream.destroy();
    const input = new PassThrough({ highWaterMark: 1024 });
    stdioStream(input, new PassThrough());
    while (input.write(Buffer.alloc(1024)));
    await new Promise((resolve) => setImmediate(resolve));
    expect(input.writableLength).toBeGreaterThan(0);
  });

  test('is destroyed with both pipes, and when either is', async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const stream = stdioStream(input, output);
    stream.destroy();
    await once(stream, 'close');
    expect([input.destroyed, output.destroyed]).toEqual([true, true]);
    for (const broken of [0, 1]) {
      const pipes = [new PassThrough(), new PassThrough()] as const;
      const other = stdioStream(...pipes);
      const error = once(other, 'error');
      pipes[broken as 0 | 1].destroy(new Error('broken pipe'));
      expect((await error)[0].message).toBe('broken pipe');
    }
  });
});

describe('two ends in memory', () => {
  test('carry bytes and the end, both ways', async () => {
    const [near, far] = streamPair();
    near.end('to far');
    far.end('to near');
    const texts = await Promise.all([near, far].map(async (end) => String(Buffer.concat(await end.toArray()))));
    expect(texts).toEqual(['to near', 'to far']);
  });

  test('hold back a writer whose other end is not read', async () => {
    const [near, far] = streamPair();
    for (let count = 0; count < 8; count++) near.write(Buffer.alloc(MIB));
    await new Promise((resolve) => setImmediate(resolve));
    expect(near.writableLength).toBeGreaterThan(6 * MIB);
    far.resume();
    await within(once(near, 'drain'), 'the drain');
    expect(near.writableLength).toBe(0);
  });

  test('go together', async () => {
    const [near, far] = streamPair();
    near.write('never read');
    far.on('error', () => undefined);
    near.on('error', () => undefined);
    far.destroy();
    await within(once(near, 'close'), 'the close');
  });
});
