// UndoPipeline and what DescribePipeline says of it beforehand, over a real bus, by a client that is not the library.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Variant } from '../../src/wire';
import { startBus } from '../support/bus';
import { environment } from '../support/process';
import { RawClient } from '../support/raw-client';
import { startSlave } from '../support/slave';
import { temporaryFolder } from '../support/temp';
import { waitFor } from '../support/wait';

let client: RawClient;
let cwd: string;

beforeAll(async () => {
  const bus = await startBus();
  const { XDG_DATA_HOME, ...env } = environment({ HOME: temporaryFolder() }); // its trash, not that of who runs the tests
  await startSlave(bus, [], { env });
  client = await RawClient.connect(bus);
});

beforeEach(async () => {
  cwd = temporaryFolder();
  await client.call('ChangeDirectory', cwd);
});

const at = (name: string) => path.join(cwd, name);

function give(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(at(name)), { recursive: true });
    writeFileSync(at(name), text);
  }
}

/** Every file with its text; a directory has null. */
function tree(): Record<string, string | null> {
  const names = (readdirSync(cwd, { recursive: true }) as string[]).toSorted();
  return Object.fromEntries(
    names.map((name) => [name, existsSync(`${at(name)}/.`) ? null : readFileSync(at(name), 'utf8')]),
  );
}

async function done(text: string): Promise<number> {
  const id = await client.run(text);
  await client.untilState(id, 'complete', 'exception');
  expect([text, await stateOf(id)]).toEqual([text, 'complete']);
  return id;
}

async function stateOf(id: number): Promise<unknown> {
  const [pipeline] = await client.call('GetPipeline', id);
  return (pipeline as Record<string, Variant>).state?.value;
}

const undo = (id: number) => client.call('UndoPipeline', id);
const refused = (message: RegExp, kind = 'InvalidState') => ({ kind, message: expect.stringMatching(message) });

