import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { compileCondition } from '../../src/builtins/lib/condition';
import { joinCondition } from '../../src/builtins/lib/condition-parse';
import { meaningOf, readNumber } from '../../src/builtins/lib/condition-value';
import { MAX_CONDITION_DEPTH, MAX_CONDITION_UNITS, MAX_CONDITION_VALUES } from '../../src/limits';
import { closeContexts, contextWith, failureOf, run, valuesOf } from './support';

afterAll(closeContexts);

const PROCESS = 'hotwire.sysdep.proc.Process';
const FILE = 'hotwire.sysdep.fs.File';

const process = { pid: 7, cmd: 'node (x)', owner_name: 'root', rss: 600 * 1024 ** 2, cpu_time: 5400, tty: null };
const file = { path: '/a b', basename: 'a b', size: null, is_directory: true, mtime: Date.now() / 1000 - 3600 };

describe('a condition', () => {
  test.each([
    ['rss > 500M', true],
    ['rss > 1G', false],
    ['rss >= 600Mi and rss<=600MiB', true],
    ['rss > 600MB', true],
    ['rss gt 500M and owner_name != root', false],
    ['rss lt 500M or (owner_name eq root and not pid = 8)', true],
    ['not not pid = 7', true],
    ['not(pid = 7)', false],
    ['cpu_time = 1h30m', true],
    ['cpu_time > 1h and cpu_time < 2h', true],
    ['owner_name in root,daemon', true],
    ['owner_name not in (root, daemon)', false],
    ['pid in (1,7)', true],
    ['pid == 7', true],
    ['tty = null', true],
    ['tty != null', false],
    ['tty = x or tty < x', false],
    ['tty != x', true],
    ['tty ~ .', false],
    ['tty !~ .', true],
    ['cmd ~ ^(node|python)', true],
    ['(cmd ~ ^(node|python))', true],
    ['cmd ~ \\(x\\)$', true],
    ['cmd ~ [(]x[)]', true],
    ["cmd ~ 'e .x'", true],
    ["cmd = 'node (x)'", true],
    ['"cmd" = "node (x)"', true],
    ['pid ~ 7', true],
    ['nothing? = null', true],
    ['nothing? > 3', false],
    // precedence: and binds more than or
    ['pid = 7 or pid = 8 and pid = 9', true],
  ])('of a process: %s', (text, expected) => {
    expect(compileCondition(text)(PROCESS)(process)).toBe(expected);
  });

  test.each([
    ['is_directory', true],
    ['not is_directory', false],
    ['is_directory = true', true],
    ['hidden', false],
    ['size > 5', false],
    ['mtime > 2h ago', true],
    ['mtime gt 30m ago', false],
    ['mtime < now and mtime > 2020-01-01', true],
    ['mtime > "2020-01-01 12:30"', true],
    ['mtime > 2020-01-01T12:30:00Z', true],
    ["basename = 'a b'", true],
  ])('of a file: %s', (text, expected) => {
    expect(compileCondition(text)(FILE)(file)).toBe(expected);
  });

  test.each([
    ['n = 1', { n: 1 }, true],
    ['n = 1', { n: '1.0' }, true],
    ["n = '1'", { n: 1 }, false],
    ['n > 5M', { n: 6_000_000 }, true],
    ['n > 5m', { n: 301 }, true],
    ['n < 10', { n: '9' }, true],
    ['n = x', { n: 1 }, false],
    ['n != x', { n: [1] }, true],
    ['n = true', { n: 'true' }, true],
    ['n', { n: true }, true],
    ['n', { n: null }, false],
    ['d > 2024-05-01', { d: '2024-05-02T10:00' }, true],
    ['it', true, true],
    ['it > 10', '11', true],
    ['it > b', 'a', false],
    ['it = 2', { it: 2 }, true],
    ['__proto__? = null', {}, true],
    ["'a b'? = 1", { 'a b': 1 }, true],
  ])('of plain data: %s of %j', (text, value, expected) => {
    const className = typeof value === 'object' ? 'object' : typeof value;
    expect(compileCondition(text)(className)(value)).toBe(expected);
  });
});

