import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { createRegistry } from '../../src/builtins';
import { type Builtin, Context, complete, Registry } from '../../src/engine';
import { tokenize, type Word } from '../../src/language';
import { MAX_CANDIDATES, MAX_COMPLETED_UNITS, MAX_DESCRIPTION_UNITS, MAX_TEXT_UNITS } from '../../src/limits';
import { temporaryFolder } from '../support/temp';
import { builtin } from './support';

const FILES = [
  'a.txt',
  'b c.txt',
  "it's",
  '-dash',
  '~tilde',
  '$x`y"\\',
  'line\nend',
  '日本',
  '😀x',
  '.hidden',
  'a*b',
  '#c',
];
const taking = (name: string, kind: 'pid' | 'variable' | 'directory' | 'class'): Builtin =>
  builtin(name, async function* () {}, {
    arguments: [{ name: kind, kind, repeated: true }],
    options: [
      { name: 'from', short: 'f', value: 'file', summary: 'reads a file' },
      { name: 'quick', short: 'q', summary: 'in a hurry' },
      { name: 'quiet', short: 's', summary: 'without a word' },
    ],
  });
const registry = new Registry([
  ...createRegistry().list(),
  taking('take-pid', 'pid'),
  taking('take-variable', 'variable'),
  taking('take-directory', 'directory'),
]);

let context: Context;

beforeAll(() => {
  const root = temporaryFolder();
  const cwd = path.join(root, 'work');
  const home = path.join(root, 'home');
  const bin = path.join(root, 'bin');
  for (const folder of [cwd, home, bin, path.join(cwd, 'sub dir'), path.join(home, 'my docs')]) mkdirSync(folder);
  for (const name of FILES) writeFileSync(path.join(cwd, name), '');
  writeFileSync(Buffer.concat([Buffer.from(`${cwd}/bad-`), Buffer.from([0xff])]), '');
  writeFileSync(path.join(cwd, 'sub dir', 'inner'), '');
  symlinkSync('sub dir', path.join(cwd, 'link'));
  symlinkSync('nowhere', path.join(cwd, 'broken'));
  for (const name of ['zeta-run', 'zeta data', 'sort']) {
    writeFileSync(path.join(bin, name), '');
    if (name !== 'zeta data') chmodSync(path.join(bin, name), 0o755);
  }
  chmodSync(path.join(cwd, 'a.txt'), 0o755);
  context = new Context({ cwd, environment: { HOME: home, PATH: `${bin}:/no/such`, ZONE: 'secret', ZEBRA: '1' } });
});

afterAll(() => context.close());

async function replacements(text: string, cursor = text.length): Promise<string[]> {
  const { candidates } = await complete(text, cursor, context, registry);
  return candidates.map(({ replacement }) => replacement);
}

