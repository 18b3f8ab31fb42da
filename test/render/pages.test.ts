import { widthOf } from '../../src/render/text';
import { shown } from './helpers';

const HELP = 'hotwire.builtins.help.HelpItem';
const CLASS = 'hotwire.builtins.schema.ClassDescription';

const lines = (text: string) => text.split('\n').slice(0, -1);

const sort = {
  name: 'sort',
  aliases: ['order', 'rank'],
  summary: 'Sorts by properties',
  usage: 'sort [-r] [-n COUNT] [PROPERTY...]',
  help: `${'Numbers are sorted by size. '.repeat(4).trim()}\n\nEqual objects keep their order.`,
  options: [
    { name: 'reverse', short: 'r', value: null, summary: 'The largest first' },
    { name: 'limit', short: null, value: 'count', summary: 'How many' },
  ],
  arguments: [{ name: 'property', kind: 'property', optional: true, repeated: true }],
  input: 'any',
  input_optional: true,
  output: 'identity',
  single_value: false,
  idempotent: true,
  undoable: false,
  examples: [
    { text: 'cat a.txt | sort', shows: 'sorted lines', result: ['a', 2] },
    { text: 'proc | sort rss', shows: 'by memory' },
    { text: 'sort x', shows: 'an empty result', result: [] },
  ],
};

test('a page of help', async () => {
  expect(lines(await shown({ columns: 60 }, [HELP, [sort]]))).toEqual([
    'Usage: sort [-r] [-n COUNT] [PROPERTY...]',
    '',
    'Sorts by properties',
    '',
    'Numbers are sorted by size. Numbers are sorted by size.',
    'Numbers are sorted by size. Numbers are sorted by size.',
    '',
    'Equal objects keep their order.',
    '',
    'Options',
    '  -r, --reverse      The largest first',
    '      --limit COUNT  How many',
    '',
    'Use',
    '  Takes    objects of any class, or nothing: it may stand',
    '           first',
    '  Yields   objects of the class that it takes',
    '  Changes  nothing',
    '  Aliases  order, rank',
    '',
    'Examples',
    '  cat a.txt | sort',
    '      sorted lines: "a", 2',
    '  proc | sort rss',
    '      by memory',
    '  sort x',
    '      an empty result: yields nothing',
  ]);
});

test.each([
  [{ input: null, output: null }, 'Takes   nothing', 'Yields  nothing'],
  [{ input: 'string', output: 'x.Thing' }, 'Takes   text', 'Yields  objects of class x.Thing'],
  [{ input: 'x.Thing', output: 'any', single_value: true }, 'class x.Thing', 'Yields  one object of any class'],
  [{ undoable: true, aliases: null }, 'Changes  what undo can take back'],
])('types and effects in words: %j', async (item, ...words) => {
  const text = await shown({ columns: 80 }, [HELP, [{ name: 'x', usage: 'x', ...item }]]);
  for (const word of words) expect(text).toContain(word);
  expect(text).not.toMatch(/null|Options|Examples|Aliases/);
});

test('what there is no room for beside a name stands below it', async () => {
  const text = await shown({ columns: 30 }, [HELP, [sort]]);
  expect(text).toContain('  -r, --reverse\n      The largest first\n      --limit COUNT');
  for (const line of lines(text)) expect(widthOf(line)).toBeLessThanOrEqual(30);
});

test('several pages of help are two columns of names and what they do, wrapped at words', async () => {
  const cat = { name: 'cat', summary: 'Lines of the files that are named', usage: 'cat' };
  expect(lines(await shown({ columns: 28 }, [HELP, [cat, sort]]))).toEqual([
    'name  summary',
    'cat   Lines of the files',
    '      that are named',
    'sort  Sorts by properties',
  ]);
});

const thing = {
  name: 'x.Thing',
  summary: 'Something',
  parent: 'object',
  columns: ['path', 'size'],
  properties: [
    { name: 'path', type: 'string', nullable: false, unit: 'path', summary: 'Where it is' },
    { name: 'size', type: 'number', nullable: true, unit: 'bytes', summary: 'How large it is, where that is known' },
    { name: 'text', type: 'string', nullable: false, unit: null, summary: 'What it holds' },
  ],
  actions: [{ name: 'Show', pipeline: 'cat {path}' }],
};

test('a description of a class', async () => {
  expect(lines(await shown({ columns: 50 }, [CLASS, [thing]]))).toEqual([
    'x.Thing',
    'Something',
    'Its parent is object.',
    '',
    'Properties',
    '  property  type     unit   summary',
    '  path      string   path   Where it is',
    '  size      number?  bytes  How large it is, where',
    '                            that is known',
    '  text      string          What it holds',
    '',
    '  What has a type with ? may be null.',
    '',
    'Columns of a table',
    '  path, size',
    '',
    'Actions',
    '  Show  cat {path}',
  ]);
});

test('a description of a class on a narrow terminal keeps its types', async () => {
  const text = await shown({ columns: 36 }, [CLASS, [thing]]);
  expect(text).toContain('  size  number?  bytes\n      How large it is, where that is\n      known\n');
});

test('headings are bold where there are colours', async () => {
  const text = await shown({ columns: 80, colour: true }, [HELP, [sort]]);
  expect(text).toContain('\u001b[1mOptions\u001b[22m\n');
});

test('a page of another version, or of nobody, is shown as far as it goes; nothing in it reaches the terminal', async () => {
  const odd = { name: 7, usage: 'x\u001b[2J', options: 'none', examples: [3, { text: '\u0007' }], properties: {} };
  for (const className of [HELP, CLASS]) {
    const text = await shown({ columns: 80 }, [className, [odd]]);
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  }
  expect(await shown({ columns: 80 }, [HELP, [odd]])).toMatch(/^Usage: x␛\[2J\n/);
});

test('nothing but the table knows pages', async () => {
  expect(await shown({}, [HELP, [{ name: 'x' }]])).toBe('{"name":"x"}\n');
  expect(await shown({ format: 'list' }, [HELP, [{ name: 'x', help: null, aliases: [] }]])).toBe('name: x\n');
});
