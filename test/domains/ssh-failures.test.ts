// What may go wrong on the way of ssh: to a slave, with a real OpenSSH server.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { OpenPeerOptions } from '../../src/domains';
import { built } from '../support/slave';
import { Sshd } from '../support/sshd';
import { BARE, failure as failureAt, open as openAt } from './ssh-support';

const IMPATIENT = { timeoutMs: 1500 };

let sshd: Sshd;

beforeAll(async () => {
  await built();
  sshd = await Sshd.start();
});

const open = (address: string, options: Partial<OpenPeerOptions> = {}) =>
  openAt(address, { environment: sshd.environment, ...options });
const failure = (name: string, options: Partial<OpenPeerOptions> = {}) =>
  failureAt(name, { environment: sshd.environment, ...options });

describe('what a login shell does', () => {
  const shells = ['sh', 'dash', 'bash', 'zsh', 'fish', 'csh', 'tcsh', 'ksh'].map((shell) => {
    const folders = process.env.PATH?.split(':') ?? [];
    return { shell, found: folders.map((folder) => path.join(folder, shell)).find(existsSync) };
  });
  for (const { shell, found } of shells) {
    (found === undefined ? test.skip : test)(`${shell} passes the line on (where it is installed)`, async () => {
      for (const [kind, host] of Object.entries({ sent: BARE, installed: {} })) {
        const name = `${shell}-${kind}`;
        await sshd.host(name, { ...host, shell: `exec ${found} -c "$SSH_ORIGINAL_COMMAND"` });
        await open(`ssh:${name}`);
      }
    });
  }

  const passOn = 'exec sh -c "$SSH_ORIGINAL_COMMAND"';
  test.each([
    ['a line', `echo welcome; ${passOn}`],
    ['no line end', `printf welcome; ${passOn}`],
    ['what looks like a marker', `echo HOTWIRE-0123456789abcdef ready; ${passOn}`],
    ['the command itself', `echo "$SSH_ORIGINAL_COMMAND"; ${passOn}`],
    ['as much as is skipped', `head -c 60000 /dev/zero; ${passOn}`],
    ['on stderr', `echo welcome >&2; ${passOn}`],
  ])('it prints %s before', async (title, shell) => {
    const name = `prints-${title.replaceAll(' ', '-')}`;
    await sshd.host(name, { shell });
    await open(`ssh:${name}`);
  });

  test('it prints and prints', async () => {
    await sshd.host('endless', { shell: 'while echo welcome; do :; done' });
    expect(await failure('endless')).toMatchObject({
      kind: 'Domain.Unreachable',
      message: expect.stringMatching(/over 65536 bytes .* "welcome\\nwelcome/),
    });
  });

  test.each([
    ['silent', 'exec cat >/dev/null', /no slave was ready there within 1\.5 s; nothing came/],
    ['asking', 'printf "Your token: "; exec cat >/dev/null', /within 1\.5 s; this came instead: "Your token: "/],
  ])('it stays %s', async (name, shell, message) => {
    await sshd.host(name, { shell });
    expect(await failure(name, IMPATIENT)).toMatchObject({
      kind: 'Domain.TimedOut',
      message: expect.stringMatching(message),
    });
  });

  test('it becomes silent while the slave is sent', async () => {
    const { home } = await sshd.host('stuck', { installed: false, programs: ['cat'] });
    const script = '#!/bin/sh\necho "$5 send"; exec cat >/dev/null\n';
    writeFileSync(path.join(home, 'bin', 'node'), script, { mode: 0o755 });
    expect(await failure('stuck', IMPATIENT)).toMatchObject({ kind: 'Domain.TimedOut' });
  });

  test.each([
    [
      'nologin',
      'echo This account is currently not available.; exit 1',
      'Domain.LoginRefused',
      /status 1.*not available/s,
    ],
    ['shell-less', 'exec /no/such/shell', 'Domain.ProgramMissing', /no\/such\/shell/],
    ['dying', 'kill -9 $$', 'Domain.Unreachable', /./],
  ])('it ends: %s', async (name, shell, kind, message) => {
    await sshd.host(name, { shell });
    expect(await failure(name)).toMatchObject({ kind, message: expect.stringMatching(message) });
  });
});

describe('what ssh itself fails with', () => {
  const place = (file: string, content: string) => {
    const whole = path.join(sshd.folder, file);
    writeFileSync(whole, content);
    return whole;
  };

  test('no such host', async () => {
    // No label of a name may be so long: nobody has to be asked.
    await sshd.host('unknown', { config: [`HostName ${'x'.repeat(70)}`] });
    expect(await failure('unknown')).toMatchObject({
      kind: 'Domain.UnknownHost',
      message: expect.stringMatching(/^ssh:unknown: .*\nssh: Could not resolve hostname/),
    });
  });

  test('nobody listens', async () => {
    await sshd.host('closed', { config: ['Port 1'] });
    expect(await failure('closed')).toMatchObject({
      kind: 'Domain.Unreachable',
      message: expect.stringMatching(/refused/),
    });
  });

  test('the host key has changed', async () => {
    const other = (await Sshd.start()).knownHosts;
    const key = readFileSync(other, 'utf8').split(' ').slice(1).join(' ');
    const file = place('changed', `[${sshd.address}]:${sshd.port} ${key}`);
    await sshd.host('changed', { config: [`UserKnownHostsFile ${file}`] });
    expect(await failure('changed')).toMatchObject({
      kind: 'Domain.HostKey',
      message: expect.stringMatching(/CHANGED/),
    });
  });

  test.each([
    ['ask', 'Domain.PromptNeeded'],
    ['yes', 'Domain.HostKey'],
  ])('the host key is unknown (StrictHostKeyChecking %s)', async (strict, kind) => {
    const name = `strange-key-${strict}`;
    await sshd.host(name, { config: [`UserKnownHostsFile ${place(name, '')}`, `StrictHostKeyChecking ${strict}`] });
    expect(await failure(name)).toMatchObject({ kind });
  });

  test('the login is refused', async () => {
    await sshd.host('refused', { admitted: false });
    expect(await failure('refused')).toMatchObject({
      kind: 'Domain.LoginRefused',
      message: expect.stringMatching(/Permission denied \(publickey\)/),
    });
  });

  test('it wants a password', async () => {
    const asking = await Sshd.start({ config: ['PasswordAuthentication yes'] });
    await asking.host('asks', { admitted: false });
    expect(await failure('asks', { environment: asking.environment })).toMatchObject({ kind: 'Domain.PromptNeeded' });
  });

  test.each([
    ['there is no ssh', { PATH: '/nonexistent' }, 'Domain.ProgramMissing', /no 'ssh': install openssh-client/],
    ['an open quote', { HOTWIRE_SSH: 'ssh -F "x' }, 'Domain.BadAddress', /HOTWIRE_SSH/],
    ['a bad option', { HOTWIRE_SSH: 'ssh -o Nonsense=1' }, 'Domain.Unreachable', /nonsense/],
  ] as const)('%s', async (_title, changes, kind, message) => {
    const environment = { ...sshd.environment, HOTWIRE_SSH: '', ...changes };
    expect(await failure('any', { environment })).toMatchObject({ kind, message: expect.stringMatching(message) });
  });

  test('HOTWIRE_SSH with quotes', async () => {
    await sshd.host('quoted');
    const folder = path.join(sshd.folder, "it's a folder");
    mkdirSync(folder);
    const file = path.join(folder, 'config');
    writeFileSync(file, readFileSync(sshd.ssh.split(' -F ')[1] ?? '', 'utf8'));
    await open('ssh:quoted', { environment: { ...sshd.environment, HOTWIRE_SSH: `'ssh' -F "${file}"` } });
  });
});
