import { linesOf, toLines } from '../../src/engine/lines';
import { MAX_LINE_BYTES } from '../../src/limits';

async function* chunks(...parts: (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const part of parts) yield Buffer.from(part);
}

async function collect(...parts: (string | Buffer)[]): Promise<unknown[]> {
  const lines: unknown[] = [];
  for await (const batch of linesOf(chunks(...parts), 'test')) {
    expect(batch.className).toBe('string');
    lines.push(...batch.objects);
  }
  return lines;
}

describe('bytes as lines', () => {
  test.each([
    ['whole lines', ['a\nb\n'], ['a', 'b']],
    ['no line end at the end', ['a\nb'], ['a', 'b']],
    ['a line in pieces', ['a', 'b', 'c\nd', 'e\n'], ['abc', 'de']],
    ['empty lines', ['\n\n'], ['', '']],
    ['nothing', [], []],
    ['a carriage return stays', ['a\r\n'], ['a\r']],
    ['a NUL stays', ['a\0b\n'], ['a\0b']],
    ['a character in two chunks', [Buffer.from([0xc3]), Buffer.from([0xa9, 10])], ['é']],
    ['bytes that are not UTF-8', [Buffer.from([0x61, 0xff, 10])], ['a\ufffd']],
  ])('%s', async (_, parts, expected) => {
    expect(await collect(...parts)).toEqual(expected);
  });

  test('a line over the limit fails, in one chunk or many', async () => {
    const long = 'x'.repeat(MAX_LINE_BYTES + 1);
    const error = { kind: 'LimitExceeded', message: expect.stringContaining('test: a line is longer') };
    await expect(collect(`${long}\n`)).rejects.toMatchObject(error);
    await expect(collect(long.slice(0, -1), 'xx')).rejects.toMatchObject(error);
    await expect(collect('ok\n', long)).rejects.toMatchObject(error);
    expect(await collect(`${long.slice(1)}\n`)).toHaveLength(1);
  });
});

test('values as lines: one line end each, unless there is one', () => {
  expect(toLines(['a', 'b\n', '', { c: 1 }, null, 2])).toBe('a\nb\n\n{"c":1}\nnull\n2\n');
});
