// What a user of the original Hotwire would type, and expect (reference: its builtins, syntax and their mended oddities).
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { connect, type Domain } from '../../src/client';
import { type Bus, startBus } from '../support/bus';
import { onCleanup } from '../support/cleanup';
import { commandLine, descendants } from '../support/proc';
import type { Running } from '../support/process';
import { hotwire, startSlave } from '../support/slave';
import { temporaryFolder } from '../support/temp';

let bus: Bus;
let slave: Running;
let domain: Domain;
let cwd: string;

beforeAll(async () => {
  bus = await startBus();
  slave = await startSlave(bus);
  domain = await connect('', { bus: bus.address });
  onCleanup(() => domain.close());
});

beforeEach(() => {
  cwd = temporaryFolder();
});

/** All objects of a pipeline, whatever their class. */
async function objects(text: string): Promise<unknown[]> {
  return (await domain.evaluate(text, { cwd })).flatMap((batch) => batch.objects);
}

function touch(...names: (string | Buffer)[]): void {
  for (const name of names) writeFileSync(Buffer.concat([Buffer.from(`${cwd}/`), Buffer.from(name)]), 'in it\n');
}

describe('quoting', () => {
  test.each([
    [`sys printf '%s|' "a b" 'c"d' e\\ f "g\\"h" '' i'j'"k"`, `a b|c"d|e f|g"h||ijk|`],
    [`sys printf '%s|' 'a\\b' "c\\\\d" "e\\f"`, 'a\\b|c\\d|e\\f|'],
    [`sys printf '%s|' 'it'\\''s' "don't" '"'`, `it's|don't|"|`],
    [`sys printf '%s|' '|' "<" '>>' '*' "~" '#'`, '||<|>>|*|~|#|'],
    ["sys printf '%s|' größer '日本 語' \"🦆\"", 'größer|日本 語|🦆|'],
    [`sys printf '%s|' a#b, {x} k=v @ % ^ -- - # a comment`, 'a#b,|{x}|k=v|@|%|^|--|-|'],
    ["sys printf '%s|' 'two\nlines'", 'two\nlines|'],
  ])('%s', async (text, printed) => {
    expect((await objects(text)).join('\n')).toBe(printed);
  });

  test.each(["sys echo 'open", 'sys echo "open', 'sys echo end\\'])('%s is not finished', async (text) => {
    await expect(objects(text)).rejects.toMatchObject({ kind: 'Parse' });
  });
});

describe('file patterns', () => {
  const NAMES = [
    '-dash',
    'a b.txt',
    'c"d.txt',
    "it's.txt",
    'two\nlines.txt',
    '[x]',
    'x',
    'größe.txt',
    '日本.txt',
    '.dot',
  ];
  const TEXTS = NAMES.filter((name) => name.endsWith('.txt'));

  beforeEach(() => touch(...NAMES));

  test.each([
    ['*.txt', TEXTS],
    ['*', NAMES.filter((name) => name !== '.dot')],
    ['.d*', ['.dot']],
    ['?', ['x']],
    ['??.txt', ['日本.txt']],
    ['[x]', ['x']],
    ["'[x]'", ['[x]']],
    ['[[]x]', ['[x]']],
    ['gr[aeö]*', ['größe.txt']],
    ['*\\ *', ['a b.txt']],
    [`*'"'*`, ['c"d.txt']],
    ['[!-[x]', []],
  ])('%s', async (pattern, names) => {
    const expected = names.length > 0 ? names.toSorted() : [pattern];
    const printed = await objects(`sys printf '%s\\0' ${pattern}`);
    expect(printed.join('\n').split('\0').slice(0, -1).toSorted()).toEqual(expected);
    if (names.length > 0) {
      expect((await objects(`ls ${pattern} | prop basename`)).toSorted()).toEqual(expected); // -dash is no option of it
      expect(await objects(`cat ${pattern}`)).toHaveLength(names.length);
    }
  });

  test('a regular expression is no pattern', async () => {
    touch('in it');
    expect(await objects('cat x | filter in*')).toEqual(['in it']);
  });

  test('a path with directories, and a home', async () => {
    mkdirSync(path.join(cwd, 'one'));
    mkdirSync(path.join(cwd, 'two'));
    touch('one/a.c', 'two/b.c', 'two/c.h');
    expect(await objects("sys printf '%s ' */*.c one/")).toEqual(['one/a.c two/b.c one/ ']);
    const { home } = await domain.context();
    expect(await objects(`sys printf '%s ' ~ ~/x '~'`)).toEqual([`${home} ${home}/x ~ `]);
  });

  test('a name that is not UTF-8 is shown, and its bytes are told', async () => {
    cwd = temporaryFolder();
    touch(Buffer.from([0x61, 0xff, 0x62]));
    const [file] = (await objects('ls')) as { basename: string; path_bytes: string }[];
    expect(file?.basename).toBe('a\ufffdb');
    expect(Buffer.from(file?.path_bytes ?? '', 'base64')).toEqual(
      Buffer.concat([Buffer.from(`${cwd}/a`), Buffer.from([0xff, 0x62])]),
    );
  });
});

