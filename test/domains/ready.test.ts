// What may come before a slave is ready, and just after: from far sides that keep to no rule, and over slow links.
import { mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openPeer } from '../../src/domains';
import { encodeValue } from '../../src/domains/address';
import { slaveBundle } from '../../src/domains/bundle';
import { DAY_S } from '../../src/limits';
import { memory } from '../support/proc';
import { environment } from '../support/process';
import { built } from '../support/slave';
import { temporaryFolder } from '../support/temp';
import { open, partOf, pidOf } from './ssh-support';

const MIB = 1024 * 1024;
/** What may run before it says anything, on a busy machine, in milliseconds. */
const PATIENCE = { timeoutMs: 3000 };

beforeAll(built);

/** An exec: address of a program. */
function program(interpreter: string, text: string): string {
  const file = path.join(temporaryFolder(), 'far');
  writeFileSync(file, `#!${interpreter}\n${text}\n`, { mode: 0o755 });
  return `exec:${encodeValue(file)}`;
}

/** A far side in sh: `say WORD …` says a marker. */
function far(text: string): string {
  const mark = `mark=HOTWIRE-$(printf %s "$3" | sed -n 's/.*m=$m-\\([0-9a-f]*\\).*/\\1/p')`;
  return program('/bin/sh', `${mark}\nsay() { echo "$mark $*"; }\n${text}`);
}

function failure(address: string, options = PATIENCE) {
  return expect(openPeer(partOf(address), { environment: environment(), ...options })).rejects;
}

describe('the slave is sent', () => {
  test('once: who asks again is refused, and gets nothing more', async () => {
    const before = memory(process.pid).rss;
    await failure(far('while say send; do :; done')).toMatchObject({
      kind: 'Domain.VersionMismatch',
      message: expect.stringMatching(/it said "send", which means nothing here: install/),
    });
    expect(memory(process.pid).rss - before).toBeLessThan(100 * MIB);
  });

  test.each([
    ['less than before', 'say got 10; say got 5'],
    ['the same', 'say got 10; say got 10'],
    ['more than there is', 'say got 999999999'],
    ['what is no number', 'say got it'],
  ])('and it is told how much has arrived: not %s', async (_title, words) => {
    await failure(far(`say send; ${words}; exec sleep 60`)).toMatchObject({ kind: 'Domain.VersionMismatch' });
  });

  test('and nobody can say that it has arrived before', async () => {
    await failure(far('say got 1; exec sleep 60')).toMatchObject({ kind: 'Domain.VersionMismatch' });
  });

  test('and the far side becomes silent', async () => {
    const { size } = await slaveBundle();
    await failure(far('say send; say got 1000; exec sleep 60'), { timeoutMs: 500 }).toMatchObject({
      kind: 'Domain.TimedOut',
      message: expect.stringContaining(
        `within 0.5 s; it was silent while the slave was being sent (1000 of ${size} bytes)`,
      ),
    });
  });

  test('over a link that takes longer than anything may be silent', async () => {
    const { size } = await slaveBundle();
    const pieces = 20;
    const pauseMs = (PATIENCE.timeoutMs * 1.5) / pieces;
    const slow = `
      const child = require('child_process').spawn(process.argv[2], process.argv.slice(3), { stdio: ['pipe', 'inherit', 'inherit'] });
      let bytes = Buffer.alloc(0);
      process.stdin.on('data', (more) => { bytes = Buffer.concat([bytes, more]); }).on('end', () => child.stdin.end());
      setInterval(() => { child.stdin.write(bytes.subarray(0, ${Math.ceil(size / pieces)})); bytes = bytes.subarray(${Math.ceil(size / pieces)}); }, ${pauseMs});
      child.on('exit', () => process.exit());`;
    const { bin, cache } = bare();
    const began = performance.now();
    const through = `${program(process.execPath, slow)} env PATH=${encodeValue(bin)}`;
    const peer = await open(through, { environment: environment({ XDG_CACHE_HOME: cache }), ...PATIENCE });
    expect(performance.now() - began).toBeGreaterThan(PATIENCE.timeoutMs);
    expect(await pidOf(peer)).toBeGreaterThan(0);
  });
});

test.each([
  ['text', 'echo hello; echo world; exec sleep 60', /the other end said only "hello/],
  ['nothing more', 'exec sleep 60', /said nothing/],
  ['bytes without end', 'exec cat /dev/zero', /ended: no D-Bus: it said/],
  [
    'lines without end',
    'printf "hello\\r\\n"; exec sleep 60',
    /ended: the other end does not speak D-Bus; it said: "hello"$/,
  ],
  ['its end', 'exit 7', /ended: ended with status 7; .* before it was set up$/],
])('it says that it is ready, then %s: the error tells that, not how we ended it', async (_title, text, message) => {
  const options = { timeoutMs: 1000 };
  await failure(far(`say ready; ${text}`), options).toMatchObject({ message: expect.stringMatching(message) });
});

/** A place with nothing but node, and an empty cache. */
function bare(): { bin: string; cache: string } {
  const folder = temporaryFolder();
  const [bin, cache] = [path.join(folder, 'bin'), path.join(folder, 'cache')];
  mkdirSync(bin);
  symlinkSync('/bin/sh', path.join(bin, 'sh'));
  symlinkSync(process.execPath, path.join(bin, 'node'));
  return { bin, cache };
}

describe('the cache of what was sent', () => {
  test('is tidied past what can not be removed', async () => {
    const { bin, cache } = bare();
    const folder = path.join(cache, 'hotwire');
    const old = ['0-directory', '1.cjs', '2.cjs'].map((name) => path.join(folder, name));
    const [directory = '', ...files] = old;
    mkdirSync(directory, { recursive: true });
    for (const file of files) writeFileSync(file, '');
    const longAgo = new Date(Date.now() - 40 * DAY_S * 1000);
    for (const name of old) utimesSync(name, longAgo, longAgo);
    const peer = await open(`exec:env PATH=${encodeValue(bin)}`, {
      environment: environment({ XDG_CACHE_HOME: cache }),
    });
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['0-directory']));
    expect(readdirSync(folder)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^[12]\.cjs$/)]));
    await peer.close();
  });

  test('takes the slave whatever a process of any number has left there', async () => {
    const { bin, cache } = bare();
    const folder = path.join(cache, 'hotwire');
    mkdirSync(folder, { recursive: true });
    const file = path.join(folder, `${(await slaveBundle()).hash}.cjs`);
    // Which number it will have is known in a container alone, so the shell that becomes node leaves something there.
    const leave = `PATH=$OLD; echo half >"${file}.$$"; PATH=${bin} exec "$@"`;
    const address = program('/bin/sh', leave);
    const peer = await open(address, {
      environment: environment({ XDG_CACHE_HOME: cache, OLD: process.env.PATH ?? '' }),
    });
    const names = readdirSync(folder);
    expect(names).toContain(path.basename(file));
    expect(names).toContain(`${path.basename(file)}.${await pidOf(peer)}`);
    await peer.close();
  });
});