test.each([
  ['', 0, 'the condition ends too early: expected a property'],
  ['rss >', 5, 'the condition ends too early: expected a value'],
  ['rss > 5M pid', 9, 'pid is not understood here: expected and, or, or the end'],
  ['rss > 5M and or', 13, 'or is not understood here: expected a property'],
  ['(pid = 1', 8, 'the condition ends too early: expected )'],
  ['pid = 1)', 7, ') is not understood here'],
  ['pid in (1, 2', 12, 'expected , or )'],
  ['pid not 5', 8, 'expected in after not'],
  ["cmd = 'x", 6, "expected a closing '"],
  ['cmd = a,b', 7, ',b is not understood here'],
  ['cmd ~', 5, 'expected a regular expression'],
  ['cmd =~node', 5, '~node is not understood here: write ~ (matches)'],
  ['cmd =~ node', 5, '~ is not understood here: write ~ (matches)'],
  ['cmd ===node', 6, '=node is not understood here: write = (equals)'],
  ['rss > 5Q', 6, "rss can't be compared with '5Q': give a size"],
  ['cpu_time > soon', 11, 'give a duration'],
  ['start_time > 2024-02-31', 13, 'give a time'],
  ['pid = many', 6, 'give a number'],
  ['threads > 5K', 10, 'give a number'],
  ['tty > null', 6, 'nothing is less or more than null: use = or !='],
  ['rss', 0, 'compare it with something, as in where rss = …'],
  ['arguments > x', 12, 'arguments holds a list'],
  ['arguments ~ x', 0, 'arguments holds a list, no text'],
])('%s is refused at %i: %s', async (text, at, reason) => {
  const run = async () => compileCondition(text)(PROCESS)({ ...process, arguments: [] });
  const error = await run().then(
    () => undefined,
    (thrown) => thrown,
  );
  expect(error).toMatchObject({ kind: 'InvalidArgs', message: expect.stringContaining(reason) });
  const [, line, carets] = error.message.split('\n');
  expect([line, carets.indexOf('^')]).toEqual([text, at]);
});

