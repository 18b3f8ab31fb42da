import { openSync } from 'node:fs';
import { PassThrough, Readable } from 'node:stream';
import { chooseInput, feed, type InputChoice } from '../../src/cli/feed';
import type { Description } from '../../src/client/api';
import { type ErrorKind, HotwireError } from '../../src/errors';

const takes = (inputType: string, inputOptional = false) => ({ inputType, inputOptional });

test.each<[InputChoice | undefined, boolean, Pick<Description, 'inputType' | 'inputOptional'>, string | undefined]>([
  [undefined, false, takes(''), undefined],
  [undefined, false, takes('string'), 'lines'],
  [undefined, false, takes('string', true), 'lines'],
  [undefined, false, takes('any'), 'jsonl'],
  [undefined, false, takes('hotwire.sysdep.proc.Process'), 'jsonl'],
  [undefined, true, takes('string', true), undefined],
  [undefined, true, takes('string'), 'lines'],
  [undefined, true, takes(''), undefined],
  ['none', false, takes('string'), undefined],
  ['json', true, takes('string'), 'json'],
  ['lines', false, takes('any'), 'lines'],
])('--input %s, terminal: %s, %j: fed as %s', (choice, terminal, description, expected) => {
  expect(chooseInput(choice, terminal, description)).toBe(expected);
});

/** The receiving end of a feed: keeps what is put, and answers as `reply` says. */
function receiver(reply: () => Promise<void> = () => Promise.resolve()) {
  const got: unknown[] = [];
  return {
    got,
    put: async (objects: readonly unknown[]) => {
      got.push(...objects);
      await reply();
    },
    closeInput: async () => {
      got.push('closed');
    },
  };
}

const neverEnds = () => new AbortController().signal;

test('everything is put, then the input is closed', async () => {
  const pipeline = receiver();
  await feed(pipeline, Readable.from([Buffer.from('a\nb')]), 'lines', neverEnds());
  expect(pipeline.got).toEqual(['a', 'b', 'closed']);
});

test('the next piece is not read before the pipeline has taken the last', async () => {
  let answer = () => {};
  const pipeline = receiver(
    () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  );
  let asked = 0;
  async function* source() {
    for (const line of ['a\n', 'b\n', 'c\n']) {
      asked++;
      yield Buffer.from(line);
    }
  }
  const feeding = feed(pipeline, Readable.from(source(), { objectMode: true, highWaterMark: 1 }), 'lines', neverEnds());
  for (const expected of [['a'], ['a', 'b'], ['a', 'b', 'c']]) {
    while (pipeline.got.length < expected.length) await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(pipeline.got).toEqual(expected);
    expect(asked).toBeLessThanOrEqual(expected.length + 2);
    answer();
  }
  await feeding;
  expect(pipeline.got).toEqual(['a', 'b', 'c', 'closed']);
});

test('a pipeline that has ended while input is still to come ends the feeding, quietly', async () => {
  const stdin = new PassThrough();
  const ended = new AbortController();
  const feeding = feed(receiver(), stdin, 'lines', ended.signal);
  ended.abort();
  await feeding;
  expect(stdin.destroyed).toBe(true);
});

test.each<[ErrorKind, boolean]>([
  ['InvalidState', true],
  ['NoSuchPipeline', true],
  ['Disconnected', false],
  ['LimitExceeded', false],
])('a put that is refused as %s ends the feeding quietly: %s', async (kind, quiet) => {
  const pipeline = receiver(() => Promise.reject(new HotwireError(kind, 'refused')));
  const feeding = feed(pipeline, Readable.from([Buffer.from('a\n')]), 'lines', neverEnds());
  if (quiet) await feeding;
  else await expect(feeding).rejects.toMatchObject({ kind });
  expect(pipeline.got).toEqual(['a']);
});

test('input that can not be read is told by name', async () => {
  const stdin = new PassThrough();
  const feeding = feed(receiver(), stdin, 'lines', neverEnds());
  stdin.destroy(new Error('EIO: i/o error, read'));
  await expect(feeding).rejects.toThrow(/can't read standard input: EIO/);
});

// It used to be an empty input: Node has an empty stream for a directory.
test('a directory as input is told in words', async () => {
  const stdin = Object.assign(Readable.from([]), { fd: openSync('/', 'r') });
  await expect(feed(receiver(), stdin, 'lines', neverEnds())).rejects.toMatchObject({
    kind: 'Failed',
    message: "can't read standard input: it is a directory",
  });
});