test.each<[text: string, expected: string[]]>([
  // names of commands
  ['sor', ['sort']],
  ['dir', ['dir']],
  ['zet', ['zeta-run']],
  ['proc | zet', ['zeta-run']],
  ["'zet", ["'zeta-run'"]],
  ["'so", ["'sort'"]],
  ['\\so', ["'sort'"]],
  ['py', ['py']],
  ['| py', ['py']],
  ['proc | py', []],
  ["'py", []],
  ['./a', ['./a.txt']],
  ['./s', ["'./sub dir/'"]],
  // options
  ['proc -', ['-a', '--all']],
  ['proc --a', ['--all']],
  ['proc --nonsense -', ['-a', '--all']],
  ['filter -s', ['-s', '-si', '-sv']],
  ['take-pid --qui', ['--quick', '--quiet']],
  ['take-pid -qf', ['-qf']],
  ['take-pid -fq', []],
  ['take-pid -z', []],
  ['take-pid -f a', ["'a*b'", 'a.txt']],
  ['take-pid --from=a.', ['--from=a.txt']],
  ['take-pid --from="b', ['"--from=b c.txt"', '"--from=broken"']],
  ['take-pid --nonsense=a', []],
  ['ls -- -', ['-dash']],
  ['sys ls -', ['-dash']],
  // properties
  ['proc | sort r', ['rss']],
  ['proc | filter -i x | head 3 | sort -r rs', ['rss']],
  ['proc | where r', ['rss']],
  ['proc | where rss > 5 and o', ['owner_id', 'owner_name']],
  ['proc | where rss>5 or own', ['owner_id', 'owner_name']],
  ['proc | where rss > r', []],
  ["proc | where 'rss > 5' > a.", ['a.txt']],
  ['proc | where rss > 5 | sort r', ['rss']],
  ['proc | json | sort r', []],
  ['sort r', []],
  ['nonsense | sort r', []],
  // classes, builtins, programs, variables
  ['schema Proc', ['hotwire.sysdep.proc.Process']],
  ['schema hotwire.sysdep.p', ['hotwire.sysdep.proc.Process']],
  ['help sor', ['sort']],
  ['sys zet', ['zeta-run']],
  ['take-variable Z', ['ZEBRA=', 'ZONE=']],
  ['take-variable ZONE=', []],
  // paths
  ['ls a', ["'a*b'", 'a.txt']],
  ['ls b', ["'b c.txt'", 'broken']],
  ["ls 'b ", ["'b c.txt'"]],
  ['ls "it', ['"it\'s"']],
  ['ls it\\', ["'it'\\''s'"]],
  ['ls .', ['.hidden']],
  ['ls ..', ['../']],
  ['ls s', ["'sub dir/'"]],
  ["ls 'sub dir/'", ["'sub dir/inner'"]],
  ['ls link/', ['link/inner']],
  ['ls ~', ['~/']],
  ['ls ~/', ["~/'my docs/'"]],
  ["ls '~", ["'~tilde'"]],
  ['take-directory ', ['link/', "'sub dir/'"]],
  ['sys cat a.', ['a.txt']],
  ['unknown-program a.', ['a.txt']],
  ['proc > a.', ['a.txt']],
  ['proc >>a.', ['a.txt']],
  ['cat < a.', ['a.txt']],
  // nothing
  ['filter a', []],
  ['js-map a', []],
  ['sh a', []],
  ['| py a', []],
  ['ls # a', []],
  ['ls no/such/', []],
  ['ls a.txt/', []],
  ['ls \0/', []],
])('%j → %j', async (text, expected) => {
  expect(await replacements(text)).toEqual(expected);
});

test('the place: what stands after it counts only as a closing quote', async () => {
  expect(await complete('ls a.x | head', 4, context, registry)).toMatchObject({ start: 3 });
  expect(await replacements('proc | sort rxx', 13)).toEqual(['rss']);
  expect(await replacements("ls 'b '", 6)).toEqual(["'b c.txt"]);
  expect(await replacements('ls "it"', 6)).toEqual(['"it\'s']);
  expect(await complete('sor', 99, context, registry)).toMatchObject({ start: 0, candidates: [{ value: 'sort' }] });
});

test('inside of a character stands nothing', async () => {
  expect(await complete('ls 😀', 4, context, registry)).toEqual({ start: 4, candidates: [] });
  expect(await replacements('ls 😀')).toEqual(["'😀x'"]);
});

test('a file is never taken for an option, and one that no text names is left out', async () => {
  const names = await replacements('ls ');
  expect(names).toContain('./-dash');
  expect(names.join()).not.toContain('bad-');
  expect(names).not.toContain('.hidden');
});

test('a builtin hides the program of its name, and every description is there', async () => {
  const { candidates } = await complete('', 0, context, registry);
  expect(candidates.filter(({ value }) => value === 'sort')).toHaveLength(1);
  expect(candidates.every(({ description }) => description !== '')).toBe(true);
});

test('values of variables are not told', async () => {
  expect(JSON.stringify(await complete('take-variable ZO', 16, context, registry))).not.toContain('secret');
});

