import { CLASSES, type ClassDeclaration } from '../../src/classes';
import { widthOf } from '../../src/render/text';
import { ManualClock, rendererOf, shown } from './helpers';

const lines = (text: string) => text.split('\n').slice(0, -1);

const FILE = 'hotwire.sysdep.fs.File';
const PROCESS = 'hotwire.sysdep.proc.Process';

const files = ['/work/project/packages/render/source/table.ts', '/work/project/packages/render/source/units.ts'].map(
  (path) => ({ path, mode: 0o100644, owner_name: 'somebody', size: 1023 * 1024, mtime: 1_700_000_000, group: 7 }),
);
const process = {
  pid: 12345,
  owner_name: 'somebody',
  cpu_time: 3723,
  rss: 12_345_678,
  cmd: `node ${'-x '.repeat(50)}`,
};

test('a listing of files is useful at 80 columns', async () => {
  const [header, ...rows] = lines(await shown({ columns: 80 }, [FILE, files]));
  expect(header?.split(/ +/)).toEqual(['mode', 'owner', 'size', 'mtime', 'path']);
  for (const row of rows) expect(widthOf(row)).toBeLessThanOrEqual(80);
  expect(rows[0]).toMatch(
    /^-rw-r--r-- {2}somebody {2}1023\.0 KiB {2}[-\d]{10} [:\d]{8} {2}…\/render\/source\/table\.ts$/,
  );
});

test.each([
  [60, ['size', 'mtime', 'path', '…']],
  [40, ['size', 'path', '…']],
  [20, ['path', '…']],
])('at %i columns files have the columns %j, and their names can be read', async (columns, header) => {
  const rows = lines(await shown({ columns }, [FILE, files]));
  expect(rows[0]?.trim().split(/ +/)).toEqual(header);
  expect(rows[1]).toMatch(/\/table\.ts$/);
  expect(rows[2]).toMatch(/\/units\.ts$/);
  for (const row of rows) expect(widthOf(row)).toBeLessThanOrEqual(columns);
});

test.each([
  [80, ['pid', 'owner', 'cpu_time', 'rss', 'cmd']],
  [40, ['pid', 'cmd', '…']],
  [20, ['cmd', '…']],
])('at %i columns processes have the columns %j', async (columns, header) => {
  const rows = lines(await shown({ columns }, [PROCESS, [process]]));
  expect(rows[0]?.trim().split(/ +/)).toEqual(header);
  expect(rows[1]).toMatch(/node -x.*…$/);
  for (const row of rows) expect(widthOf(row)).toBeLessThanOrEqual(columns);
});

test('a path that comes later, and is longer, keeps its end too', async () => {
  const clock = new ManualClock();
  const { renderer, text } = rendererOf({ columns: 60, schedule: clock.schedule });
  await renderer.write({ className: FILE, objects: [{ path: '/a', size: 1 }] });
  clock.strike();
  const path = `/${'folder/'.repeat(600)}name.txt`;
  await renderer.write({ className: FILE, objects: [{ path, size: 123456789 }] });
  await renderer.end();
  const [, , row = ''] = lines(text());
  expect(row).toMatch(/ …[a-z/]*\/folder\/name\.txt$/);
  expect(widthOf(row)).toBeLessThanOrEqual(60);
});

describe('a class', () => {
  const name = 'x.Job';
  const declaration: ClassDeclaration = {
    name,
    parent: 'object',
    summary: 'A job',
    properties: [
      { name: 'identifier', type: 'string', summary: 'Its name' },
      { name: 'exceedingly_long_property', type: 'number', title: 'n', summary: 'A number' },
      { name: 'note', type: 'string', summary: 'A text' },
      { name: 'started', type: 'number', unit: 'epoch-seconds', summary: 'A time' },
    ],
    columns: ['identifier', 'exceedingly_long_property', 'note', 'started'],
    identity: 'identifier',
  };
  const classes = CLASSES as Map<string, ClassDeclaration>;
  const job = { identifier: 'i'.repeat(24), exceedingly_long_property: 5, note: 'w'.repeat(30), started: 0 };
  beforeAll(() => classes.set(name, declaration));
  afterAll(() => classes.delete(name));

  test('has titles for its tables; CSV, JSON and the list keep the names', async () => {
    expect(lines(await shown({ columns: 200 }, [name, [job]]))[0]).toMatch(/^identifier +n {2}note +started$/);
    expect(await shown({ format: 'csv' }, [name, [job]])).toMatch(
      /^identifier,exceedingly_long_property,note,started\r/,
    );
    expect(await shown({ format: 'list' }, [name, [job]])).toContain('exceedingly_long_property: 5');
    expect(await shown({}, [name, [job]])).toContain('"exceedingly_long_property":5');
  });

  test('lets other text give way before its identity', async () => {
    const [, row] = lines(await shown({ columns: 65 }, [name, [{ ...job, identifier: 'i'.repeat(26) }]]));
    expect(row).toMatch(/^i{26} {2}5 {2}w+… {2}[-\d]+ [:\d]+$/);
  });

  test('loses the last of its columns first, never its identity; a time is not cut', async () => {
    expect(lines(await shown({ columns: 55 }, [name, [job]]))[0]).toMatch(/^identifier +n {2}note +…$/);
    const [header, row] = lines(await shown({ columns: 28 }, [name, [job]]));
    expect(header).toMatch(/^identifier +…$/);
    expect(row).toBe('i'.repeat(24));
    expect(lines(await shown({ columns: 10 }, [name, [job]]))[1]).toBe(`${'i'.repeat(9)}…`);
  });
});
