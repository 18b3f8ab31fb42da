// A user of this machine who logs in with a password, made for one test file; only root can.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { onCleanup } from './cleanup';
import { run } from './process';
import { temporaryFolder } from './temp';

export interface PasswordUser {
  readonly name: string;
  readonly password: string;
}

/** @param profile what its login shell runs before any command, in the language of sh */
export async function passwordUser(profile: string): Promise<PasswordUser> {
  const home = path.join(temporaryFolder(), 'home');
  mkdirSync(home);
  const shell = path.join(home, 'shell');
  writeFileSync(shell, `#!/bin/sh\n${profile}\nexec /bin/sh "$@"\n`, { mode: 0o755 });
  const user = { name: `hwtest${process.pid}`, password: `secret ${process.pid}` };
  await done('useradd', ['--no-create-home', '--home-dir', home, '--shell', shell, user.name]);
  onCleanup(() => done('userdel', ['--force', user.name]));
  await done('chpasswd', ['--crypt-method', 'SHA512'], `${user.name}:${user.password}\n`);
  await done('chown', ['-R', user.name, home]);
  chmodSync(path.dirname(home), 0o755);
  return user;
}

async function done(program: string, words: readonly string[], input?: string): Promise<void> {
  const { code, stderr } = await run(program, words, input === undefined ? {} : { input });
  if (code !== 0) throw new Error(`${program}: ${stderr}`);
}
