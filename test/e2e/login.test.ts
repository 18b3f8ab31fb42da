// Where ssh asks, a person at a terminal logs in: what it asks is seen there, and nothing that the far host says gets among
// the objects, or to the terminal as it came.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { bridgeEnvironment, IS_ROOT } from '../support/bridge';
import { type PasswordUser, passwordUser } from '../support/password-user';
import { built, HOTWIRE, programsForAll, ROOT } from '../support/slave';
import { Sshd } from '../support/sshd';
import { temporaryFolder } from '../support/temp';
import { Terminal } from '../support/terminal';

const SLOW_MS = 60_000;
const PROFILE = `printf 'Welcome \\033]0;mine\\007\\n'; printf 'Beware \\033[31m\\n' >&2`;
const FAR_WORDS = /Welcome|Beware|mine/;
const PASSWORD = /password: $/;
const TRIED = /the login at this terminal failed \(ssh ended with status 255\): check the user, the password/;
const withPassword = IS_ROOT ? test : test.skip;

let server: Sshd;
let user: PasswordUser;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  await built();
  const far = [await programsForAll(), path.dirname(process.execPath), process.env.PATH].join(':');
  server = await Sshd.start({ config: ['PasswordAuthentication yes', `SetEnv PATH=${far}`] });
  if (IS_ROOT) user = await passwordUser(PROFILE);
  const PATH = `${path.join(ROOT, 'bin')}:${process.env.PATH}`;
  env = bridgeEnvironment({ ...server.environment, PATH, TERM: 'xterm' });
}, SLOW_MS);

/** A host, of a name of its own and so with a master of its own, which asks for a password. */
async function asking(name: string): Promise<string> {
  const config = [`User ${user.name}`, 'PubkeyAuthentication no', 'NumberOfPasswordPrompts 1'];
  return (await server.host(name, { config })).name;
}

/** A host whose key is not known. @returns its name, and where the key will be kept */
async function unknown(name: string): Promise<[string, string]> {
  const known = path.join(temporaryFolder(), 'known');
  await server.host(name, { config: [`UserKnownHostsFile ${known}`] });
  return [name, known];
}

const shell = (script: string) => new Terminal(['sh', '-c', script], env);
const typed = () => `${user.password}\n`;

describe('a password', () => {
  withPassword('of run: nothing but the objects comes', async () => {
    const terminal = shell(`hotwire run --format jsonl -H ${await asking('run')} 'js-eval 6*7'`);
    await terminal.answer(PASSWORD, typed());
    const { code, shown } = await terminal.exit();
    expect([code, shown]).toEqual([0, expect.stringMatching(/42\n$/)]);
    expect(shown).not.toMatch(FAR_WORDS);
  });

  withPassword('of run into a file', async () => {
    const file = path.join(temporaryFolder(), 'file');
    const terminal = shell(`hotwire run -H ${await asking('file')} 'js-eval 6*7' > ${file}`);
    await terminal.answer(PASSWORD, typed());
    const { code, shown } = await terminal.exit();
    expect([code, readFileSync(file, 'utf8')]).toEqual([0, '42\n']);
    expect(shown).not.toMatch(FAR_WORDS);
  });

  withPassword('of a bridge in $(…)', async () => {
    const name = await asking('bridge');
    const terminal = shell(`BUS=$(hotwire bridge ssh:${name} --bus slave); echo "[$BUS]"; hotwire bridge --end "$BUS"`);
    await terminal.answer(PASSWORD, typed());
    const { code, shown } = await terminal.exit();
    expect([code, shown]).toEqual([0, expect.stringMatching(/^\[unix:path=[^\n]*,guid=[0-9a-f]{32}\]$/m)]);
    expect(shown).not.toMatch(FAR_WORDS);
  });

  withPassword.each([
    ['run', (name: string) => `hotwire run -H ${name} 'js-eval 1'`],
    ['bridge', (name: string) => `hotwire bridge ssh:${name} --bus slave`],
  ])('that is wrong, for %s: it is told as tried, and once', async (what, command) => {
    const terminal = shell(command(await asking(`wrong-${what}`)));
    await terminal.answer(PASSWORD, 'wrong\n');
    const { code, shown } = await terminal.exit();
    expect([code, shown]).toEqual([3, expect.stringMatching(TRIED)]);
    expect(shown.match(/Permission denied/g)).toHaveLength(1);
    expect(shown).not.toContain('log in in the foreground');
  });

  withPassword.each([
    ['run', (name: string) => ['run', '-H', name, 'js-eval 1']],
    ['bridge', (name: string) => ['bridge', `ssh:${name}`, '--bus', 'slave']],
  ])('or Ctrl-C, for %s: no words', async (what, words) => {
    const terminal = new Terminal([HOTWIRE, ...words(await asking(`left-${what}`))], env);
    await terminal.answer(PASSWORD, '\x03');
    const { code, shown } = await terminal.exit();
    expect([code, shown]).toEqual([130, expect.stringMatching(/^[^\n]*password: (\^C)?\n?$/)]);
  });

  withPassword('where the login could not be kept: that it is wanted, and why nobody is asked', async () => {
    const state = path.join(temporaryFolder(), 'a $dollar');
    const words = [HOTWIRE, 'run', '-H', await asking('nowhere'), 'js-eval 1'];
    const { code, shown } = await new Terminal(words, { ...env, XDG_STATE_HOME: state }).exit();
    expect([code, shown]).toEqual([3, expect.stringContaining('ssh would have to ask for a password')]);
    expect(shown).toMatch(/a login can't be shared from here: .*\$/);
    expect(shown).not.toContain('shorter');
  });
});

describe('an unknown host key', () => {
  test('is accepted, and the objects come', async () => {
    const [name, known] = await unknown('new');
    const file = path.join(temporaryFolder(), 'file');
    const terminal = shell(`hotwire run -H ${name} 'js-eval 6*7' > ${file}`);
    await terminal.answer(/fingerprint is[\s\S]*\(yes\/no.*\? $/, 'yes\n');
    expect(await terminal.exit()).toMatchObject({ code: 0 });
    expect([readFileSync(file, 'utf8'), existsSync(known)]).toEqual(['42\n', true]);
  });

  test('is refused, and that is what is told', async () => {
    const [name, known] = await unknown('refused');
    const terminal = shell(`hotwire bridge ssh:${name} --bus slave`);
    await terminal.answer(/\(yes\/no.*\? $/, 'no\n');
    const { code, shown } = await terminal.exit();
    expect([code, shown, existsSync(known)]).toEqual([3, expect.stringMatching(TRIED), false]);
    expect(shown.match(/Host key verification failed/g)).toHaveLength(1);
  });
});