describe('redirection', () => {
  test('<, > and >> do what they do in a shell, with programs and with builtins, and end each line', async () => {
    await objects("sys printf 'one\\ntwo' > a");
    await objects('sys echo three >> a');
    await objects('js-eval \'["four","five"]\' | iter >> a');
    expect(readFileSync(path.join(cwd, 'a'), 'utf8')).toBe('one\ntwothree\nfour\nfive\n');
    await objects('filter o < a > b');
    expect(readFileSync(path.join(cwd, 'b'), 'utf8')).toBe('one\ntwothree\nfour\n');
    expect(await objects('sys cat < a | sys wc -l')).toEqual(['4']);
    await objects('sys cat<b>"c d"');
    expect(await objects("cat 'c d'")).toEqual(['one', 'twothree', 'four']);
    expect(await objects('sys echo anew > a')).toEqual([]);
    expect(await objects('cat a')).toEqual(['anew']);
  });

  test.each([
    ['sys cat < none', /none: no such file/],
    ['sys echo x > no/such/file', /no such file/],
    ['sys echo x > .', /directory/],
  ])('%s', async (text, words) => {
    await expect(objects(text)).rejects.toMatchObject({
      kind: 'PipelineFailed',
      message: expect.stringMatching(words),
    });
    expect(readdirSync(cwd)).toEqual([]);
  });

  test.each(['sys echo >', 'sys echo > | cat', 'sys cat <', '| | ls', 'ls | | ls', 'ls |', ''])(
    '%j is a mistake',
    async (text) => {
      await expect(objects(text)).rejects.toMatchObject({ kind: 'Parse' });
    },
  );
});

describe('pipelines', () => {
  test('ten of /bin/cat', async () => {
    const text = `sys seq 1 20000 ${'| /bin/cat '.repeat(10)}`;
    expect(await objects(text)).toEqual(Array.from({ length: 20_000 }, (_, index) => String(index + 1)));
  });

  test('ten of cat with builtins between them', async () => {
    const text = `sys seq 1 20000 ${'| /bin/cat | filter . '.repeat(10)} | count`;
    expect(await objects(text)).toEqual([20_000]);
  });

  test('apply: objects become the arguments of a command', async () => {
    touch('a', 'b c', '-d');
    expect(await objects('ls a "b c" | apply cat')).toEqual(['in it', 'in it']);
    expect(await objects('js-eval \'["x y", 1]\' | iter | apply sys printf "%s|" 0')).toEqual(['0|x y|1|']);
    expect(await objects('ls nothing* | apply cat').catch((error: Error) => error.message)).toMatch(/no such file/);
    expect(await objects('js-eval [] | iter | apply cat')).toEqual([]);
  });

  test('current, and a leading bar, take up what came last', async () => {
    await objects('js-eval 1'); // what Evaluate returns is nobody's current output
    await expect(objects('current')).rejects.toMatchObject({ kind: 'PipelineFailed' });
    await drained('js-eval \'["b","a","c"]\' | iter');
    expect(await objects('| sort')).toEqual(['a', 'b', 'c']);
    expect(await objects('current | filter [ab] | sort -r')).toEqual(['b', 'a']);
    await drained('cur | head -1');
    expect(await objects('|json')).toEqual(['"b"']);
  });

  test('a stage that has enough ends those before it: of an endless one, five', async () => {
    // That it ends at all is the proof: there is always one more number.
    expect(await objects('sys seq 1 inf | filter 7 | head 5')).toEqual(['7', '17', '27', '37', '47']);
    const pipeline = await domain.run('sys seq 1 1000000 | filter 7 | head 5');
    const exits: unknown[] = [];
    pipeline.on('metadata', ({ key, value }) => exits.push([key, value]));
    expect(await pipeline.drain()).toBe('complete');
    expect(exits).toEqual([['hotwire.exit', { code: null, signal: expect.stringMatching(/^SIG(PIPE|TERM|HUP)$/) }]]);
    expect(programs()).toEqual([]);
  });

  test('cancel during sys sleep', async () => {
    const pipeline = await domain.run('sys sleep 1000 | sys sleep 1000 | filter x');
    await pipeline.cancel();
    expect(pipeline.state).toBe('cancelled');
    expect(programs()).toEqual([]);
  });

  /** Programs of these tests that the slave runs now; it may have started others for its own use. */
  function programs(): string[] {
    const commands = descendants(slave.pid).map((pid) => commandLine(pid));
    return commands.filter((command) => /^(seq|sleep)\0/.test(command));
  }

  async function drained(text: string): Promise<void> {
    const pipeline = await domain.run(text);
    await pipeline.drain();
  }
});

describe('mended: where the original was broken', () => {
  test.each([
    ['iter takes a list apart', "js-eval '[[1,2],[3]]' | iter | iter", [1, 2, 3]],
    ['filter -v keeps plain text that does not match', 'js-eval \'["ab","cd"]\' | iter | filter -v a', ['cd']],
    ['filter -i', 'js-eval \'["AB","cd"]\' | iter | filter -i ab', ['AB']],
    ['stringify', "js-eval '[1,null]' | iter | stringify", ['1', 'null']],
    ['an empty object ends nothing', `js-eval '["",0,null,"x"]' | iter`, ['', 0, null, 'x']],
    ['a pattern without matches stays as it is', 'sys echo nothing*here', ['nothing*here']],
    ['a number past 2^53 keeps its digits', `sys echo '9007199254740993' | from json`, ['9007199254740993']],
  ])('%s', async (_, text, expected) => {
    expect(await objects(text)).toEqual(expected);
  });

  test.each([
    ['an unknown word', 'nosuchcommand-zz', /nosuchcommand-zz/],
    ['an unknown option', 'ls --nonsense', /--nonsense/],
    ['arguments that nobody takes', 'iter x', /iter/],
    ['too few arguments', 'filter', /filter/],
    ['a command that takes no input', 'ls | proc', /proc/],
    ['a type that does not fit', 'proc | ls -i', /ls/],
  ])('%s is told before anything runs', async (_, text, words) => {
    await expect(domain.describe(text)).rejects.toMatchObject({ kind: 'Parse', message: expect.stringMatching(words) });
  });
});

test('the command shows the same', async () => {
  touch('a b', 'ä');
  const { code, stdout, stderr } = await hotwire(['run', 'ls | prop basename'], { bus, cwd, input: '' });
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'a b\nä\n', stderr: '' });
});
