import { format, type Plan, parse } from '../../src/language';
import { FILE, PROCESS, vocabulary } from './vocabulary';

const plan = (text: string): Plan => parse(text, vocabulary);
const stage = (text: string, index = 0) => plan(text).stages.at(index);
const argsOf = (text: string) => stage(text)?.args.map((argument) => argument.text);

test('the canonical example', () => {
  const { text, stages, ...derived } = plan('proc -a | filter -i foo cmd');
  expect(text).toBe('proc -a | filter -i foo cmd');
  expect(derived).toEqual({
    inputType: null,
    inputOptional: false,
    outputType: PROCESS,
    singleValue: false,
    idempotent: true,
    undoable: false,
  });
  expect(stages.map(({ command }) => command.name)).toEqual(['proc', 'filter']);
  expect(stages[1]).toMatchObject({
    options: new Map([['ignore-case', true]]),
    args: [
      { text: 'foo', kind: 'regexp', pieces: [{ text: 'foo', quoted: false }], span: { start: 20, length: 3 } },
      { text: 'cmd', kind: 'property', span: { start: 24, length: 3 } },
    ],
    inputType: PROCESS,
    outputType: PROCESS,
    span: { start: 10, length: 17 },
  });
});

describe('options', () => {
  test.each<[text: string, options: [string, string | true][], args: string[]]>([
    [
      'ls -la',
      [
        ['long', true],
        ['all', true],
      ],
      [],
    ],
    [
      'ls --all a --long',
      [
        ['all', true],
        ['long', true],
      ],
      ['a'],
    ],
    ['ls - -a', [['all', true]], ['-']],
    ['ls -- -a --', [], ['-a', '--']],
    [`ls '-a' ""`, [['all', true]], ['']],
    ['head -3', [['count', '3']], []],
    ['head -n 3 a', [['count', '3']], ['a']],
    ['head -n3', [['count', '3']], []],
    ['head --count 3', [['count', '3']], []],
    ['head --count=3=4', [['count', '3=4']], []],
    ['head --count=', [['count', '']], []],
    ['head -n --', [['count', '--']], []],
    ['head -1 -2', [['count', '2']], []],
    [
      'sort -rt, a',
      [
        ['reverse', true],
        ['separator', ','],
      ],
      ['a'],
    ],
    ['sys ls -l -- -a', [], ['ls', '-l', '--', '-a']],
  ])('%s', (text, options, args) => {
    expect([...(stage(text)?.options ?? [])]).toEqual(options);
    expect(argsOf(text)).toEqual(args);
  });
});

describe('the first word', () => {
  test.each<[text: string, canonical: string]>([
    ['dir', 'ls'],
    ['ls', 'ls'],
    ['\\ls -l', 'sys ls -l'],
    ["'ls'", 'sys ls'],
    ['l"s"', 'sys ls'],
    ['seq 3', 'sys seq 3'],
    ['./run.sh a', 'sys ./run.sh a'],
    ["'a b'", "sys 'a b'"],
    ['| json', 'current | json'],
  ])('%s', (text, canonical) => {
    expect(format(plan(text))).toBe(canonical);
  });

  test("a leading bar's command has the bar's place", () => {
    expect(stage('  | json')).toMatchObject({ span: { start: 2, length: 1 }, outputType: 'any' });
  });
});

describe('prefixes', () => {
  test.each<[text: string, canonical: string]>([
    ['sh a | b > "c" # d', `sys sh -c 'a | b > "c" # d'`],
    ['py  print(1)\n', "sys python3 -c 'print(1)\n'"],
    ["rb puts 'a'", "sys ruby -e 'puts '\\''a'\\'''"],
    ['pl\tprint', 'sys perl -e print'],
    ['js -1', 'js-eval -- -1'],
    [' # note\n sh a', 'sys sh -c a'],
    ['|py x', 'current | sys python3 -c x'],
    ['| js it', 'current | js-eval it'],
    ['sh "', `sys sh -c '"'`],
    ['sh|json', 'sys sh | json'],
    ['seq 1 | sh a', 'sys seq 1 | sys sh a'],
    ['\\sh a', 'sys sh a'],
  ])('%j', (text, canonical) => {
    expect(format(plan(text))).toBe(canonical);
  });

  test('the script is one quoted argument at its place', () => {
    expect(stage('sh  a * $b')?.args.at(-1)).toEqual({
      text: 'a * $b',
      kind: 'path',
      pieces: [{ text: 'a * $b', quoted: true }],
      span: { start: 4, length: 6 },
    });
  });
});

