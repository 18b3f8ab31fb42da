import { parseUsers, type UserObject } from '../../src/builtins/lib/accounts';
import { propertiesOf } from '../../src/classes';
import { closeContexts, contextWith, run, valuesOf } from './support';

afterAll(closeContexts);

const GROUPS = 'root:x:0:\nadm:x:4:syslog,ann\nann:x:1000:\nsudo:x:27:ann\n';

test.each([
  [
    'ann:x:1000:1000:Ann B,,,:/home/ann:/bin/bash',
    { group_name: 'ann', groups: ['ann', 'adm', 'sudo'], gecos: 'Ann B,,,' },
  ],
  ['bob:x:1001:1234::/home/bob:', { group_name: '1234', groups: ['1234'], gecos: '', shell: '/bin/sh' }],
  ['jürg:x:1002:4:Jürg:/home/jürg:/bin/zsh', { name: 'jürg', groups: ['adm'] }],
  ['short:x:5:4', { uid: 5, gid: 4, home: '', shell: '/bin/sh' }],
])('the account %s', (line, expected) => {
  expect(parseUsers(line, GROUPS)).toEqual([expect.objectContaining(expected)]);
});

test.each(['', '# a comment', '+::::::', '+', 'x:x:y:z', ':x:1:1', 'half:x:1'])('%j is no account', (line) => {
  expect(parseUsers(`${line}\n`, GROUPS)).toEqual([]);
});

test('the accounts of this machine have what their class declares', async () => {
  const [root] = (await valuesOf('users | filter ^root$ name')) as UserObject[];
  expect(root).toMatchObject({ uid: 0, gid: 0, group_name: 'root' });
  expect(Object.keys(root ?? {})).toEqual(propertiesOf('hotwire.sysdep.user.User').map(({ name }) => name));
});

test('the environment is that of the context, sorted', async () => {
  const context = contextWith();
  context.setEnvironment({ ZZ_LAST: 'two\nlines', AA_FIRST: '=' });
  const names = (await valuesOf('env | prop name', context)) as string[];
  expect(names).toEqual(Object.keys(context.environment).sort());
  expect(await valuesOf('env ZZ_LAST AA_FIRST', context)).toEqual([
    { name: 'ZZ_LAST', value: 'two\nlines' },
    { name: 'AA_FIRST', value: '=' },
  ]);
});

test.each([
  ['env AA_FRIST', 'env: no variable AA_FRIST is set; did you mean AA_FIRST?'],
  ['env __proto__', 'env: no variable __proto__ is set'],
  ['env A=1 true', 'env: no variable A=1 is set; to run a program with it write sys env A=1 …; to set it, setenv A=1'],
])('%s fails: %s', async (text, message) => {
  const context = contextWith();
  context.setEnvironment({ AA_FIRST: '1' });
  expect((await run(text, context)).error?.message).toBe(message);
});
