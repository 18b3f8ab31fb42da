// sudo: with real users and a real sudoers file, all of the test's own.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { INTERFACE, OBJECT_PATH } from '../../src/contract';
import { openPeer, parseDomainAddress } from '../../src/domains';
import type { Variant } from '../../src/wire';
import { onCleanup } from '../support/cleanup';
import { environment } from '../support/process';
import { built } from '../support/slave';
import { temporaryFolder } from '../support/temp';

const SUDOERS = '/etc/sudoers.d';
const SUDO = '/usr/bin/sudo';
const canMakeUsers = process.getuid?.() === 0 && existsSync(SUDOERS) && existsSync(SUDO);
const id = `hwt${randomBytes(3).toString('hex')}`;
/** Who calls sudo: one that has rules, one that is never asked for a password. */
const CALLER = `${id}a`;
const TRUSTED = `${id}b`;
const TARGET = `${id}c`;

function system(program: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
}

/** A sudo that is called by that user: as root may do what it likes, a test has to become somebody else before. */
function calledBy(user: string): NodeJS.ProcessEnv {
  const folder = temporaryFolder();
  chmodSync(folder, 0o755);
  const script = `#!/bin/sh\nexec setpriv --reuid=${user} --regid=${user} --init-groups ${SUDO} "$@"\n`;
  writeFileSync(path.join(folder, 'sudo'), script, { mode: 0o755 });
  return environment({ PATH: `${folder}:${process.env.PATH}`, LC_ALL: 'C.UTF-8' });
}

function open(user: string, caller: NodeJS.ProcessEnv) {
  const [part] = parseDomainAddress(`sudo:${user}`);
  if (part === undefined) throw new Error('no step');
  return openPeer(part, { environment: caller });
}

(canMakeUsers ? describe : describe.skip)('sudo (needs root, to make users)', () => {
  beforeAll(async () => {
    await built();
    const sudoers = path.join(SUDOERS, id);
    onCleanup(() => rmSync(sudoers, { force: true }));
    for (const user of [CALLER, TRUSTED, TARGET]) {
      onCleanup(() => spawnSync('userdel', ['--remove', user]));
      system('useradd', '--create-home', '--base-dir', '/var/tmp', '--shell', '/bin/sh', '--user-group', user);
    }
    const rules = [
      `${CALLER} ALL=(${TARGET}) NOPASSWD: ALL`,
      `${CALLER} ALL=(nobody) ALL`,
      `Defaults:${TRUSTED} !authenticate`,
      `${TRUSTED} ALL=(${TARGET}) /bin/true`,
    ];
    writeFileSync(sudoers, `${rules.join('\n')}\n`, { mode: 0o440 });
  });

  test('it is allowed without a password', async () => {
    const peer = await open(TARGET, calledBy(CALLER));
    const get = { path: OBJECT_PATH, interface: INTERFACE, member: 'GetContext' };
    const context = (await peer.connection.call(get)).body[0] as Record<string, Variant>;
    const home = `/var/tmp/${TARGET}`;
    expect([context.user?.value, context.home?.value, context.cwd?.value]).toEqual([TARGET, home, home]);
    const { body } = await peer.connection.call({
      ...get,
      member: 'Evaluate',
      signature: 'sa{sv}',
      body: ['env LC_ALL', {}],
    });
    expect(JSON.stringify(body)).toContain('C.UTF-8');
    await peer.close();
  });

  test.each([
    ['it wants a password', 'nobody', CALLER, 'Domain.PromptNeeded', /NOPASSWD.*\nsudo: a password is required/s],
    ['it is not allowed', TARGET, TRUSTED, 'Domain.NotAuthorized', /is not allowed to execute '\S*sh -c …' as/],
    ['there is no such user', `${id}x`, CALLER, 'Domain.BadAddress', /is there such a user/],
  ])('%s', async (_title, user, caller, kind, message) => {
    await expect(open(user, calledBy(caller))).rejects.toMatchObject({ kind, message: expect.stringMatching(message) });
  });
});

test('there is no sudo', async () => {
  await expect(open('nobody', environment({ PATH: '/nonexistent' }))).rejects.toMatchObject({
    kind: 'Domain.NoAuthority',
    message: expect.stringMatching(/^sudo:nobody: there is no 'sudo'/),
  });
});