test('processes come with their command, the own ones first', async () => {
  const { candidates } = await complete('take-pid ', 9, context, registry);
  expect(candidates.map(({ value }) => value)).toContain(String(process.pid));
  expect(candidates.every(({ description }) => description.length <= MAX_DESCRIPTION_UNITS)).toBe(true);
  const owners = candidates.map(({ value }) => statSync(`/proc/${value}`, { throwIfNoEntry: false })?.uid);
  const own = owners.filter((uid) => uid !== undefined).map((uid) => uid === process.geteuid?.());
  expect(own).toEqual(own.toSorted((a, b) => Number(b) - Number(a)));
  expect(await replacements(`take-pid ${process.pid}`)).toContain(String(process.pid));
  expect(await replacements(`kill -KILL ${process.pid}`)).toContain(String(process.pid));
  expect(await replacements('take-pid x')).toEqual([]);
});

test('of many files some are answered', async () => {
  const cwd = temporaryFolder();
  for (let index = 0; index < MAX_CANDIDATES + 10; index += 1) writeFileSync(path.join(cwd, `f${index}`), '');
  const { candidates } = await complete('ls f', 4, new Context({ cwd }), registry);
  expect(candidates).toHaveLength(MAX_CANDIDATES);
});

test.each([
  ['words', 'a '],
  ['bars', '|'],
  ['stages', 'proc|sort '],
  ['an open quote', "'"],
  ['options', 'proc -a -'],
  ['comments', '#\n'],
  ['one word', 'a'],
])('a long text of %s holds up nobody', async (_, unit) => {
  for (const units of [MAX_COMPLETED_UNITS, MAX_TEXT_UNITS]) {
    const text = unit.repeat(units / unit.length);
    const started = performance.now();
    const completion = complete(text, text.length, context, registry);
    expect(performance.now() - started).toBeLessThan(500); // some 10 ms, on a machine that is not busy
    expect((await completion).candidates.length).toBeLessThanOrEqual(MAX_CANDIDATES);
  }
});

const compares = (name: Word) => name.text === 'where' && !name.pieces.some(({ quoted }) => quoted);
const fragment = fc.constantFrom(
  ...`'"\\ \t\n|<>#&;$\`-=~*/.`,
  ...[
    'proc ',
    'sort ',
    'ls ',
    'sys ',
    'take-pid ',
    'take-variable ',
    'schema ',
    'help ',
    '--from=',
    '-f ',
    '| ',
    'sh ',
    'where ',
    'rss',
  ],
  ...['a', 'b', 'sub dir/', '~/', '..', '😀', '日', '\0', 'Z', 'so', 'it'],
);
const VALID = [
  'proc -a | where rss > 500M and owner_name != root | sort -r rss | head -3',
  "ls 'sub dir' ~/ | where 'size > 5M' | select path size > 'b c.txt'",
  '| filter -i "a b" cmd | json >> a.txt # a note',
  "take-pid --from=a.txt -q 1 2 | group -o kind | to csv -d ';' key",
  'schema Process | prop a.b\\ c',
  'py print("a | b")',
];
const cuts = fc
  .constantFrom(...VALID)
  .chain((text) =>
    fc.tuple(fc.nat(text.length), fc.nat(text.length)).map(([from, to]) => text.slice(0, from) + text.slice(to)),
  );
const anyText = fc.oneof(
  cuts,
  fc.array(fragment, { maxLength: 12 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary' }),
);

test('any text at any place is answered, and each replacement is a word with the value that is meant', async () => {
  await fc.assert(
    fc.asyncProperty(anyText, fc.nat(40), async (text, cursor) => {
      const { start, candidates } = await complete(text, cursor, context, registry);
      expect(start).toBeLessThanOrEqual(Math.min(cursor, text.length));
      for (const { value, replacement } of candidates) {
        const word = tokenize(text.slice(0, start) + replacement, compares).at(-1);
        expect(word).toMatchObject({ type: 'word', text: value, span: { start } });
      }
    }),
    { numRuns: 1000 },
  );
});
