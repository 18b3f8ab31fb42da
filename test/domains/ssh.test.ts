// What may be at the other end of ssh:, on a real OpenSSH server.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { INTERFACE, OBJECT_PATH } from '../../src/contract';
import type { OpenPeerOptions } from '../../src/domains';
import { DAY_S } from '../../src/limits';
import { VERSION } from '../../src/version';
import { Variant } from '../../src/wire';
import { built, ROOT } from '../support/slave';
import { Sshd } from '../support/sshd';
import { BARE, failure as failureAt, open as openAt, pidOf } from './ssh-support';

/** In a host's cache: the program, and before what was compiled of it, the hash of that. */
const PROGRAM = /^[0-9a-f]{64}\.cjs$/;
const HASH_DIGITS = 64;

let sshd: Sshd;

beforeAll(async () => {
  await built();
  sshd = await Sshd.start();
});

const open = (address: string, options: Partial<OpenPeerOptions> = {}) =>
  openAt(address, { environment: sshd.environment, ...options });
const failure = (name: string, options: Partial<OpenPeerOptions> = {}) =>
  failureAt(name, { environment: sshd.environment, ...options });

/** The program of a slave that differs from ours. */
function otherSlave(changes: readonly (readonly [RegExp, string])[]): string {
  const source = readFileSync(path.join(ROOT, 'dist', 'hotwire-slave.js'), 'utf8');
  return changes.reduce((text, [from, to]) => {
    if (!from.test(text)) throw new Error(`the program has no ${from}`);
    return text.replace(from, to);
  }, `#!${process.execPath}\n${source}`);
}

