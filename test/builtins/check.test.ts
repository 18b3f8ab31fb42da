// A mistake is pointed out, at its place, before anything runs.
import { CLASSES, propertiesOf } from '../../src/classes';
import { plan } from '../../src/engine';
import { ParseError } from '../../src/language';
import { closeContexts, contextWith, failureOf, registry, run } from './support';

afterAll(closeContexts);

function mistakeIn(text: string): ParseError | undefined {
  try {
    plan(text, contextWith(), registry);
    return undefined;
  } catch (error) {
    if (error instanceof ParseError) return error;
    throw error;
  }
}

test.each([
  ['proc -a | where rss >', '', /the condition ends too early: expected a value/],
  ['proc -a | where rrs > 5', 'rrs', /no property rrs; it has pid.*did you mean rss/],
  ["proc -a | where 'pid = 1 and rrs > 5'", 'rrs', /no property rrs/],
  ['proc -a | where rss > soon', 'soon', /give a size/],
  ['proc -a | where pid = 1 and cmd =~node', '~node', /write ~ \(matches\)/],
  ["proc -a | where cmd ~ '('", '(', /where: .*\(/],
  ['sys ls | where cmd = x', 'cmd', /class string has no properties/],
  ['proc -a | sum rsss', 'rsss', /sum: .*did you mean rss/],
  ['proc -a | sort -r rss rsss', 'rsss', /sort: /],
  ['proc -a | select pid m=rsss', 'm=rsss', /no property rsss/],
  ['proc -a | select pid pid', 'pid', /named twice/],
  ['proc -a | measure rss.x rsss', 'rsss', /measure: /],
  ['proc -a | group ownr', 'ownr', /group: /],
  ['proc -a | prop -t ownr', 'ownr', /prop: /],
  ['proc -a | uniq ownr', 'ownr', /uniq: /],
  ['proc -a | to csv pid cdm', 'cdm', /to: .*did you mean cmd/],
  ['proc -a | filter "("', '"("', /filter: /],
  ['proc -a | filter x cdm', 'cdm', /did you mean cmd/],
  ["ls | replace x '$1'", "'$1'", /names a group/],
  ['fsearch (', '(', /fsearch: /],
  ['sys ls | from yaml', 'yaml', /there is no format yaml/],
  ['proc | to jsno', 'jsno', /did you mean json/],
  ['proc | to csv -d ab', 'ab', /can't stand between fields/],
  ['proc | to json -dab', '-dab', /only csv has a delimiter/],
  ['sys ls | from csv ./a.csv', './a.csv', /from reads its input: cat .\/a.csv \| from csv/],
  ['sys ls | from json a.json', 'a.json', /cat a.json \| from json/],
  ['proc | head --count=x', '--count=x', /x is no count/],
  ['proc | first x', 'x', /x is no count/],
  ['watch 0 proc', '0', /no pause/],
  ['schema Fiel', 'Fiel', /no class Fiel/],
])('%s is refused at %j', (text, place, message) => {
  const mistake = mistakeIn(text);
  expect(mistake).toMatchObject({ kind: 'Parse', code: 'BadArgument', message: expect.stringMatching(message) });
  const { start = 0, length = 0 } = mistake?.span ?? {};
  expect(text.slice(start, start + length)).toBe(place);
});

test.each([
  'proc -a | where nothing? = 1',
  'proc -a | where it != null',
  'sys ls | where it gt 10',
  'current | where anything > 5',
  'proc -a | select a=pid | where a > 5',
  'ls | sort path_bytes',
  'mounts | sort used',
  'proc | where cmd = ~node',
  'sys ls | from csv home name',
  'proc | head -3',
])('%s is not', (text) => {
  expect(mistakeIn(text)).toBeUndefined();
});

test('a file that is given to from as a name is told of', async () => {
  const context = contextWith({ 'a.csv': 'n\n1\n', b: '' });
  expect((await failureOf('cat a.csv | from csv a.csv', context))?.message).toContain('cat a.csv | from csv');
  expect((await run('cat a.csv | from csv b c', context)).error?.message).not.toContain('is a file');
});

// Else a check would refuse what flows.
test.each([
  'proc',
  'ls /',
  'env',
  'mounts',
  'df',
  'sockets',
  'help',
  'schema',
  'sys seq 2 | measure',
  'proc | group pid',
])('the class that %s yields declares all properties', async (text) => {
  const { batches } = await run(text);
  for (const { className, objects } of batches) {
    expect(CLASSES.has(className)).toBe(true);
    const declared = propertiesOf(className).map(({ name }) => name);
    for (const object of objects as object[]) expect(declared).toEqual(expect.arrayContaining(Object.keys(object)));
  }
});
