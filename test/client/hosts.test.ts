// Groups from the files of the system, of the user and of ssh, and the addresses that names stand for.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { unfoldNames } from '../../src/client/folded-names';
import { HostGroups } from '../../src/client/host-groups';
import { addressOf, resolveHosts } from '../../src/client/hosts';
import { MAX_HOSTS, MAX_HOSTS_FILE_BYTES } from '../../src/limits';
import { temporaryFolder } from '../support/temp';

function write(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** A user with these files, and a system with this one. */
function home(files: { user?: string; system?: string; ssh?: Readonly<Record<string, string>> }) {
  const folder = temporaryFolder();
  const environment = { HOME: folder, XDG_CONFIG_HOME: 'relative' };
  const system = path.join(folder, 'system', 'groups');
  if (files.user !== undefined) write(path.join(folder, '.config', 'hotwire', 'groups'), files.user);
  if (files.system !== undefined) write(system, files.system);
  for (const [name, text] of Object.entries(files.ssh ?? {})) write(path.join(folder, '.ssh', name), text);
  const groups = new HostGroups(environment, system);
  return { folder, environment, unfold: (text: string) => unfoldNames(text, groups) };
}

const GROUPS = `
# all of ours
web: web[1-3]   # in the first room
db: db1,db2
both: @web,@db!web2
rack1: r1n[1-2]
rack2: r2n[1-2]
empty:
ring: @ring2
ring2: db1,@ring
broken: web[1-
`;

describe('groups', () => {
  // The last one used to count, and the hosts of the first were left out without a word.
  test('a name that stands twice is told with both places', () => {
    const twice = home({ user: 'web: web1\ndb: db1\nweb: web5\n' });
    expect(() => twice.unfold('@db')).toThrow(/groups:3: the group web is in .*groups:1 already/);
  });

  test.each([
    ['@web', ['web1', 'web2', 'web3']],
    ['@local:db', ['db1', 'db2']],
    ['@both', ['web1', 'web3', 'db1', 'db2']],
    ['@rack[1-2]', ['r1n1', 'r1n2', 'r2n1', 'r2n2']],
    ['@web!web2,other', ['web1', 'web3', 'other']],
    ['@empty,a', ['a']],
    ['a@web', ['a@web']],
  ])('%s', (text, names) => {
    expect(home({ user: GROUPS }).unfold(text)).toEqual(names);
  });

  test.each([
    ['@wep', /there is no group @wep: did you mean web\?\n@wep\n\^\^\^\^$/],
    ['a,@nothinglike', /there is no group @nothinglike: add a line 'nothinglike: …' to .*groups\n/],
    ['@there:web', /there is no source of groups 'there'/],
    ['@', /behind '@' stands the name of a group/],
    ['@ring', /groups:\d+: group @ring: .*the group @ring holds itself: @ring > @ring2 > @ring/],
    ['@broken', /groups:\d+: group @broken: in brackets|groups:\d+: group @broken: this '\[' is not closed/],
  ])('%s is refused', (text, message) => {
    expect(() => home({ user: GROUPS }).unfold(text)).toThrow(message);
  });

  test('the user’s own take the place of the system’s', () => {
    const { unfold } = home({ system: 'web: old\ndb: db9\n', user: 'web: new\n' });
    expect(unfold('@web,@db')).toEqual(['new', 'db9']);
    expect(unfold('@*')).toEqual(['new', 'db9']);
  });

  test('without files, and with a line that is none', () => {
    expect(() => home({}).unfold('@web')).toThrow(/there is no group @web: add a line/);
    expect(() => home({ user: 'ok: a\nno colon\n' }).unfold('@ok')).toThrow(/groups:2: a line is a group's name/);
    expect(() => home({ user: `a: ${'b'.repeat(MAX_HOSTS_FILE_BYTES)}` }).unfold('@a')).toThrow(/over 4 MiB/);
  });

  test('a chain of groups that doubles takes no time', () => {
    const chain = Array.from({ length: 200 }, (_, index) => `g${index}: @g${index + 1},@g${index + 1}`).join('\n');
    expect(home({ user: `${chain}\ng200: a\n` }).unfold('@g0')).toEqual(['a']);
  });

  test('a large group counts once, however many groups lead to it', () => {
    const { unfold } = home({ user: `all: @both\nboth: @rest,@new\nrest: a[1-${MAX_HOSTS - 1}]\nnew: b\n` });
    expect(unfold('@all')).toHaveLength(MAX_HOSTS);
    expect(unfold('@rest!@rest,@all,@both&@new')).toEqual(['b']);
    expect(() => unfold('@all,c')).toThrow(/with this, they are over 10000 names: name fewer\n@all,c\n {5}\^/);
    expect(() => unfold(`@all${'&@both'.repeat(20)}`)).toThrow(/over 200000 steps/);
  });
});

describe('the hosts of ssh', () => {
  const ssh = {
    config: `
Host web1 web2
  HostName 10.0.0.1
Host=db1
Host "quoted" *.example.org !bad what? # comment
Include conf.d/*.conf missing
Match host x
`,
    'conf.d/a.conf': 'Host inner1\n',
    'conf.d/b.conf': 'host web2 inner2\n',
    'conf.d/ignored': 'Host ignored\n',
  };
  test.each([
    ['@ssh:*', ['web1', 'web2', 'db1', 'quoted', 'inner1', 'inner2']],
    ['@ssh:web*', ['web1', 'web2']],
    ['@ssh:inner?', ['inner1', 'inner2']],
  ])('%s', (text, names) => {
    expect(home({ ssh }).unfold(text)).toEqual(names);
  });

  test('a pattern that none is like, and files that include each other', () => {
    expect(() => home({ ssh }).unfold('@ssh:wep1')).toThrow(/config names no host 'wep1': did you mean web1/);
    expect(() => home({ ssh: { config: 'Include config\n' } }).unfold('@ssh:*')).toThrow(/16 deep/);
  });

  test('what ssh passes over is passed over, and names that can not be ones', () => {
    const { unfold } = home({
      ssh: {
        config: 'Include all/* nothing/here\nHost "two words" -oProxyCommand=x web1 a[1-2]\n',
        'all/one': 'Host inner\n',
        'all/folder/two': 'Host deeper\n',
      },
    });
    expect(unfold('@ssh:*')).toEqual(['inner', 'web1']);
  });

  test('are a list, whatever they are called', () => {
    const names = Array.from({ length: 6000 }, (_, index) => `node${index}`);
    expect(home({ ssh: { config: `Host ${names.join(' ')} web\\x` } }).unfold('@ssh:*')).toEqual([...names, 'web\\x']);
  });

  test('of the file that HOTWIRE_SSH names', () => {
    const { folder, environment } = home({ ssh: { other: 'Host there\n' } });
    const HOTWIRE_SSH = `ssh -F ${path.join(folder, '.ssh', 'other')}`;
    expect(resolveHosts('@ssh:*', { ...environment, HOTWIRE_SSH })).toEqual([{ name: 'there', address: 'ssh:there' }]);
  });
});

test.each([
  ['web1', 'ssh:web1'],
  ['me@web1:2222', 'ssh:me@web1:2222'],
  ['ssh:web1/sudo:root', 'ssh:web1/sudo:root'],
  ['local:', 'local:'],
  ['', ''],
  ['::1', 'ssh:[::1]'],
  ['me@[fe80::1%eth0]:22', 'ssh:me@[fe80::1%25eth0]:22'],
])('%j is the domain %j', (name, address) => {
  expect(addressOf(name)).toBe(address);
});

test('a list is taken as it is, each once; nothing is refused', () => {
  expect(resolveHosts(['web[1-2]', 'local:', 'local:'], {}).map(({ name }) => name)).toEqual(['web[1-2]', 'local:']);
  expect(() => resolveHosts('a!a', {})).toThrow(/'a!a' names no host/);
  expect(() => resolveHosts([], {})).toThrow(/no host is named/);
});