describe('redirections', () => {
  test('a file feeds lines to the first command', () => {
    const result = plan('filter a < "x y" | json');
    expect(result).toMatchObject({ inputType: null, inputOptional: false, outputType: 'string' });
    expect(result.stages[0]).toMatchObject({
      inputType: 'string',
      outputType: 'string',
      input: { file: { text: 'x y', kind: 'path', pieces: [{ text: 'x y', quoted: true }] } },
    });
  });

  test.each([
    ['ls > ~/a', false],
    ['ls >>~/a', true],
    ['>~/a ls', false],
  ])('%s writes a file', (text, append) => {
    const result = plan(text);
    expect(result).toMatchObject({ outputType: null, idempotent: false, undoable: false });
    expect(result.stages[0]).toMatchObject({ outputType: null, output: { file: { text: '~/a' }, append } });
  });

  test('a redirected single value is none', () => {
    expect(plan('js-eval 1').singleValue).toBe(true);
    expect(plan('js-eval 1 > a').singleValue).toBe(false);
  });
});

describe('a command that compares', () => {
  test.each<[text: string, args: string[], canonical: string]>([
    ['where rss > 500M and a != b', ['rss', '>', '500M', 'and', 'a', '!=', 'b'], "where rss > 500M and a '!='"],
    ['where rss>500M', ['rss>500M'], 'where rss>500M'],
    ['where rss>=5 or (rss<2)', ['rss>=5', 'or', '(rss<2)'], 'where rss>=5'],
    ['where n <= 5', ['n', '<=', '5'], 'where n <= 5'],
    ['where n << 5 >', ['n', '<<', '5', '>'], 'where n << 5 >'],
    ['where > 5', ['>', '5'], 'where > 5'],
    ["where n > 'a b'>c", ['n', '>', 'a b>c'], "where n > 'a b'>c"],
    ["where 'n' > 5", ['n', '>', '5'], 'where n > 5'],
    // A blank used to make a condition of it, and a file of what follows.
    ["where 'Unit Price' > 5", ['Unit Price', '>', '5'], "where 'Unit Price' > 5"],
    ["where 'made in' > 5", ['made in', '>', '5'], "where 'made in' > 5"],
    ["where 'terms and conditions' > 5", ['terms and conditions', '>', '5'], "where 'terms and conditions' > 5"],
    ["where a' > 'b > 5", ['a > b', '>', '5'], "where a' > 'b > 5"],
    ['where path > ~/*', ['path', '>', '~/*'], 'where path > ~/*'],
    ["where n '>>' 5", ['n', '>>', '5'], "where n '>>' 5"],
  ])('%s', (text, args, canonical) => {
    expect(argsOf(text)).toEqual(args);
    expect(stage(text)).not.toHaveProperty('output');
    expect(format(plan(text))).toContain(canonical.replace(/ '!='$/, ''));
  });

  test.each<[text: string, args: string[], file: string, append: boolean, canonical: string]>([
    ["where 'n > 5' > f", ['n > 5'], 'f', false, "> f where 'n > 5'"],
    ["where 'n > 5'>f", ['n > 5'], 'f', false, "> f where 'n > 5'"],
    ["where 'n gt 5' > f", ['n gt 5'], 'f', false, "> f where 'n gt 5'"],
    ["where 'n in (1, 2)' > f", ['n in (1, 2)'], 'f', false, "> f where 'n in (1, 2)'"],
    ["where >> a>b 'n>5'", ['n>5'], 'a>b', true, ">> a'>'b where 'n>5'"],
    ["where >> ~/a=<b 'n>5'", ['n>5'], '~/a=<b', true, ">> ~/a='<'b where 'n>5'"],
    ['where "n>5" x >> f', ['n>5', 'x'], 'f', true, ">> f where 'n>5' x"],
    ["where 'n=5' > f", ['n=5'], 'f', false, '> f where n=5'],
    ['> f where n > 5', ['n', '>', '5'], 'f', false, '> f where n > 5'],
    ['>>f where n>5', ['n>5'], 'f', true, '>> f where n>5'],
  ])('%s writes a file', (text, args, file, append, canonical) => {
    expect(argsOf(text)).toEqual(args);
    expect(stage(text)).toMatchObject({ output: { file: { text: file }, append } });
    expect(format(plan(text))).toBe(canonical);
  });

  test.each(["where 'n > 5' < f", '< f where n > 5'])('%s reads a file', (text) => {
    expect(stage(text)).toMatchObject({ input: { file: { text: 'f' } }, inputType: 'string' });
  });

  test('only up to the next bar', () => {
    expect(
      plan('proc | where rss > 5|json>f').stages.map(({ args, output }) => [args.length, output?.file.text]),
    ).toEqual([
      [0, undefined],
      [3, undefined],
      [0, 'f'],
    ]);
  });

  test('a program of that name does not', () => {
    expect(stage('sys echo where > 5')).toMatchObject({ output: { file: { text: '5' } } });
  });
});

