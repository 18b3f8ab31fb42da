import { readFile } from 'node:fs/promises';
import { describe } from '../../engine';
import { HotwireError } from '../../errors';

/** See the class hotwire.sysdep.user.User. */
export interface UserObject {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly group_name: string;
  readonly gecos: string;
  readonly home: string;
  readonly shell: string;
  readonly groups: readonly string[];
}

/** passwd(5): a login without a shell of its own gets this one. */
const DEFAULT_SHELL = '/bin/sh';

/** The accounts of the system's own files, in their order. @throws Failed when the list of accounts can't be read */
export async function readUsers(): Promise<UserObject[]> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch((error) => {
    throw new HotwireError('Failed', `users: /etc/passwd: ${describe(error)}`, { cause: error });
  });
  const group = await readFile('/etc/group', 'utf8').catch(() => ''); // then groups go by their numbers
  return parseUsers(passwd, group);
}

/** The texts of passwd(5) and group(5); lines that are none of an account (comments, NIS) are left out. */
export function parseUsers(passwd: string, group: string): UserObject[] {
  const nameOfGroup = new Map<number, string>();
  const groupsOfUser = new Map<string, string[]>();
  for (const [name, , gid, members] of recordsOf(group)) {
    if (!nameOfGroup.has(Number(gid))) nameOfGroup.set(Number(gid), name);
    for (const member of members?.split(',') ?? []) {
      const groups = groupsOfUser.get(member);
      if (groups) groups.push(name);
      else groupsOfUser.set(member, [name]);
    }
  }
  return recordsOf(passwd).map(([name, , uid, gid, gecos = '', home = '', shell = '']) => {
    const group_name = nameOfGroup.get(Number(gid)) ?? gid;
    const groups = [...new Set([group_name, ...(groupsOfUser.get(name) ?? [])])];
    return { name, uid: Number(uid), gid: Number(gid), group_name, gecos, home, shell: shell || DEFAULT_SHELL, groups };
  });
}

type AccountRecord = [name: string, password: string, id: string, ...rest: [string, ...string[]]];

function recordsOf(text: string): AccountRecord[] {
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields): fields is AccountRecord => isAccount(fields));
}

function isAccount([name = '', , id = '', rest]: readonly string[]): boolean {
  return name !== '' && !name.startsWith('#') && /^\d+$/.test(id) && rest !== undefined;
}
