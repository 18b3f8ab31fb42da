// What connectors make of an address, and what they refuse to make anything of.
import { parseDomainAddress } from '../../src/domains';
import { bootstrap } from '../../src/domains/bootstrap';
import { connectorFor } from '../../src/domains/connector';
import { splitWords } from '../../src/domains/words';
import { environment } from '../support/process';

const options = { environment: environment(), timeoutMs: 1000 };

function connector(address: string, changes: NodeJS.ProcessEnv = {}) {
  const [part] = parseDomainAddress(address);
  if (part === undefined) throw new Error(`${address} is no step`);
  return connectorFor(part, { ...options, environment: { ...options.environment, ...changes } });
}

/** The words behind the options that are ours. */
function target(address: string): string[] {
  const { command } = connector(address);
  return command.slice(command.findLastIndex((word) => word.startsWith('Control')) + 1);
}

describe('ssh:', () => {
  test.each([
    ['ssh:web1', ['--', 'web1']],
    ['ssh:me@web1', ['-l', 'me', '--', 'web1']],
    ['ssh:me@web1:2222', ['-l', 'me', '-p', '2222', '--', 'web1']],
    ['ssh:[::1]', ['--', '::1']],
    ['ssh:me@[fe80::1%25eth0]:22', ['-l', 'me', '-p', '22', '--', 'fe80::1%eth0']],
    ['ssh:me@realm@web1', ['-l', 'me@realm', '--', 'web1']],
    ['ssh:DOM\\me@web1', ['-l', 'DOM\\me', '--', 'web1']],
    ['ssh:b%C3%BCro', ['--', 'büro']],
  ])('%s', (address, words) => {
    expect(target(address)).toEqual(words);
  });

  test.each([
    'ssh:-oProxyCommand=evil',
    'ssh:%2DoProxyCommand=evil',
    'ssh:me@-oProxyCommand=evil',
    'ssh:-oProxyCommand=evil@web1',
    'ssh:web1:-p',
    'ssh:web1:0',
    'ssh:web1:65536',
    'ssh:web1:22x',
    'ssh:::1',
    'ssh:[::1',
    'ssh:@web1',
    'ssh:me@',
    'ssh:web1;evil',
    'ssh:$(evil)',
    'ssh:`evil`@web1',
    'ssh:web1%0Aevil',
    'ssh:web1%20evil',
    'ssh:web1%00',
    'ssh:web1%2Fevil',
    'ssh:web1%zz',
  ])('%s is refused', (address) => {
    expect(() => connector(address)).toThrow(expect.objectContaining({ kind: 'Domain.BadAddress' }));
  });

  test('HOTWIRE_SSH replaces the program, and has a master of its own', () => {
    const { command } = connector('ssh:web1', { HOTWIRE_SSH: `'my ssh' -F "a file"` });
    expect(command.slice(0, 3)).toEqual(['my ssh', '-F', 'a file']);
    const path = (words: readonly string[]) => words.find((word) => word.startsWith('ControlPath'));
    expect(path(command)).not.toBe(path(connector('ssh:web1').command));
    expect(path(connector('ssh:web2').command)).not.toBe(path(connector('ssh:web1').command));
    expect(path(connector('ssh:web1').command)).toBe(path(connector('ssh:web1').command));
  });

  test.each([
    [`''`, /its first word is empty/],
    [`"" -v`, /its first word is empty/],
    ['ssh \\', /a quote is open, or a backslash ends it/],
    [`ssh 'x`, /a quote is open/],
  ])('HOTWIRE_SSH %j is refused', (HOTWIRE_SSH, message) => {
    expect(() => connector('ssh:web1', { HOTWIRE_SSH })).toThrow(
      expect.objectContaining({ kind: 'Domain.BadAddress', message: expect.stringMatching(message) }),
    );
  });

  test('the ssh of PATH starts at the root, as its master stays; what HOTWIRE_SSH says may be relative', () => {
    expect(connector('ssh:web1', { HOTWIRE_SSH: '' }).directory).toBe('/');
    expect(connector('ssh:web1', { HOTWIRE_SSH: './ssh' }).directory).toBeUndefined();
    expect(connector('exec:.%2Fsh').directory).toBeUndefined();
  });
});

describe('others', () => {
  test.each([
    ['exec:docker exec -i C', ['docker', 'exec', '-i', 'C'], 'words'],
    ['exec:ip netns exec a%20b', ['ip', 'netns', 'exec', 'a b'], 'words'],
    ['exec:%2Fbin%2Fenv  x', ['/bin/env', 'x'], 'words'],
    ['exec:my-slave --stdio', ['my-slave', '--stdio'], 'itself'],
    ['sudo:deploy', ['sudo', '-n', '-H', '-u', 'deploy', '--'], 'words'],
    ['sudo:#1000', ['sudo', '-n', '-H', '-u', '#1000', '--'], 'words'],
  ])('%s', (address, command, joins) => {
    expect(connector(address)).toMatchObject({ command, joins });
  });

  test.each([
    ['sudo:-u', 'Domain.BadAddress'],
    ['sudo:a%20b', 'Domain.BadAddress'],
    ['sudo:%0A', 'Domain.BadAddress'],
    ['user:postgres', 'Domain.NoAuthority'],
  ])('%s is refused', (address, kind) => {
    expect(() => connector(address)).toThrow(expect.objectContaining({ kind }));
  });
});

test.each([
  ['ssh', ['ssh']],
  ['  ssh   -v ', ['ssh', '-v']],
  [`ssh -o 'A b' "c \\"d\\"" e\\ f`, ['ssh', '-o', 'A b', 'c "d"', 'e f']],
  [`a'b'"c"d`, ['abcd']],
  [`a '' ""`, ['a', '', '']],
  [`"a\\b"`, ['a\\b']],
  ['', []],
  ["ssh 'open", undefined],
  ['ssh "open', undefined],
  ['ssh \\', undefined],
])('the words of %j', (text, words) => {
  expect(splitWords(text)).toEqual(words);
});

test('the line is one that any login shell leaves alone, whatever the arguments are', () => {
  const bundle = { hash: 'a'.repeat(64), size: 10 };
  const nasty = `exec:a 'b' "c" \\d !e $f \`g\`\n`;
  const { words, mark } = bootstrap(connector('ssh:web1'), ['--stdio', nasty], bundle);
  const [line = ''] = words;
  expect(line).toMatch(/^exec sh -c '[^'!\\\n]*'$/);
  expect(line).not.toContain(mark);
  expect(line).toContain('"exec:a %27b%27 %22c%22 %5cd %21e %24f %60g%60%0a"');
});
