import { type InputMode, readObjects, splitLines } from '../../src/cli/input';
import { HotwireError } from '../../src/errors';

async function* chunksOf(...chunks: (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk as string);
}

async function read(mode: InputMode, ...chunks: (string | Buffer)[]): Promise<unknown[]> {
  const objects: unknown[] = [];
  for await (const some of readObjects(chunksOf(...chunks), mode)) objects.push(...some);
  return objects;
}

const split = Buffer.from('ä漢\n');

test.each([
  ['lines', ['a\nb\n'], ['a', 'b']],
  ['lines', ['a\nb'], ['a', 'b']],
  ['lines', ['a', 'b', '\n', '\nc'], ['ab', '', 'c']],
  ['lines', [split.subarray(0, 1), split.subarray(1, 3), split.subarray(3)], ['ä漢']],
  ['lines', [Buffer.from([0x61, 0xff, 0x0a])], ['a\ufffd']],
  ['lines', ['dos\r\n'], ['dos\r']],
  ['lines', [], []],
  ['jsonl', ['{"a":1}\n{"a"', ':2}\n'], [{ a: 1 }, { a: 2 }]],
  ['jsonl', ['\ufeff1\r\n\n  \n"x"\nnull'], [1, 'x', null]],
  ['jsonl', [], []],
  ['json', ['[1,', '2, {"a":[3]}]\n'], [1, 2, { a: [3] }]],
  ['json', ['\ufeff{"a":', '1}'], [{ a: 1 }]],
  // used to become 9007199254740992
  ['jsonl', ['9007199254740993\n'], ['9007199254740993']],
  ['json', ['[9007199254740993]'], ['9007199254740993']],
  ['json', [' \n'], []],
  ['json', [], []],
] as const)('%s: %j gives %j', async (mode, chunks, expected) => {
  expect(await read(mode, ...chunks)).toEqual(expected);
});

test.each([
  ['jsonl', ['1\n\nnot json\n'], /line 3 is not JSON: not json .*--input lines/],
  ['jsonl', [...Array(700).keys()].map((n) => `${n}\n`).concat('{'), /line 701 is not JSON: \{/],
  ['jsonl', [`${'1\n'.repeat(700)}x`], /line 701 is not JSON: x/],
  ['jsonl', [`"${'y'.repeat(100)}\n`], /line 1 is not JSON: "y{39}… /],
  // used to become null
  ['jsonl', ['1\n1e400\n'], /^standard input: line 2: the number 1e400 is too large/],
  ['json', ['[1,'], /the text is not JSON: \[1, .*--input jsonl/],
] as const)('%s: %j is refused', async (mode, chunks, message) => {
  const failure = await read(mode, ...chunks).catch((error) => error);
  expect(failure).toBeInstanceOf(HotwireError);
  expect(failure.exit).toBe(1);
  expect(failure.message).toMatch(message);
});

test('what came before the broken line has been handed on', async () => {
  const seen: unknown[] = [];
  const reading = (async () => {
    for await (const some of readObjects(chunksOf('1\n2\n', 'x\n'), 'jsonl')) seen.push(...some);
  })();
  await expect(reading).rejects.toThrow(/line 3/);
  expect(seen).toEqual([1, 2]);
});

test('a line that has come is handed on before the next is waited for', async () => {
  let asked = 0;
  async function* slow(): AsyncGenerator<Buffer> {
    for (const text of ['one\nhalf', ' two\n']) {
      asked++;
      yield Buffer.from(text);
    }
  }
  const pieces = splitLines(slow(), 100);
  expect(await pieces.next()).toEqual({ done: false, value: ['one'] });
  expect(asked).toBe(1);
  expect(await pieces.next()).toEqual({ done: false, value: ['half two'] });
  expect(await pieces.next()).toMatchObject({ done: true });
});

test('pieces are of 500 lines and of about 64 Ki units at most', async () => {
  const sizes: number[] = [];
  const long = 'z'.repeat(40_000);
  for await (const lines of splitLines(chunksOf('x\n'.repeat(1100), `${long}\n${long}\n${long}\n`), 100_000)) {
    sizes.push(lines.length);
  }
  expect(sizes).toEqual([500, 500, 100, 2, 1]);
});

test('a line that never ends is given up at the limit, by its number', async () => {
  let asked = 0;
  async function* endless(): AsyncGenerator<Buffer> {
    yield Buffer.from('short\n');
    for (;;) {
      asked++;
      yield Buffer.alloc(1024 * 1024, 'x');
    }
  }
  const read = (async () => {
    for await (const _ of readObjects(endless(), 'lines'));
  })();
  await expect(read).rejects.toMatchObject({ kind: 'LimitExceeded', message: expect.stringMatching(/line 2 .*8 MiB/) });
  expect(asked).toBe(9);
});