test.each([
  ['rm a d', { b: 'B' }],
  ['rm *', {}],
  ['ls | rm', {}],
  ['mv a c', { b: 'B', c: 'A', d: null, 'd/x': 'X' }],
  ['mv a b', { b: 'A', d: null, 'd/x': 'X' }],
  ['mv a b d', { d: null, 'd/a': 'A', 'd/b': 'B', 'd/x': 'X' }],
  ['cp a b', { a: 'A', b: 'A', d: null, 'd/x': 'X' }],
  ['cp d e', { a: 'A', b: 'B', d: null, 'd/x': 'X', e: null, 'e/x': 'X' }],
  ['mkdir e/f d', { a: 'A', b: 'B', d: null, 'd/x': 'X', e: null, 'e/f': null }],
  ['cat b | write a', { a: 'B\n', b: 'B', d: null, 'd/x': 'X' }],
  ['cat b | write -a a n', { a: 'AB\n', b: 'B', d: null, 'd/x': 'X', n: 'B\n' }],
])('%s is described as undoable, and undone', async (text, expected) => {
  give({ a: 'A', b: 'B', 'd/x': 'X' });
  const before = tree();
  const [description] = await client.call('DescribePipeline', text);
  expect((description as Record<string, Variant>).undoable?.value).toBe(true);
  const id = await done(text);
  expect(tree()).toEqual(expected);
  await undo(id);
  await client.untilState(id, 'undone');
  expect(tree()).toEqual(before);
  await expect(undo(id)).rejects.toMatchObject(refused(/can't undo a pipeline that is undone/));
  expect(tree()).toEqual(before);
});

test('setenv and cd', async () => {
  give({ 'd/x': '' });
  const variable = async () => {
    const [batches] = await client.call('Evaluate', 'env | prop name', {});
    return JSON.stringify(batches).includes('UNDO_ME');
  };
  const set = await done('setenv UNDO_ME=given');
  expect(await variable()).toBe(true);
  await undo(set);
  expect(await variable()).toBe(false);

  const moved = await done('cd d');
  const directory = async () => ((await client.call('GetContext'))[0] as Record<string, Variant>).cwd?.value;
  expect(await directory()).toBe(at('d'));
  await undo(moved);
  expect(await directory()).toBe(cwd);
});

test.each([
  ['rm -u a', /^rm --?u\w* a: can't be undone/],
  ['sys true', /^true: can't be undone|^sys true: can't be undone/],
  ['ls', /there is nothing to undo, it changes nothing/],
  ['ls > list', /what it wrote with > can't be undone: use write/],
])('%s says beforehand that it is not undoable, and when asked to', async (text, message) => {
  give({ a: 'A' });
  const [description] = await client.call('DescribePipeline', text);
  expect((description as Record<string, Variant>).undoable?.value).toBe(false);
  await expect(undo(await done(text))).rejects.toMatchObject(refused(message));
});

test('several, the newest first', async () => {
  give({ a: 'A' });
  const before = tree();
  const ids: number[] = [];
  for (const text of ['mkdir d', 'cp a d', 'mv d e', 'cat a | write e/a', 'rm e']) ids.push(await done(text));
  expect(tree()).toEqual(before);
  for (const id of ids.toReversed()) await undo(id);
  expect(tree()).toEqual(before);
});

test.each([
  [['cat b | write a', 'cat d/x | write a', 'cat b | write -a a', 'cp b c', 'cat a | write c']],
  [['cp d e', 'cat a | write e/new e/x', 'rm e/x', 'mv e/new e/x', 'mkdir e/f']],
  [['cat a | write n', 'cat b | write -a n', 'mv n m', 'rm m']],
])('%j: what was undone is as it was, so that what came before can be undone, too', async (texts) => {
  give({ a: 'A', b: 'B', 'd/x': 'X' });
  const trees = [tree()];
  const ids: number[] = [];
  for (const text of texts) {
    ids.push(await done(text));
    trees.push(tree());
  }
  for (const id of ids.toReversed()) {
    expect(tree()).toEqual(trees.pop());
    await undo(id);
  }
  expect(tree()).toEqual(trees.pop());
});

test('something newer is never overwritten; undo again once it is out of the way', async () => {
  give({ a: 'old', b: 'B' });
  const id = await done('rm a b');
  writeFileSync(at('a'), 'new');
  await expect(undo(id)).rejects.toMatchObject(refused(new RegExp(`${at('a')}: can't be put back`), 'Failed'));
  expect(tree()).toEqual({ a: 'new', b: 'B' }); // the last step first: b is back
  expect(await stateOf(id)).toBe('complete');
  await done('mv a newer');
  await undo(id);
  expect(tree()).toEqual({ a: 'old', b: 'B', newer: 'new' });
});

describe('one that is not complete', () => {
  const fed = async (objects: readonly unknown[]) => {
    const [id] = await client.call('RunPipelineWithOptions', 'rm', { input: new Variant('b', true) });
    await client.call(
      'PutObjects',
      id,
      objects.map((object) => JSON.stringify(object)),
    );
    return id as number;
  };

  test('is not undone while it runs', async () => {
    give({ a: 'A' });
    const id = await fed([]);
    await expect(undo(id)).rejects.toMatchObject(refused(/can't undo a pipeline that is executing/));
    const [running] = await client.call('GetPipeline', id);
    expect((running as Record<string, Variant>).undoable?.value).toBe(true);
    await client.call('CloseInput', id);
    await client.untilState(id, 'complete');
    await undo(id);
  });

  test('of a failed one what it did is undone', async () => {
    give({ a: 'A', b: 'B' });
    const before = tree();
    const id = await client.run('rm a none b');
    await client.untilState(id, 'exception');
    expect(tree()).toEqual({});
    await undo(id);
    await client.untilState(id, 'undone');
    expect(tree()).toEqual(before);
  });

  test('so it is of a cancelled one', async () => {
    give({ a: 'A' });
    const id = await fed([{ path: at('a') }]);
    await waitFor(() => !existsSync(at('a')), 'the removal');
    await client.call('CancelPipeline', id);
    await client.untilState(id, 'cancelled');
    await undo(id);
    expect([tree(), await stateOf(id)]).toEqual([{ a: 'A' }, 'undone']);
  });
});

test('an id that is none', async () => {
  await expect(undo(999_999_999)).rejects.toMatchObject(refused(/999999999/, 'NoSuchPipeline'));
});
