import { readFile } from 'node:fs/promises';
import { describe, type Stage } from '../../engine';
import { HotwireError } from '../../errors';
import { readUsers, type UserObject } from './accounts';
import { askLogind } from './logind';
import { type Login, parseUtmp } from './utmp';

const UTMP = '/run/utmp';

/** See the class hotwire.sysdep.user.Session. */
export type SessionObject = Login & { readonly [Name in keyof UserObject]: UserObject[Name] | null };

/**
 * Logins that have not ended: those of logind where it runs, else those of utmp(5), which newer systems do not keep. Where
 * there is neither, a status says so.
 * @param utmp the file
 * @throws Failed
 */
export async function readSessions(stage: Stage, utmp: string = UTMP): Promise<SessionObject[]> {
  const accounts = new Map((await readUsers()).map((account) => [account.name, account]));
  return (await readLogins(stage, utmp)).map((login) => {
    const account = accounts.get(login.name) ?? unknownAccount(login.name);
    return { ...account, ...login, uid: login.uid ?? account.uid };
  });
}

async function readLogins(stage: Stage, utmp: string): Promise<Login[]> {
  const answer = await askLogind(stage);
  if ('logins' in answer) return answer.logins;
  const file = await readFile(utmp).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new HotwireError('Failed', `users: ${utmp}: ${describe(error)}`, { cause: error });
  });
  if (file !== undefined) return parseUtmp(file).filter(({ pid }) => isAlive(pid));
  stage.status(
    `who is logged in is not noted here: there is no ${utmp}, and logind does not answer: ${answer.refused}`,
    -1,
  );
  return [];
}

/** A program that was killed has not noted its end. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** One that a directory service alone knows. */
function unknownAccount(name: string): { readonly [Name in keyof UserObject]: UserObject[Name] | null } {
  return { name, uid: null, gid: null, group_name: null, gecos: '', home: null, shell: null, groups: [] };
}
