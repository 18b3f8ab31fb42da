import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { run as runProgram } from '../support/process';
import { closeContexts, contextWith, run, valuesOf } from './support';

afterAll(closeContexts);

const hash = (algorithm: string, data: string | Buffer) => createHash(algorithm).update(data).digest('hex');
const FILES = { 'a.txt': 'alpha\n', 'b.txt': '' };

test.each([
  ['sechash a.txt', [{ path: 'a.txt', algorithm: 'sha256', digest: hash('sha256', 'alpha\n') }]],
  ['sechash -5 b.txt', [{ path: 'b.txt', algorithm: 'md5', digest: hash('md5', '') }]],
  ['sechash -a SHA-512 a.txt', [{ path: 'a.txt', algorithm: 'sha512', digest: hash('sha512', 'alpha\n') }]],
  [
    'sechash --algorithm=sha3-256 a.txt',
    [{ path: 'a.txt', algorithm: 'sha3-256', digest: hash('sha3-256', 'alpha\n') }],
  ],
  ['cat a.txt | sechash', [{ path: null, algorithm: 'sha256', digest: hash('sha256', 'alpha') }]],
  ["js-eval '({a: 1})' | sechash", [{ path: null, algorithm: 'sha256', digest: hash('sha256', '{"a":1}') }]],
])('%s', async (text, values) => {
  expect(await valuesOf(text, contextWith(FILES))).toEqual(values);
});

test('files that flow in', async () => {
  const digests = await valuesOf('ls | sechash | prop digest', contextWith(FILES));
  expect(digests).toEqual([hash('sha256', 'alpha\n'), hash('sha256', '')]);
});

test('a large file, as sha256sum has it', async () => {
  const context = contextWith();
  const file = path.join(context.cwd, 'large');
  writeFileSync(file, Buffer.alloc(3_000_001, 'ab'));
  const { stdout } = await runProgram('sha256sum', [file]);
  expect(await valuesOf('sechash large | prop digest', context)).toEqual([stdout.split(' ')[0]]);
});

test('what can not be read is told after the others', async () => {
  const context = contextWith(FILES);
  await runProgram('mkfifo', [path.join(context.cwd, 'pipe')]);
  const { values, error } = await run('sechash nothing . pipe a.txt', context);
  expect(values).toMatchObject([{ path: 'a.txt' }]);
  expect(error).toMatchObject({
    kind: 'Failed',
    message: 'sechash: nothing: no such file or directory, .: is a directory, pipe: is no regular file',
  });
});

test.each([
  ['sechash', /name a file/],
  ['sechash -a nonsense a.txt', /nonsense is no algorithm: there are md5, sha1/],
  ['sechash -5 -a sha1 a.txt', /not both/],
])('%s is refused', async (text, message) => {
  const { error } = await run(text, contextWith(FILES));
  expect(error).toMatchObject({ kind: 'InvalidArgs', message: expect.stringMatching(message) });
});
