import { Command } from 'commander';
import { execute } from '../../src/cli/program';
import type { RunCommandOptions } from '../../src/cli/run';
import { addRunCommand } from '../../src/cli/run-command';
import { VERSION } from '../../src/version';
import { surroundingsOf } from './helpers';

async function parse(...words: string[]): Promise<{ text: string; options: RunCommandOptions }> {
  const program = new Command('hotwire').enablePositionalOptions().exitOverride();
  let parsed: { text: string; options: RunCommandOptions } | undefined;
  addRunCommand(program, async (text, options) => {
    parsed = { text, options };
  });
  await program.parseAsync(['run', ...words], { from: 'user' });
  if (!parsed) throw new Error('run was not called');
  return parsed;
}

test.each([
  [['proc -a | filter x'], 'proc -a | filter x'],
  [['ls', '-l', '--format', 'x y'], 'ls -l --format x y'],
  [['--format', 'csv', 'proc', '--', '-a'], 'proc -- -a'],
  [[''], ''],
])('the words %j are the text %j', async (words, text) => {
  expect((await parse(...words)).text).toBe(text);
});

test.each<[string[], Partial<RunCommandOptions>]>([
  [['--format', 'jsonl', '--color=never'], { format: 'jsonl', color: 'never' }],
  [[], { color: 'auto', progress: true }],
  [['-n'], { input: 'none' }],
  [['--input', 'json'], { input: 'json' }],
  [['--timeout', '0.5'], { timeout: 0.5 }],
  [['--env', 'A=1', '--env', 'B=x=y', '--env', 'C='], { env: { A: '1', B: 'x=y', C: '' } }],
  [['--bus', 'unix:path=/x', '--cwd', '/tmp'], { bus: 'unix:path=/x', cwd: '/tmp' }],
  [['--embedded', '--debug', '--no-progress'], { embedded: true, debug: true, progress: false }],
])('the options %j are %j', async (words, expected) => {
  expect((await parse(...words, 'proc')).options).toMatchObject(expected);
});

test.each([
  [[], /^hotwire: no command given\nsee 'hotwire --help'\n$/],
  [['rnu', 'proc'], /^hotwire: unknown command 'rnu' \(Did you mean run\?\)\nsee 'hotwire --help'\n$/],
  [['run'], /^hotwire: missing required argument 'pipeline'\nsee 'hotwire run --help'\n$/],
  [['run', '--formt', 'csv', 'proc'], /^hotwire: unknown option '--formt' \(Did you mean --format\?\)\nsee/],
  [['run', '--format', 'xml', 'proc'], /^hotwire: option .*'xml' is invalid.*csv.*\nsee 'hotwire run --help'\n$/],
  [['run', '--timeout', '-1', 'proc'], /^hotwire: option '--timeout .*number of seconds/],
  [['run', '--timeout', ' ', 'proc'], /^hotwire: option '--timeout .*number of seconds/],
  [['run', '--env', '=x', 'proc'], /^hotwire: option '--env .*NAME=VALUE/],
  [['--nonsense'], /^hotwire: unknown option '--nonsense'\nsee 'hotwire --help'\n$/],
])('%j is a usage error', async (words, message) => {
  const { surroundings, stdout, stderr } = surroundingsOf();
  expect(await execute(words, surroundings)).toBe(2);
  expect(stderr.text).toMatch(message);
  expect(stdout.text).toBe('');
});

test.each([
  [['--version'], new RegExp(`^${VERSION}\n$`)],
  [['--help'], /Usage: hotwire.*Examples:.*Exit status/s],
  [['run', '--help'], /Usage: hotwire run \[options\] PIPELINE….*Examples:.*Exit status:.*130/s],
  [['help', 'run'], /Usage: hotwire run/],
])('%j is shown on standard output', async (words, expected) => {
  const { surroundings, stdout, stderr } = surroundingsOf();
  expect(await execute(words, surroundings)).toBe(0);
  expect(stdout.text).toMatch(expected);
  expect(stderr.text).toBe('');
});

test.each([
  [['--help'], 200],
  [['run', '--help'], 200],
  [['run', '--help'], 80],
  [['help', 'run'], undefined],
])('the help of %j has no line over 78 characters, on a terminal of %p columns', async (words, columns) => {
  const { surroundings, stdout } = surroundingsOf(columns === undefined ? {} : { terminal: { columns } });
  await execute(words, surroundings);
  expect(stdout.text.split('\n').filter((line) => line.length > 78)).toEqual([]);
});

test('no slave to be had is status 3, in one line', async () => {
  const { surroundings, stdout, stderr } = surroundingsOf();
  expect(await execute(['run', 'proc'], surroundings)).toBe(3);
  expect(stderr.text).toBe('hotwire: there is no slave in this test\n');
  expect(stdout.text).toBe('');
});