test.each<[text: string, inputType: string | null, inputOptional: boolean, outputType: string | null]>([
  ['proc', null, false, PROCESS],
  ['filter a', 'any', false, 'any'],
  ['head', 'any', true, 'any'],
  ['pids', PROCESS, false, 'number'],
  ['ls | names', 'string', true, FILE],
  ['ls | rm', 'string', true, null],
  ['| pids', null, false, 'number'],
  ['js-eval 1 | names', 'any', true, 'object'],
  ['proc | head -1 | sort pid | pids', null, false, 'number'],
  ['seq 1 | grep a', 'string', true, 'string'],
])('types of %s', (text, inputType, inputOptional, outputType) => {
  expect(plan(text)).toMatchObject({ inputType, inputOptional, outputType });
});

test.each<[text: string, singleValue: boolean, idempotent: boolean, undoable: boolean]>([
  ['ls | head -1', false, true, false],
  ['ls | js-eval 1', true, false, false],
  ['js-eval 1 | json', false, false, false],
  ['ls | rm', false, false, true],
  ['rm -u a', false, false, false],
  ['seq 1 | ls | rm', false, false, false],
  ['cp a b', false, false, false],
])('flags of %s', (text, singleValue, idempotent, undoable) => {
  expect(plan(text)).toMatchObject({ singleValue, idempotent, undoable });
});

test.each(["filter 'a$' b$c", 'filter a; b', 'filter $HOME', 'js-eval `$(a)&&b`', 'filter "$(x)"', 'sort $a'])(
  '%s: what only a shell would expand is ordinary in a language of its own',
  (text) => {
    expect(argsOf(text)?.join(' ')).toBe(text.replace(/^\S+ /, '').replace(/['"]/g, ''));
  },
);

test.each([
  `echo '$HOME'`,
  'echo \\$HOME "&&" \\;',
  'echo a=b&c=d',
  'find . -exec make {} \\;',
  'head 3 > a',
  "make '2'>a",
])('%s: quoted, or inside a word, signs of a shell are themselves', (text) => {
  expect(() => plan(text)).not.toThrow();
});

test('quotes that protect nothing leave no trace; others stay', () => {
  expect(stage(`ls 'a'b "*"c`)?.args.map(({ pieces }) => pieces)).toEqual([
    [{ text: 'ab', quoted: false }],
    [
      { text: '*', quoted: true },
      { text: 'c', quoted: false },
    ],
  ]);
});
