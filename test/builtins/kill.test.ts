import { start } from '../support/process';
import { closeContexts, contextWith, run, valuesOf } from './support';

afterAll(closeContexts);

/** A process that only waits, once it has started. */
async function sleeper(seconds: number) {
  const process = start('sh', ['-c', `echo ready; exec sleep ${seconds}`]);
  await process.line(/ready/);
  return process;
}

test.each([
  ['kill', 'SIGTERM'],
  ['kill -9', 'SIGKILL'],
  ['kill -HUP', 'SIGHUP'],
  ['kill -SIGINT', 'SIGINT'],
  ['kill -usr1 --', 'SIGUSR1'],
])('%s sends %s', async (command, signal) => {
  const process = await sleeper(2041);
  expect(await run(`${command} ${process.pid}`)).toMatchObject({ state: 'complete', values: [], error: undefined });
  expect(await process.exited).toMatchObject({ signal });
});

test('processes flow in', async () => {
  const [one, other] = await Promise.all([sleeper(2042), sleeper(2042)]);
  const { error } = await run(`proc | filter '^(${one.pid}|${other.pid})$' pid | kill -KILL`);
  expect(error).toBeUndefined();
  expect(await Promise.all([one.exited, other.exited])).toMatchObject([{ signal: 'SIGKILL' }, { signal: 'SIGKILL' }]);
});

test('-0 only asks', async () => {
  const process = await sleeper(2043);
  expect((await run(`kill -0 ${process.pid}`)).error).toBeUndefined();
  await run(`kill ${process.pid}`);
  await process.exited;
  expect((await run(`kill -0 ${process.pid}`)).error?.message).toBe(`kill: ${process.pid}: no such process`);
});

test('what can not be done is told after the rest', async () => {
  const [gone, process] = await Promise.all([sleeper(2044), sleeper(2044)]);
  await run(`kill ${gone.pid}`);
  await gone.exited;
  const { error } = await run(`kill -KILL ${gone.pid} ${process.pid}`);
  expect(error).toMatchObject({ kind: 'Failed', message: `kill: ${gone.pid}: no such process` });
  expect(await process.exited).toMatchObject({ signal: 'SIGKILL' });
});

test('one whose id belongs to another by now is left alone', async () => {
  const process = await sleeper(2045);
  const object = JSON.stringify({ pid: process.pid, start_time: 1 });
  const { error } = await run(`js-eval '(${object})' | kill`);
  expect(error?.message).toBe(`kill: ${process.pid}: it has ended, and another process has its id`);
  await run(`kill -0 ${process.pid}`);
  expect((await run(`kill -0 ${process.pid}`)).error).toBeUndefined();
});

test('the process that runs the pipeline is never hit', async () => {
  for (const text of [`kill -KILL ${process.pid}`, `proc | filter ^${process.pid}$ pid | kill -KILL`]) {
    expect((await run(text)).error?.message).toMatch(/it is the process that runs this pipeline/);
  }
});

test.each([
  ['kill', /name the id of a process/],
  ['kill -9', /name the id of a process/],
  ['kill 0', /kill: 0 is no process id.*many processes/],
  ['kill -- -1', /-1 is no process id.*many processes/],
  ['kill -9 -1', /-1 is no process id.*many processes/],
  ['kill -KILL 0', /many processes/],
  ['kill -1', /name the id of a process/],
  ['kill 1.5', /1.5 is no process id/],
  ['kill 1e3', /1e3 is no process id/],
  ['kill 99999999999999999999', /is no process id/],
  ['kill 4294967295', /is no process id/],
  ['kill "" 1', /'' is no process id/],
  ['kill -99 1', /99 is no signal/],
  ['kill -KIL 1', /KIL is no signal.*KILL/],
  ['kill -__proto__ 1', /is no signal/],
  ["js-eval '({pid: 0})' | kill", /no process id/],
  ["js-eval '({pid: -1})' | kill", /no process id/],
  ['js-eval \'[1, "a"]\' | iter | kill', /no process id/],
])('%s is refused', async (text, message) => {
  const { error } = await run(text);
  expect(error).toMatchObject({ kind: 'InvalidArgs', message: expect.stringMatching(message) });
});

test('nothing is sent when one word is wrong', async () => {
  const process = await sleeper(2046);
  expect((await run(`kill -KILL ${process.pid} x`)).error?.kind).toBe('InvalidArgs');
  expect(await valuesOf(`kill -0 ${process.pid}`, contextWith())).toEqual([]);
});
