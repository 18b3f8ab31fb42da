import { CLASSES, propertiesOf } from '../../src/classes';
import { widthOf } from '../../src/render/text';
import { ManualClock, rendererOf, shown } from './helpers';

const lines = (text: string) => text.split('\n').slice(0, -1);

test('columns of an unknown class are the keys; numbers are lined up on their right', async () => {
  const text = await shown({ columns: 80 }, [
    'x.Pair',
    [
      { name: 'a', n: 7 },
      { name: 'longer', n: 1234 },
    ],
  ]);
  expect(lines(text)).toEqual(['name       n', 'a          7', 'longer  1234']);
});

test('the widest column of text gives way, and says so', async () => {
  const objects = [
    { text: 'x'.repeat(60), pid: 123456, name: 'somebody' },
    { text: 'short', pid: 1, name: 'another one' },
  ];
  const rows = lines(await shown({ columns: 40 }, ['x.Row', objects]));
  expect(rows).toEqual([
    expect.stringMatching(/^text +pid {2}name$/),
    expect.stringMatching(/^x+… {2}123456 {2}somebody$/),
    expect.stringMatching(/^short +1 {2}another one$/),
  ]);
  for (const row of rows) expect(widthOf(row)).toBeLessThanOrEqual(40);
  expect(widthOf(rows[2] as string)).toBe(40);
});

test('wide characters do not shift the columns', async () => {
  const text = await shown({ columns: 80 }, [
    'x.Row',
    [
      { name: '漢字', other: 'a' },
      { name: 'abcd', other: 'b' },
    ],
  ]);
  expect(lines(text)).toEqual(['name  other', '漢字  a', 'abcd  b']);
});

test('the last column of text runs to the end of the line, also in rows that come later', async () => {
  const clock = new ManualClock();
  const { renderer, text } = rendererOf({ columns: 20, schedule: clock.schedule });
  await renderer.write({ className: 'x.Row', objects: [{ n: 1, text: 'a' }] });
  expect(text()).toBe('');
  clock.strike();
  await renderer.write({ className: 'x.Row', objects: [{ n: 2, text: 'y'.repeat(30) }] });
  await renderer.end();
  expect(lines(text())).toEqual(['n  text', '1  a', `2  ${'y'.repeat(16)}…`]);
});

test('a screenful is enough to fix the widths; then the clock is not asked any more', async () => {
  const clock = new ManualClock();
  const { renderer, text } = rendererOf({ columns: 80, rows: 3, schedule: clock.schedule });
  await renderer.write({ className: 'x.Row', objects: [{ n: 1 }, { n: 2 }] });
  expect(clock.armed).toBe(1);
  await renderer.write({ className: 'x.Row', objects: [{ n: 3 }] });
  expect(clock.armed).toBe(0);
  await renderer.write({ className: 'x.Row', objects: [{ n: 4 }] });
  await renderer.end();
  expect(lines(text())).toEqual(['n', '1', '2', '3', '4']);
});

test('a new class gets its own header', async () => {
  const text = await shown({ columns: 80 }, ['x.A', [{ a: 1 }]], ['x.B', [{ b: 'two' }]], ['string', ['three']]);
  expect(lines(text)).toEqual(['a', '1', 'b', 'two', 'three']);
});

test('columns that can not have their least width are left out, visibly', async () => {
  const object = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`key${index}`, 'x'.repeat(20)]));
  const [header, row] = lines(await shown({ columns: 40 }, ['x.Wide', [object]]));
  expect(header).toMatch(/^key0 +key1 +key2.*…$/);
  for (const line of [header, row]) expect(widthOf(line as string)).toBeLessThanOrEqual(40);
});

test('a number is never cut', async () => {
  const clock = new ManualClock();
  const { renderer, text } = rendererOf({ columns: 30, schedule: clock.schedule });
  await renderer.write({ className: 'x.Row', objects: [{ n: 1, text: 'a' }] });
  clock.strike();
  await renderer.write({ className: 'x.Row', objects: [{ n: 123456789, text: 'z'.repeat(30) }] });
  await renderer.end();
  expect(lines(text())[2]).toBe(`123456789  ${'z'.repeat(18)}…`);
});

test('a name can not reach the terminal as an escape sequence; a pipe gets it as it is', async () => {
  const object = { name: '\u001b]0;owned\u0007' };
  expect(await shown({ columns: 80 }, ['x.Row', [object]])).toBe('name\n␛]0;owned␇\n');
  expect(await shown({ format: 'table' }, ['x.Row', [object]])).toBe(`name\n${object.name}\n`);
});

test('nothing is cut where there is no terminal', async () => {
  const text = 'x'.repeat(5000);
  expect(await shown({ format: 'table' }, ['x.Row', [{ text, n: 1 }]])).toContain(`${text}  1\n`);
});

test('the header alone is coloured', async () => {
  expect(await shown({ columns: 80, colour: true }, ['x.Row', [{ n: 1 }]])).toBe('\u001b[1mn\u001b[22m\n1\n');
});

test('null and what is missing are empty; what is nested is JSON; a value among objects is shown', async () => {
  const text = await shown({ columns: 80 }, ['object', [{ a: null, b: { c: [1] } }, { b: 'x' }, 7]]);
  expect(lines(text)).toEqual(['a  b', '   {"c":[1]}', '   x', '7']);
});

test('nothing comes of nothing', async () => {
  expect(await shown({ columns: 80 })).toBe('');
});

test.each(['hotwire.sysdep.proc.Process', 'hotwire.sysdep.fs.File'])('%s is shown in its own columns', async (name) => {
  const { columns } = CLASSES.get(name) ?? { columns: [] };
  const titles = new Map(propertiesOf(name).map((property) => [property.name, property.title]));
  expect(columns.length).toBeGreaterThan(0);
  const object = Object.fromEntries([...columns].reverse().map((column) => [column, null]));
  const text = await shown({ columns: 200 }, [name, [{ other: 1, ...object }]]);
  expect(lines(text)[0]?.split(/ +/)).toEqual(columns.map((column) => titles.get(column) ?? column));
});

test('units are for people in a table', async () => {
  const object = { pid: 1, owner_name: 'root', rss: 1_300_000_000, cmd: 'init' };
  const text = await shown({ format: 'list', columns: 80 }, ['hotwire.sysdep.proc.Process', [object]]);
  expect(text).toContain('rss: 1.2 GiB\n');
});
