import { HotwireError } from '../../src/errors';
import { rendererOf, shown } from './helpers';

const objects = [
  { a: 1, b: 'x' },
  { a: 2, b: null },
];
const nasty = { s: 'a"b,c', n: null, t: 'two\nlines', nested: { k: [1] } };

test.each([
  ['jsonl', '{"a":1,"b":"x"}\n{"a":2,"b":null}\n'],
  ['json', '[\n{"a":1,"b":"x"},\n{"a":2,"b":null}\n]\n'],
  ['csv', 'a,b\r\n1,x\r\n2,\r\n'],
  ['list', 'a: 1\nb: x\n\na: 2\n'],
  ['table', 'a  b\n1  x\n2\n'],
] as const)('%s', async (format, expected) => {
  expect(await shown({ format }, ['object', objects])).toBe(expected);
  expect(await shown({ format }, ['object', objects.slice(0, 1)], ['object', objects.slice(1)])).toBe(expected);
});

test.each([
  ['json', '[]\n'],
  ['jsonl', ''],
  ['csv', ''],
  ['list', ''],
  ['table', ''],
] as const)('%s of nothing', async (format, expected) => {
  expect(await shown({ format })).toBe(expected);
});

test.each([
  ['jsonl', '"a b"\n7\n'],
  ['json', '[\n"a b",\n7\n]\n'],
  ['csv', 'value\r\na b\r\n7\r\n'],
  ['list', 'a b\n7\n'],
  ['table', 'a b\n7\n'],
] as const)('%s of plain values', async (format, expected) => {
  expect(await shown({ format }, ['string', ['a b']], ['number', [7]])).toBe(expected);
});

describe('when no format is asked for', () => {
  test('a pipe gets JSON lines, and strings as plain lines', async () => {
    expect(await shown({}, ['object', [{ a: 1 }]], ['string', ['x', 'ends\n']])).toBe('{"a":1}\nx\nends\n');
  });

  test('a terminal gets a table, and strings as plain lines', async () => {
    expect(await shown({ columns: 80 }, ['object', [{ a: 1 }]], ['string', ['x']])).toBe('a\n1\nx\n');
  });

  test('a single value is a list on a terminal, JSON in a pipe', async () => {
    const batch: [string, unknown[]] = ['object', [{ a: 1, b: [2] }]];
    expect(await shown({ columns: 80, singleValue: true }, batch)).toBe('a: 1\nb: [2]\n');
    expect(await shown({ singleValue: true }, batch)).toBe('{"a":1,"b":[2]}\n');
    expect(await shown({ columns: 80, singleValue: true }, ['number', [42]])).toBe('42\n');
  });
});

test('a list leaves out what holds nothing, unless nothing else is there', async () => {
  const nested = { a: null, b: [], c: { d: null, e: 0 }, f: [{ g: '', h: null }], i: false };
  expect(await shown({ format: 'list' }, ['object', [nested]])).toBe('c:\n  e: 0\nf:\n  - g:\ni: false\n');
  expect(await shown({ format: 'list' }, ['object', [{ a: null, b: [] }, {}]])).toBe('a: null\nb: []\n\n{}\n');
});

test('a list on a terminal is wrapped at words; elsewhere it is not', async () => {
  const object = { text: 'one two  three four five', list: ['alpha', 'beta', 'gamma'], word: 'x'.repeat(30) };
  const nested = { in: [{ text: 'one two three four five', lines: 'a\n  b c d e f g h i j k l' }] };
  expect(await shown({ format: 'list', columns: 20 }, ['object', [object]])).toBe(
    `text: one two  three\n  four five\nlist: ["alpha",\n  "beta", "gamma"]\nword: ${'x'.repeat(30)}\n`,
  );
  expect(await shown({ format: 'list', columns: 20 }, ['object', [nested]])).toBe(
    'in:\n  - text: one two\n      three four\n      five\n    lines:\n      a\n        b c d e f g\n      h i j k l\n',
  );
  expect(await shown({ format: 'list' }, ['object', [object]])).toContain('text: one two  three four five\n');
});

test('CSV quotes as RFC 4180 says', async () => {
  const text = await shown({ format: 'csv' }, ['object', [nasty]]);
  expect(text).toBe('s,n,t,nested\r\n"a""b,c",,"two\nlines","{""k"":[1]}"\r\n');
});

test('CSV of a class has all its properties, whatever the objects have', async () => {
  const text = await shown({ format: 'csv' }, ['hotwire.sysdep.proc.Process', [{ pid: 4, '@domain': 'web1' }]]);
  const [header = '', row = ''] = text.split('\r\n');
  expect(header.split(',')).toEqual(expect.arrayContaining(['pid', 'cmd', 'rss']));
  expect(header.split(',')[0]).toBe('@domain');
  expect(row.split(',')).toHaveLength(header.split(',').length);
});

test('CSV refuses what does not fit its header, naming it', async () => {
  const { renderer } = rendererOf({ format: 'csv' });
  await renderer.write({ className: 'object', objects: [{ a: 1 }] });
  const failure = await renderer.write({ className: 'x.Other', objects: [{ a: 1, z: 2 }] }).catch((error) => error);
  expect(failure).toBeInstanceOf(HotwireError);
  expect(failure.message).toMatch(/x\.Other.*'z'.*jsonl/);
});

test.each(['table', 'json', 'jsonl', 'csv', 'list', undefined] as const)(
  'on a terminal no control character passes in %s',
  async (format) => {
    const hostile = '\u001b[2J\u009b2J\u0007';
    const text = await shown(
      { columns: 80, ...(format && { format }) },
      ['x.Hostile', [{ value: hostile }]],
      ['string', [hostile]],
    );
    expect(text.replace(/\r?\n/g, '')).not.toMatch(/\p{Cc}/u);
  },
);

test('into a pipe bytes pass as they are', async () => {
  expect(await shown({}, ['string', ['\u001b[2J\u009b']])).toBe('\u001b[2J\u009b\n');
});
