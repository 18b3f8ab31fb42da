// Folded names, compared with what ClusterShell 1.9's `nodeset -e` says of the same texts.
import { foldNames } from '../../src/client/fold-names';
import { unfoldNames } from '../../src/client/folded-names';
import { HotwireError } from '../../src/errors';
import { MAX_HOSTS } from '../../src/limits';

const sorted = (names: readonly string[]) => [...names].sort();

/** A text, and what `nodeset -e -S ,` printed. */
const LIKE_CLUSTERSHELL: readonly [text: string, names: string][] = [
  ['web[1-3]', 'web1,web2,web3'],
  ['web[01-03]', 'web01,web02,web03'],
  ['web[8-11]', 'web8,web9,web10,web11'],
  ['web[08-11]', 'web08,web09,web10,web11'],
  ['web[1-9/2]', 'web1,web3,web5,web7,web9'],
  ['web[0-10/5]', 'web0,web5,web10'],
  ['web[1-3,7]', 'web1,web2,web3,web7'],
  ['web[7,1-3]', 'web1,web2,web3,web7'],
  ['web[1,01]', 'web1,web01'],
  ['web[00-02]', 'web00,web01,web02'],
  ['web[5]', 'web5'],
  ['web[ 1 - 3 , 5 ]', 'web1,web2,web3,web5'],
  ['rack[1-2]n[1-4]', 'rack1n1,rack1n2,rack1n3,rack1n4,rack2n1,rack2n2,rack2n3,rack2n4'],
  ['rack[1-2]n[01-02]-ib', 'rack1n01-ib,rack1n02-ib,rack2n01-ib,rack2n02-ib'],
  ['x[1-2]y[3-4]z[5-6]', 'x1y3z5,x1y3z6,x1y4z5,x1y4z6,x2y3z5,x2y3z6,x2y4z5,x2y4z6'],
  ['[1-3].example.org', '1.example.org,2.example.org,3.example.org'],
  ['user@web[1-2]', 'user@web1,user@web2'],
  ['web1 , db1', 'db1,web1'],
  ['a,b,a', 'a,b'],
  ['web[1-5]!web[2-3]', 'web1,web4,web5'],
  ['web[1-5]&web[2-3]', 'web2,web3'],
  ['web[1-5]^web[4-7]', 'web1,web2,web3,web6,web7'],
  ['web[1-5]!web3,web3', 'web1,web2,web3,web4,web5'],
  ['a[1-3]!a2&a[1-2]', 'a1'],
  ['a!b!c', 'a'],
  ['a^a^a', 'a'],
  ['a[1-4]^a[2-3]^a[3-5]', 'a1,a3,a5'],
  ['web[1-3]!web[1-3]', ''],
];

test.each(LIKE_CLUSTERSHELL)('%s', (text, names) => {
  expect(sorted(unfoldNames(text))).toEqual(sorted(names.split(',').filter((name) => name !== '')));
});

test('the order is that in which they come first', () => {
  expect(unfoldNames('web[7,1-2],db1,web1')).toEqual(['web7', 'web1', 'web2', 'db1']);
});

test.each([
  ['root@[::1]:2222', ['root@[::1]:2222']],
  ['[fe80::1%eth0],web[1-2]:22', ['[fe80::1%eth0]', 'web1:22', 'web2:22']],
  ['::1,a', ['::1', 'a']],
  ['exec:env A=1,local:', ['exec:env A=1', 'local:']],
  ['ssh:web[1-2]/sudo:root', ['ssh:web1/sudo:root', 'ssh:web2/sudo:root']],
])('an address stays one: %s', (text, names) => {
  expect(unfoldNames(text)).toEqual(names);
});

