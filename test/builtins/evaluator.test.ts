import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buildSync } from 'esbuild';
import { Evaluator } from '../../src/engine/evaluator';
import { descendants, isAlive } from '../support/proc';
import { temporaryFolder } from '../support/temp';
import { waitFor, within } from '../support/wait';

const evaluator = new Evaluator();
afterAll(() => evaluator.close());

const never = new AbortController().signal;
const evaluate = (expression: string, values = {}) => evaluator.evaluate(expression, values, never);

async function collect<T>(parts: AsyncIterable<T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const part of parts) all.push(...part);
  return all;
}

test.each([
  ['1 + 1', 2],
  ['undefined', null],
  ['({ a: undefined, b: [undefined] })', { b: [null] }],
  ['Number.NaN', null],
  ['new Date(0)', '1970-01-01T00:00:00.000Z'],
  ['12n', 12],
  ['[2n ** 60n]', ['1152921504606846976']],
  ['-(2n ** 53n) + 1n', -(2 ** 53) + 1],
  ['"\\ud800x"', '\ufffdx'],
  ['"é\\n\\u2028😀"', 'é\n\u2028😀'],
  ['1 // a comment', 1],
  ['(() => { let x = 5; return x * 2 })()', 10],
  ['names.map((name) => name.length)', [1, 2]],
  ['names instanceof Array', true],
])('%s', async (expression, expected) => {
  expect(await evaluate(expression, { names: ['a', 'bb'] })).toEqual(expected);
});

test.each([
  ['a b', 'InvalidArgs', "the expression does not parse: Unexpected identifier 'b'\n  a b\n    ^"],
  ['1 +', 'InvalidArgs', 'the expression is not complete'],
  [' ', 'InvalidArgs', 'the expression is empty'],
  ['while (true) {}', 'InvalidArgs', 'does not parse'],
  ['1), (2', 'InvalidArgs', 'does not parse'],
  ['1], [2', 'InvalidArgs', 'does not parse'],
  ['() => 1', 'InvalidArgs', 'the result holds a function'],
  ['({ a: [Symbol.iterator] })', 'InvalidArgs', 'the result holds a symbol'],
  ['new Set([1])', 'InvalidArgs', 'the result holds a value of class Set'],
  ['Promise.resolve(1)', 'InvalidArgs', 'the result holds a value of class Promise'],
  ['(() => { const a = {}; a.a = a; return a })()', 'InvalidArgs', 'the result contains itself'],
  ['x.y', 'PipelineFailed', 'ReferenceError: x is not defined\n  x.y\n'],
  ['[\n{}.a.b]', 'PipelineFailed', "TypeError: Cannot read properties of undefined (reading 'b')\n  {}.a.b]\n       ^"],
  ['(() => { throw 5 })()', 'PipelineFailed', 'the expression threw 5'],
  ['(() => { throw { get stack() { throw 1 } } })()', 'PipelineFailed', 'threw something that has no text'],
  ['(() => { const f = () => f(); f() })()', 'PipelineFailed', 'RangeError: Maximum call stack size exceeded'],
  ['"x".repeat(2 ** 24)', 'LimitExceeded', 'one result is larger than 16777216 bytes'],
  ['process.exit()', 'PipelineFailed', 'process is not defined'],
])('%j fails with %s', async (expression, kind, message) => {
  await expect(evaluate(expression)).rejects.toMatchObject({ kind, message: expect.stringContaining(message) });
});

test('messages have no stack of ours', async () => {
  await expect(evaluate('x.y')).rejects.toMatchObject({ message: expect.stringContaining('ReferenceError') });
  const message = await evaluate('x.y').then(String, String);
  expect(message).not.toMatch(/evalmachine|node:|hotwire-expression| at /);
});

test('each use has a scope of its own', async () => {
  await evaluate('globalThis.left = Object.prototype.left = 1');
  expect(await evaluate('[typeof left, typeof ({}).left]')).toEqual(['undefined', 'undefined']);
});

test('what fills the memory ends alone, and says so', async () => {
  const filling = evaluate('(() => { const a = []; for (;;) a.push({ x: 1 }) })()');
  await expect(filling).rejects.toMatchObject({
    kind: 'LimitExceeded',
    message: expect.stringContaining('out of memory'),
  });
  expect(await evaluate('1')).toBe(1);
});

