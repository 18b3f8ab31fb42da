import type { Builtin } from '../engine';
import { readUsers } from './lib/accounts';
import { batchesOfClass } from './lib/batches';
import { readSessions } from './lib/sessions';

const USER = 'hotwire.sysdep.user.User';
const SESSION = 'hotwire.sysdep.user.Session';

export const users: Builtin = {
  name: 'users',
  summary: 'Accounts of this system, or who is logged in',
  help:
    'Those of /etc/passwd, with their groups of /etc/group. Accounts that a directory service alone knows are not among them: ' +
    'sys getent passwd NAME asks for one.\n\n' +
    'With -l it yields the logins that have not ended, with their accounts: as systemd-logind knows them, else as /run/utmp has them, ' +
    'which newer systems do not keep. Where there is neither it yields none.',
  options: [{ name: 'logged-in', short: 'l', summary: 'Logins that have not ended, instead of accounts' }],
  input: null,
  output: USER,
  idempotent: true,
  examples: [
    { text: 'users', shows: 'all accounts' },
    { text: 'users | filter ^root$ name | prop uid', shows: 'the number of one', result: [0] },
    { text: "users | filter -v '(nologin|false|sync)$' shell", shows: 'those that can log in' },
    { text: 'users -l', shows: 'who is logged in', className: SESSION },
  ],
  async *run(stage) {
    if (stage.options.has('logged-in')) yield* batchesOfClass(SESSION, await readSessions(stage));
    else yield* batchesOfClass(USER, await readUsers());
  },
};