/** What is wrong, and the text and the carets below it. */
const BROKEN: readonly [text: string, reason: RegExp, carets: string][] = [
  ['', /no host is named/, '^'],
  ['a,,b', /before ',' a name is missing/, '  ^'],
  [',a', /before ',' a name is missing/, '^'],
  ['a!', /after '!' a name is missing/, '  ^'],
  ['a&&b', /before '&' a name is missing/, '  ^'],
  ['web[1-3', /'\[' is not closed/, '   ^'],
  ['web1]', /'\]' closes nothing/, '    ^'],
  ['web[1[2]]', /'\[' is not closed|closes nothing/, '   ^'],
  ['web[]', /in brackets stand numbers/, '    ^'],
  ['web[1-]', /in brackets stand numbers/, '    ^^'],
  ['web[1,,3]', /in brackets stand numbers/, '      ^'],
  ['web[-1-3]', /in brackets stand numbers/, '    ^^^^'],
  ['db,web[1-3,a-c]', /in brackets stand numbers/, '           ^^^'],
  ['web[3-1]', /1 is less than 3/, '    ^^^'],
  ['web[1-9/0]', /the step has to be 1 or more/, '    ^^^^^'],
  ['web[001-9]', /of one length/, '    ^^^^^'],
  ['web[1-010]', /of one length/, '    ^^^^^'],
  [`web[1-${'9'.repeat(20)}]`, /at most 15 digits/, `    ${'^'.repeat(22)}`],
  ['web1 web2', /holds a blank/, '    ^'],
  ['-oProxyCommand=x', /begins with '-'/, '^'.repeat(16)],
  ['@web', /there are no groups here/, '^^^^'],
  ['web[1-999999999]', /over 10000 names/, '^'.repeat(16)],
  ['a[1-999999]b[1-999999]c[1-999999]d[1-999999]', /over 10000 names/, '^'.repeat(44)],
];

test.each(BROKEN)('%j is refused, with its place', (text, reason, carets) => {
  expect(() => unfoldNames(text)).toThrow(HotwireError);
  try {
    unfoldNames(text);
  } catch (thrown) {
    const { kind, message, exit } = thrown as HotwireError;
    const [first, line, marked] = message.split('\n');
    expect({ kind, exit, line }).toEqual({ kind: 'Domain.BadAddress', exit: 2, line: text });
    expect(first).toMatch(reason);
    expect(marked?.slice(0, carets.length)).toBe(carets);
  }
});

test('the names that are left count; all that are handled have a bound of their own, so that no text takes long', () => {
  expect(unfoldNames(`a[1-${MAX_HOSTS}]`)).toHaveLength(MAX_HOSTS);
  expect(unfoldNames(`a[1-${MAX_HOSTS}],a1`)).toHaveLength(MAX_HOSTS);
  expect(unfoldNames(`a[1-${MAX_HOSTS}]!a1,b`)).toHaveLength(MAX_HOSTS);
  expect(() => unfoldNames(`a[1-${MAX_HOSTS}],b`)).toThrow(/with this, they are over 10000 names/);
  expect(() => unfoldNames(`a[1-9000]${'!a1'.repeat(300_000)}`)).toThrow(/over 200000 steps/);
  expect(() => unfoldNames('['.repeat(1_000_000))).toThrow(/not closed/);
  expect(() => unfoldNames('a,'.repeat(500_000))).toThrow(/over 200000 steps/);
});

test.each([
  [['web1', 'web2', 'web3', 'web5'], 'web[1-3,5]'],
  [['web01', 'web02', 'web3'], 'web[01-02,3]'],
  [['web9', 'web10', 'web11'], 'web[9-11]'],
  [['web09', 'web10', 'web11'], 'web[09-11]'],
  [['rack1n1', 'rack1n2', 'rack2n1', 'rack2n2'], 'rack[1-2]n[1-2]'],
  [['a1b1', 'a1b2', 'a2b1'], 'a1b[1-2],a2b1'],
  [['user@web1:22', 'user@web2:22'], 'user@web[1-2]:22'],
  [['10.0.0.1', '10.0.0.2'], '10.0.0.[1-2]'],
  [['web1', 'db1', 'web2'], 'web[1-2],db1'],
  [['a', 'b', 'a'], 'a,b'],
  [['[::1]', '[::2]'], '[::1],[::2]'],
  [['web099', 'web100', 'web0100'], 'web[099-100,0100]'],
  [['web1'], 'web1'],
  [[], ''],
])('%j are %s', (names, folded) => {
  expect(foldNames(names)).toBe(folded);
  if (names.length > 0) expect(sorted(unfoldNames(folded))).toEqual(sorted([...new Set(names)]));
});