describe('cancel', () => {
  test('ends code that never ends, while others go on', async () => {
    const abort = new AbortController();
    const before = descendants(process.pid);
    const endless = evaluator.evaluate('(() => { for (;;); })()', {}, abort.signal);
    expect(await evaluate('2')).toBe(2);
    abort.abort();
    await expect(within(endless, 'cancel')).rejects.toMatchObject({ kind: 'Cancelled' });
    expect(descendants(process.pid).length).toBeLessThanOrEqual(before.length + 1);
    expect(await evaluate('3')).toBe(3);
  });

  test('before it starts', async () => {
    await expect(evaluator.evaluate('1', {}, AbortSignal.abort())).rejects.toMatchObject({ kind: 'Cancelled' });
  });
});

describe('a session', () => {
  test('maps and filters batches, one message each', async () => {
    const session = await evaluator.open('it.a > 1', never);
    const objects = [{ a: 1 }, { a: 2 }, { a: 3 }];
    expect(await collect(session.map(objects))).toEqual([false, true, true]);
    expect(await session.filter(objects)).toEqual(objects.slice(1));
    expect(await session.filter([])).toEqual([]);
    await session.close();
  });

  test('values before a failure still come', async () => {
    const session = await evaluator.open('it.a.b', never);
    const values: unknown[] = [];
    const mapping = (async () => {
      for await (const part of session.map([{ a: { b: 1 } }, {}])) values.push(...part);
    })();
    await expect(mapping).rejects.toMatchObject({ kind: 'PipelineFailed' });
    expect(values).toEqual([1]);
    await session.close();
  });

  test('large results come in parts, and leaving early is fine', async () => {
    const session = await evaluator.open('"x".repeat(it)', never);
    const sizes = Array.from({ length: 100 }, () => 100_000);
    let parts = 0;
    for await (const part of session.map(sizes)) {
      expect(part.length).toBeLessThan(10);
      if (++parts === 3) break;
    }
    await session.close();
    expect(await evaluate('4')).toBe(4);
  });

  test('a syntax error comes before any object', async () => {
    await expect(evaluator.open('it +', never)).rejects.toMatchObject({ kind: 'InvalidArgs' });
  });

  test('one follows another at once', async () => {
    for (let index = 0; index < 5; index++) {
      const session = await evaluator.open(`it + ${index}`, never);
      expect(await collect(session.map([1]))).toEqual([1 + index]);
      await session.close();
    }
  });
});

test('a closed evaluator has no processes and starts none', async () => {
  const closed = new Evaluator();
  const before = descendants(process.pid);
  const running = closed.evaluate('(() => { for (;;); })()', {}, never);
  const [pid = 0] = descendants(process.pid).filter((found) => !before.includes(found));
  const failed = expect(running).rejects.toMatchObject({ kind: 'Cancelled' });
  await closed.close();
  await failed;
  expect(isAlive(pid)).toBe(false);
  await expect(closed.evaluate('1', {}, never)).rejects.toMatchObject({ kind: 'Cancelled' });
});

describe('a process that uses it', () => {
  const folder = temporaryFolder();
  const bundle = `${folder}/owner.cjs`;
  beforeAll(() => {
    const stdin = {
      contents: `import { Evaluator } from './evaluator';
        const evaluator = new Evaluator();
        const { signal } = new AbortController();
        evaluator.evaluate('1', {}, signal).then((value) => {
          if (process.argv[2] === 'busy') evaluator.evaluate('(() => { for (;;); })()', {}, signal);
          console.log(value);
        });`,
      resolveDir: 'src/engine',
      loader: 'ts' as const,
    };
    buildSync({ stdin, bundle: true, platform: 'node', outfile: bundle });
  });

  test('ends though a warm one is left', async () => {
    const owner = spawn(process.execPath, [bundle], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [code] = await within(once(owner, 'exit'), 'the end of the owner');
    expect(code).toBe(0);
  });

  test('takes a busy one with it when it is killed', async () => {
    const owner = spawn(process.execPath, [bundle, 'busy'], { stdio: ['ignore', 'pipe', 'inherit'] });
    await within(once(owner.stdout, 'data'), 'the first value');
    const children = descendants(owner.pid ?? 0);
    expect(children).toHaveLength(1);
    owner.kill('SIGKILL');
    await waitFor(() => !children.some(isAlive), 'the end of the busy process');
  });
});
