// Standard error of many hosts, on its way to where it is taken slowly or not at all.
import { HostErrors } from '../../src/client/host-errors';
import { HostLines, MAX_OPEN_LINE_UNITS } from '../../src/client/host-lines';
import { KIB, MIB } from '../../src/limits';

/** Somewhere that takes lines when it is told to. */
function slow() {
  const taken: string[] = [];
  const paused = new Map<string, Promise<void>>();
  let take: () => void = () => undefined;
  let refuse: (error: Error) => void = () => undefined;
  const gate = new Promise<void>((resolve, reject) => {
    take = resolve;
    refuse = reject;
  });
  const errors = new HostErrors({
    write: (lines) => {
      taken.push(lines);
      return gate;
    },
    pause: (host, until) => paused.set(host, until),
  });
  return { errors, taken, paused, take, refuse };
}

test('lines keep their order, with their host in front', async () => {
  const { errors, taken, take, paused } = slow();
  errors.add('a', 'one\ntw');
  errors.add('b', 'other\n');
  errors.add('a', 'o\nthree');
  errors.end('a');
  take();
  await errors.told();
  expect(taken.join('')).toBe('a: one\nb: other\na: two\na: three\n');
  expect(paused.size).toBe(0);
});

test('whoever sends while much waits is paused until it has been taken', async () => {
  const { errors, taken, take, paused } = slow();
  const text = 'x\n'.repeat(32 * KIB);
  for (let units = 0; units < MIB; units += text.length) errors.add('a', text);
  errors.add('b', text);
  expect([...paused.keys()]).toEqual(['a', 'b']);
  await Promise.resolve();
  expect(taken).toHaveLength(1);
  take();
  await paused.get('b');
  expect(taken.join('')).toHaveLength('a: x\n'.length * 32 * KIB * (MIB / text.length + 1));
  errors.add('c', text);
  expect(paused.has('c')).toBe(false);
  await errors.told();
});

test('what can not be taken is told, and nobody stays paused', async () => {
  const { errors, refuse, paused, taken } = slow();
  errors.add('a', 'x'.repeat(2 * MIB));
  refuse(new Error('gone'));
  await expect(paused.get('a')).rejects.toThrow('gone');
  errors.add('a', 'more\n');
  await expect(errors.told()).rejects.toThrow('gone');
  expect(taken).toHaveLength(1);
});

test('nothing is written any more once it is dropped', async () => {
  const { errors, take, taken } = slow();
  errors.add('a', 'one\n');
  await Promise.resolve();
  errors.add('a', 'two\n');
  errors.drop();
  take();
  await errors.told();
  expect(taken).toEqual(['a: one\n']);
});

test('a line that does not end is cut, between two signs', () => {
  const lines = new HostLines();
  expect(lines.add('a', 'x'.repeat(MAX_OPEN_LINE_UNITS - 1))).toBe('');
  expect(lines.add('a', 'yz')).toBe(`a: ${'x'.repeat(MAX_OPEN_LINE_UNITS - 1)}y\n`);
  expect(lines.end('a')).toBe('a: z\n');
  expect(lines.add('a', `${'x'.repeat(MAX_OPEN_LINE_UNITS - 1)}\u{1f600}`)).toBe(
    `a: ${'x'.repeat(MAX_OPEN_LINE_UNITS - 1)}\n`,
  );
  expect(lines.add('a', '!\n')).toBe('a: \u{1f600}!\n');
});
