import type { Builtin } from '../engine';
import { readUsers } from './lib/accounts';
import { batchesOfClass } from './lib/batches';

const USER = 'hotwire.sysdep.user.User';

export const users: Builtin = {
  name: 'users',
  summary: 'Accounts of this system',
  help:
    'Those of /etc/passwd, with their groups of /etc/group. Accounts that a directory service alone knows are not among them: ' +
    'sys getent passwd NAME asks for one.',
  input: null,
  output: USER,
  idempotent: true,
  examples: [
    { text: 'users', shows: 'all accounts' },
    { text: 'users | filter ^root$ name | prop uid', shows: 'the number of one', result: [0] },
    { text: "users | filter -v '(nologin|false|sync)$' shell", shows: 'those that can log in' },
  ],
  async *run() {
    yield* batchesOfClass(USER, await readUsers());
  },
};
