// The program that is sent to places without hotwire, as the build leaves it.
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { bundleIn } from '../../src/domains/bundle';
import { built, ROOT } from '../support/slave';
import { temporaryFolder } from '../support/temp';

const HASH = 'a'.repeat(64);
const OTHER_HASH = 'b'.repeat(64);

function file(content: string): string {
  const name = path.join(temporaryFolder(), 'bundle');
  writeFileSync(name, content);
  return name;
}

test('what was built is the program, with its hash', async () => {
  await built();
  const bundle = await bundleIn(path.join(ROOT, 'dist', 'hotwire-slave.js.bundle'));
  const program = readFileSync(path.join(ROOT, 'dist', 'hotwire-slave.js'));
  const compressed = await bundle?.compressed();
  expect(bundle?.hash).toBe(createHash('sha256').update(program).digest('hex'));
  expect(compressed).toHaveLength(bundle?.size ?? 0);
  expect(program.equals(brotliDecompressSync(compressed ?? ''))).toBe(true);
});

test('the program is read when it is asked for, and no other is sent in its place', async () => {
  const name = file(`${HASH}program`);
  const bundle = await bundleIn(name);
  expect(bundle).toMatchObject({ hash: HASH, size: 'program'.length });
  expect(String(await bundle?.compressed())).toBe('program');
  for (const other of [`${OTHER_HASH}program`, `${HASH}programme`]) {
    writeFileSync(name, other);
    await expect(bundle?.compressed()).rejects.toMatchObject({
      kind: 'Domain.ProgramMissing',
      message: expect.stringMatching(/another hotwire has just been installed: try again$/),
    });
  }
  rmSync(name);
  await expect(bundle?.compressed()).rejects.toMatchObject({
    kind: 'Domain.ProgramMissing',
    message: expect.stringMatching(/is gone: install hotwire again$/),
  });
  expect(await bundleIn(name)).toBeUndefined();
});
