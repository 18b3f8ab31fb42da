import { Progress } from '../../src/cli/progress';
import { Screen } from '../../src/cli/screen';
import { ManualClock, surroundingsOf } from './helpers';

const ERASE = '\r\u001b[K';

function progressOf(columns = 80) {
  const clock = new ManualClock();
  const written: string[] = [];
  const progress = new Progress({
    write: (text) => written.push(text),
    columns: () => columns,
    colour: false,
    schedule: clock.schedule,
  });
  return { clock, written, progress };
}

test('work of less than half a second shows nothing', () => {
  const { clock, written, progress } = progressOf();
  progress.count(5);
  clock.advance(499);
  progress.stop();
  clock.advance(5000);
  expect(written).toEqual([]);
});

test('the line tells objects, the newest status and its percent, and is drawn only when it changed', () => {
  const { clock, written, progress } = progressOf();
  clock.advance(500);
  progress.count(1);
  clock.advance(200);
  progress.count(41);
  progress.status('copying a', 10);
  progress.status('copying \u001b[2J', 12.7);
  clock.advance(2000);
  progress.status('done', -1);
  clock.advance(200);
  progress.stop();
  expect(written).toEqual([
    `${ERASE}working`,
    `${ERASE}1 object`,
    `${ERASE}42 objects  copying ␛[2J 12%`,
    `${ERASE}42 objects  done`,
    ERASE,
  ]);
});

test('it never fills the line, which would make the terminal scroll', () => {
  const { clock, written, progress } = progressOf(10);
  progress.status('x'.repeat(50), -1);
  clock.advance(500);
  expect(written).toEqual([`${ERASE}working …`]);
});

test('other text erases it, and it comes back only after half a second of silence', () => {
  const { clock, written, progress } = progressOf();
  clock.advance(500);
  progress.makeWay('row\n');
  expect(written).toEqual([`${ERASE}working`, ERASE]);
  for (let row = 0; row < 10; row++) {
    clock.advance(400);
    progress.makeWay('row\n');
  }
  expect(written).toHaveLength(2);
  clock.advance(500);
  expect(written).toHaveLength(3);
});

test('it is not drawn over a line that is still open, as that of a prompt', () => {
  const { clock, written, progress } = progressOf();
  progress.makeWay('Password: ');
  clock.advance(5000);
  expect(written).toEqual([]);
  progress.makeWay('\n');
  clock.advance(500);
  expect(written).toEqual([`${ERASE}working`]);
});

describe('on a screen', () => {
  const options = { color: 'auto', progress: true, outputFailed: () => {} } as const;

  test('rows and words erase it first', () => {
    const clock = new ManualClock();
    const { surroundings, stderr } = surroundingsOf({ terminal: { columns: 80 }, environment: { NO_COLOR: '1' } });
    const screen = new Screen(surroundings, { ...options, schedule: clock.schedule });
    clock.advance(500);
    screen.target.sink.push('row\n');
    clock.advance(500);
    screen.complain('wrong');
    screen.close();
    expect(stderr.text).toBe(`${ERASE}working${ERASE}${ERASE}working${ERASE}hotwire: wrong\n`);
  });

  test.each([
    ['no terminal', undefined, {}, true],
    ['a dumb terminal', { columns: 80 }, { TERM: 'dumb' }, true],
    ['--no-progress', { columns: 80 }, {}, false],
  ])('%s shows none', (_name, terminal, environment, progress) => {
    const clock = new ManualClock();
    const { surroundings, stderr } = surroundingsOf({ environment, ...(terminal && { terminal }) });
    const screen = new Screen(surroundings, { ...options, progress, schedule: clock.schedule });
    clock.advance(5000);
    screen.close();
    expect(stderr.text).toBe('');
  });

  test.each([
    ['auto', { columns: 80 }, {}, true],
    ['auto', { columns: 80 }, { NO_COLOR: '1' }, false],
    ['auto', { columns: 80 }, { NO_COLOR: '' }, true],
    ['auto', { columns: 80 }, { TERM: 'dumb' }, false],
    ['auto', undefined, {}, false],
    ['always', undefined, { NO_COLOR: '1' }, true],
    ['never', { columns: 80 }, {}, false],
  ] as const)('--color %s, terminal %j, environment %j: colours %s', (color, terminal, environment, expected) => {
    const { surroundings } = surroundingsOf({ environment, ...(terminal && { terminal }) });
    const screen = new Screen(surroundings, { ...options, color, schedule: new ManualClock().schedule });
    expect(screen.target.colour).toBe(expected);
    screen.close();
  });

  test.each([
    [{ columns: 80 }, 'a␇\u001b[31mred\u001b[0m\n'],
    [undefined, 'a\u0007\u001b[31mred\n'],
  ])('what a command writes to its standard error, terminal %j', (terminal, expected) => {
    const { surroundings, stderr } = surroundingsOf(terminal ? { terminal } : {});
    const screen = new Screen(surroundings, { ...options, schedule: new ManualClock().schedule });
    screen.commandError('a\u0007\u001b[31mred\n');
    screen.close();
    expect(stderr.text).toBe(expected);
  });
});

test('while something else has the terminal nothing is drawn, and whoever writes waits', async () => {
  const { clock, written, progress } = progressOf();
  clock.advance(500);
  progress.hold(true);
  progress.count(1);
  clock.advance(2000);
  expect(written).toEqual([`${ERASE}working`, ERASE]);
  progress.hold(false);
  clock.advance(200);
  expect(written.at(-1)).toBe(`${ERASE}1 object`);
  const { surroundings } = surroundingsOf();
  const screen = new Screen(surroundings, { color: 'never', progress: false, outputFailed: () => {} });
  const order: string[] = [];
  screen.hold(true);
  const free = screen.free().then(() => order.push('free'));
  await Promise.resolve();
  order.push('held');
  screen.hold(false);
  await free;
  expect(order).toEqual(['held', 'free']);
});