const OTHER_VERSION = [new RegExp(`version="${VERSION}"`), 'version="99.1.2"'] as const;
describe('what is there', () => {
  test('hotwire', async () => {
    await sshd.host('installed', { programs: ['node'], environment: { XDG_CACHE_HOME: '/nonexistent' } });
    const peer = await open('ssh:installed');
    expect(peer).toMatchObject({ version: VERSION, features: expect.arrayContaining(['domains']) });
    expect(readFileSync(`/proc/${await pidOf(peer)}/cmdline`, 'utf8')).toMatch(/bin\/hotwire-slave\0--stdio/);
  });

  test('only node: the slave is sent, and found in the cache from then on', async () => {
    const { home } = await sshd.host('bare', BARE);
    const cache = path.join(home, '.cache', 'hotwire');
    await (await open('ssh:bare')).close();
    const kept = readdirSync(cache).sort();
    expect(kept).toEqual([expect.stringMatching(PROGRAM), expect.stringMatching(/^[0-9a-f]{64}\.cjs\.v.*\.code$/)]);
    expect(statSync(cache).mode & 0o777).toBe(0o700);
    const files = () => kept.map((name) => statSync(path.join(cache, name)).ino);
    const before = files();
    const peer = await open('ssh:bare');
    expect(await pidOf(peer)).toBeGreaterThan(0);
    await peer.close();
    expect(readdirSync(cache).sort()).toEqual(kept);
    expect(files()).toEqual(before);
  });

  test('what was compiled of it in the first run is not used when it is damaged, but made anew', async () => {
    const { home } = await sshd.host('compiled', BARE);
    const cache = path.join(home, '.cache', 'hotwire');
    await (await open('ssh:compiled')).close();
    const file = path.join(cache, readdirSync(cache).find((name) => name.endsWith('.code')) ?? '');
    const good = readFileSync(file);
    const changed = Buffer.from(good).fill(0, good.length / 2);
    for (const bad of [changed, good.subarray(0, 100), '']) {
      writeFileSync(file, bad);
      await (await open('ssh:compiled')).close();
      const code = readFileSync(file);
      expect(createHash('sha256').update(code.subarray(HASH_DIGITS)).digest('hex')).toBe(
        code.toString('latin1', 0, HASH_DIGITS),
      );
    }
  });

  test('what is in the cache and has not been used for long goes when something comes', async () => {
    const { home } = await sshd.host('tidy', {
      ...BARE,
      files: { '.cache/hotwire/old.cjs': '', '.cache/hotwire/new.cjs': '' },
    });
    const cache = path.join(home, '.cache', 'hotwire');
    const longAgo = new Date(Date.now() - 40 * DAY_S * 1000);
    utimesSync(path.join(cache, 'old.cjs'), longAgo, longAgo);
    await open('ssh:tidy');
    expect(readdirSync(cache).sort()).toEqual([expect.stringMatching(PROGRAM), 'new.cjs']);
  });

  test('only node, by its other name', async () => {
    const { home } = await sshd.host('nodejs', { installed: false, programs: [] });
    symlinkSync(process.execPath, path.join(home, 'bin', 'nodejs'));
    await open('ssh:nodejs');
  });

  test.each([
    ['other text', 'process.exit(3)'],
    ['nothing', ''],
  ])('a cache that holds %s is not run', async (_title, content) => {
    const host = `damaged-${content.length}`;
    const { home } = await sshd.host(host, BARE);
    const cache = path.join(home, '.cache', 'hotwire');
    await (await open(`ssh:${host}`)).close();
    const name = readdirSync(cache).find((one) => PROGRAM.test(one)) ?? '';
    const size = statSync(path.join(cache, name)).size;
    writeFileSync(path.join(cache, name), content);
    await open(`ssh:${host}`);
    expect(statSync(path.join(cache, name)).size).toBe(size);
  });

  test('only node, and nothing can be kept there: it runs from memory, but can start no other', async () => {
    await sshd.host('forgetful', { ...BARE, files: { '.cache': 'a file' } });
    const { connection } = await open('ssh:forgetful');
    const start = connection.call({
      path: OBJECT_PATH,
      interface: INTERFACE,
      member: 'RunPipelineWithOptions',
      signature: 'sa{sv}',
      body: ['sys true', { detached: new Variant('b', true) }],
    });
    await expect(start).rejects.toMatchObject({
      kind: 'Domain.ProgramMissing',
      message: expect.stringMatching(/cache/),
    });
  });

  test('only node on two hosts, one behind the other: the first sends what it was sent', async () => {
    const behind = await Sshd.start();
    await behind.host('second', BARE);
    const environment = { HOTWIRE_SSH: behind.ssh, XDG_STATE_HOME: path.join(behind.folder, 'state') };
    await sshd.host('first', { ...BARE, programs: ['node', 'ssh'], environment });
    const { connection } = await open('ssh:first');
    const opening = { path: OBJECT_PATH, interface: INTERFACE, member: 'OpenDomain', signature: 'sa{sv}' };
    const { body } = await connection.call({ ...opening, body: ['ssh:second', {}] });
    const far = await connection.call({ path: String(body[0]), interface: INTERFACE, member: 'GetContext' });
    expect((far.body[0] as Record<string, Variant>).home?.value).toBe(path.join(behind.folder, 'home-second'));
  });

  test('neither', async () => {
    const { home } = await sshd.host('neither', { installed: false, programs: [] });
    const { kind, message } = await failure('neither');
    expect(kind).toBe('Domain.ProgramMissing');
    expect(message).toMatch(
      /^ssh:neither: neither hotwire nor Node is there: install one of them \(hotwire, or Node 20/,
    );
    expect(message).toContain(path.join(home, 'bin'));
  });

  test('a node that is too old', async () => {
    const pretend =
      "Object.defineProperty(process, 'version', { value: 'v12.22.9' });\n" +
      "Object.defineProperty(process, 'versions', { value: { node: '12.22.9' } });\n";
    const { home } = await sshd.host('old', { installed: false, programs: [], files: { 'old.cjs': pretend } });
    writeFileSync(path.join(home, 'bin', 'node'), `#!/bin/sh\nexec ${process.execPath} -r ~/old.cjs "$@"\n`, {
      mode: 0o755,
    });
    const { kind, message } = await failure('old');
    expect(kind).toBe('Domain.ProgramMissing');
    expect(message).toMatch(/its Node is v12\.22\.9, which is too old: install hotwire or Node 20/);
  });

  test('a hotwire whose interpreter is missing', async () => {
    const files = { 'bin/hotwire-slave': '#!/usr/bin/env no-such-node\n' };
    await sshd.host('broken', { installed: false, programs: ['env'], files });
    expect(await failure('broken')).toMatchObject({
      kind: 'Domain.ProgramMissing',
      message: expect.stringMatching(/no-such-node/),
    });
  });

  test('another version that has what is needed', async () => {
    const files = { 'bin/hotwire-slave': otherSlave([OTHER_VERSION]) };
    await sshd.host('newer', { installed: false, files });
    expect(await open('ssh:newer')).toMatchObject({ version: '99.1.2' });
  });

  test.each([
    [
      'lacks what is needed',
      [OTHER_VERSION, [/FEATURES=\["domains"\]/, 'FEATURES=[]']],
      new RegExp(`version 99\\.1\\.2.*${VERSION}`),
    ],
    ['does not know how it is started', [[/--keep-alive <seconds>/, '--other <seconds>']], /too old/],
  ] as const)('another version that %s', async (title, changes, message) => {
    const host = `older-${title.replaceAll(' ', '-')}`;
    const files = { 'bin/hotwire-slave': otherSlave(changes) };
    await sshd.host(host, { installed: false, files });
    expect(await failure(host)).toMatchObject({
      kind: 'Domain.VersionMismatch',
      message: expect.stringMatching(message),
    });
  });

  test('something that speaks no D-Bus', async () => {
    await sshd.host('strange', { installed: false, files: { 'bin/hotwire-slave': '#!/bin/sh\necho hello there\n' } });
    expect(await failure('strange')).toMatchObject({ kind: 'Domain.Closed' });
  });
});
