// Batches of several domains: in one table, with their domain in front.
import type { Format } from '../../src/render';
import { createRenderer, Sink } from '../../src/render';
import type { Batch } from '../../src/render/renderer';
import { Captured } from '../cli/helpers';
import { ManualClock } from './helpers';

async function shown(format: Format | undefined, columns: number | undefined, ...batches: Batch[]): Promise<string> {
  const stream = new Captured(columns === undefined ? undefined : { columns });
  const renderer = createRenderer({
    sink: new Sink(stream, { name: 'standard output' }),
    terminal: columns === undefined ? undefined : { columns, rows: 2 },
    colour: false,
    domains: ['web1', 'a-longer-name'],
    format,
    singleValue: false,
    schedule: new ManualClock().schedule,
  });
  for (const batch of batches) await renderer.write(batch);
  await renderer.end();
  return stream.text;
}

const rows = (domain: string, ...sizes: number[]): Batch => ({
  className: 'x.Row',
  objects: sizes.map((size) => ({ name: `n${size}`, size })),
  domain,
});

test('a table goes on, whichever domain a batch is from; the column holds the longest name', async () => {
  const text = await shown('table', 40, rows('web1', 1, 2), rows('a-longer-name', 3), rows('web1', 4));
  expect(text).toBe(
    [
      '@domain        name  size',
      'web1           n1       1',
      'web1           n2       2',
      'a-longer-name  n3       3',
      'web1           n4       4',
      '',
    ].join('\n'),
  );
});

test('in a narrow window other columns go first', async () => {
  const text = await shown('table', 20, rows('web1', 1, 2));
  expect(text.split('\n')[0]).toMatch(/^@domain .*…$/);
});

test('of a class that has columns it is in front of them', async () => {
  const process = { className: 'hotwire.sysdep.proc.Process', objects: [{ pid: 1, cmd: 'init' }], domain: 'web1' };
  expect(await shown('table', 80, process)).toMatch(/^@domain +pid/);
  expect(await shown('csv', undefined, process)).toMatch(/^@domain,pid/);
  expect(await shown('list', undefined, process)).toMatch(/^@domain: web1\npid: 1\n/);
});

const lines: Batch = { className: 'string', objects: ['one', 'two\nthree', '', 'end\n'], domain: 'web1' };
const PLAIN = 'web1: one\nweb1: two\nweb1: three\nweb1: \nweb1: end\n';
test.each([
  [undefined, PLAIN],
  ['table', PLAIN],
  ['list', PLAIN],
  ['jsonl', '{"@domain":"web1","value":"one"}\n'],
  ['csv', '@domain,value\r\nweb1,one\r\n'],
] as const)('text as %s', async (format, expected) => {
  expect((await shown(format, undefined, lines)).startsWith(expected)).toBe(true);
});

test('a control sign in a name moves no cursor', async () => {
  expect(await shown(undefined, 80, { className: 'string', objects: ['x'], domain: 'a\u001b[2Jb' })).not.toContain(
    '\u001b',
  );
});