test.each([
  ['rsss > 5', /has no property rsss; it has pid.*; did you mean rss\?/],
  ['cmd ~ (', /where: .*\(/],
  ['cmd ~ (?=x)', /linear time/],
])('%s fails: %s', async (text, message) => {
  const testing = async () => compileCondition(text)(PROCESS)(process);
  await expect(testing()).rejects.toMatchObject({ kind: 'InvalidArgs', message: expect.stringMatching(message) });
});

test.each([
  ['parentheses', '('.repeat(MAX_CONDITION_DEPTH + 1)],
  ['nots', 'not '.repeat(MAX_CONDITION_DEPTH + 1)],
  ['values', `a in ${'1,'.repeat(MAX_CONDITION_VALUES)}1`],
  ['length', 'x'.repeat(MAX_CONDITION_UNITS + 1)],
])('too many: %s', (_what, text) => {
  expect(() => compileCondition(text)).toThrow(expect.objectContaining({ kind: 'LimitExceeded' }));
});

test.each([
  [['a > 1'], 'a > 1'],
  [['a', 'gt', '1'], 'a gt 1'],
  [['a', '=', 'b c'], 'a = "b c"'],
  [['a', 'eq', 'say "b"'], 'a eq "say ""b"""'],
  [['a', '=', ''], 'a = ""'],
  [['a', '>', 'b c'], 'a > "b c"'],
  [['a', '=', '~b'], 'a = "~b"'],
  [['a=', 'b c'], 'a= "b c"'],
  [['a = 1', 'or', 'b = 2'], 'a = 1 or b = 2'],
])('words %j', (words, expected) => {
  expect(joinCondition(words)).toBe(expected);
});

test.each([
  ['500M', 'bytes', 500 * 1024 ** 2],
  ['1.5Gi', 'bytes', 1.5 * 1024 ** 3],
  ['1kB', 'bytes', 1000],
  ['10B', 'bytes', 10],
  ['1d12h', 'seconds', 129_600],
  ['250ms', 'seconds', 0.25],
  ['80%', 'percent', 80],
  ['1e3', undefined, 1000],
  ['0x10', undefined, undefined],
  ['1970-01-01T00:00Z', 'epoch-seconds', 0],
  ['2024-13-01', 'epoch-seconds', undefined],
  ['5M', 'count', undefined],
] as const)('%s as %s', (text, unit, expected) => {
  expect(readNumber(text, unit)).toBe(expected);
});

test('quotes make a text of what would be a number', () => {
  expect(meaningOf({ text: '5', quoted: true }, undefined)).toEqual({ type: 'string', text: '5' });
});

test('the pipeline: words, quotes, a list of rows', async () => {
  const rows = [{ name: 'a b' }, { name: 'c' }];
  expect(await valuesOf("where name eq 'a b'", contextWith(), rows)).toEqual([rows[0]]);
  expect(await valuesOf("where 'name != c'", contextWith(), rows)).toEqual([rows[0]]);
  const spaced = [{ 'Unit Price': 7 }, { 'Unit Price': 3 }];
  for (const text of ["where 'Unit Price' > 5", "where 'Unit Price' ge 5"]) {
    expect(await valuesOf(text, contextWith(), spaced)).toEqual([spaced[0]]);
  }
  expect((await run('where nam = c', contextWith(), rows)).error?.message).toMatch(/did you mean name\?/);
});

test.each([
  ['where n > 1 and n<9', [{ n: 5 }]],
  ['where n>=5', [{ n: 5 }, { n: 9 }]],
  ['where (n < 5) or n > 5', [{ n: 1 }, { n: 9 }]],
  ['where n <= 1 | where n != 9', [{ n: 1 }]],
])('%s compares', async (text, expected) => {
  expect(await valuesOf(text, contextWith(), [{ n: 1 }, { n: 5 }, { n: 9 }])).toEqual(expected);
});

test('a whole condition in quotes can be redirected, and before the name any', async () => {
  const context = contextWith();
  for (const text of ["where 'n > 1' > a", '> b where n > 1']) {
    expect(await run(text, context, [{ n: 1 }, { n: 5 }])).toMatchObject({ state: 'complete', values: [] });
  }
  expect(readdirSync(context.cwd)).toEqual(['a', 'b']);
  for (const name of ['a', 'b']) expect(readFileSync(path.join(context.cwd, name), 'utf8')).toBe('{"n":5}\n');
});

test.each(['where n > 1 > a', 'where n > 1 < a'])('%s makes no file, and says what to write', async (text) => {
  const context = contextWith();
  const error = await failureOf(text, context, [{ n: 1 }]);
  expect(error?.message).toMatch(
    /expected the end: to redirect, quote the condition before it, or write with … \| write FILE/,
  );
  expect(readdirSync(context.cwd)).toEqual([]);
});

const NESTED = [{ stat: { size: 9, 'a.b': 1 }, list: [{ n: 1 }], nothing: null, 'x.y': 2, x: { y: 3 } }];

test.each([
  ['where stat.size > 5', NESTED],
  ['where stat.size > 500M', []],
  ['where x.y = 2', NESTED],
  ['where list.0.n = 1', NESTED],
  ['where list.9 = null and nothing.at.all = null', NESTED],
  ['where stat.none? = null and stat.size? = 9 and none.at.all? = null', NESTED],
  ['select s=stat.size x.y', [{ s: 9, 'x.y': 2 }]],
  ['sort stat.size | prop stat.size', [9]],
  ['prop list.0.n', [1]],
])('nested names: %s', async (text, expected) => {
  expect(await valuesOf(text, contextWith(), NESTED)).toEqual(expected);
});

test.each([
  ['where stat.siz > 5', /where: object \(in stat.siz\) has no property siz; it has size, a.b; did you mean size\?/],
  ['prop stat.size.x', /a value of class number \(in stat.size.x\) has no properties, not even x/],
  ['prop list.n', /class array \(in list.n\) has no properties/],
  ['prop stat.toString', /no property toString/],
  ['prop stat.', /no property ; it has/],
  ['prop none.x', /object has no property none.x; it has stat/],
])('nested names: %s fails', async (text, message) => {
  expect((await run(text, contextWith(), NESTED)).error).toMatchObject({
    kind: 'InvalidArgs',
    message: expect.stringMatching(message),
  });
});
