// Settings of ssh with which nothing would come over its stdin and stdout, and an ssh that is too old for ours.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { built } from '../support/slave';
import { Sshd } from '../support/sshd';
import { temporaryFolder } from '../support/temp';
import { BARE, failure, open, pidOf } from './ssh-support';

let sshd: Sshd;

beforeAll(async () => {
  await built();
  sshd = await Sshd.start();
});

test.each([
  ['StdinNull yes'],
  ['ForkAfterAuthentication yes'],
  ['SessionType none'],
  ['SessionType subsystem'],
  ['Tunnel yes'],
  ['RequestTTY force'],
  ['RemoteCommand cat'],
  ['ControlPath none'],
  ['LogLevel DEBUG3'],
])('%s', async (setting) => {
  const name = setting.replaceAll(' ', '-').toLowerCase();
  await sshd.host(name, { ...BARE, config: [setting] });
  expect(await pidOf(await open(`ssh:${name}`, { environment: sshd.environment }))).toBeGreaterThan(0);
});

test('LocalCommand, which would have our stdin', async () => {
  await sshd.host('local', { ...BARE, config: ['PermitLocalCommand yes', 'LocalCommand cat'] });
  await open('ssh:local', { environment: sshd.environment });
});

/** An ssh that does not know an option. */
function without(option: string): string {
  const file = path.join(temporaryFolder(), 'ssh');
  const refuse = `echo "command-line: line 0: Bad configuration option: ${option.toLowerCase()}" >&2; exit 255`;
  const text = `#!/bin/sh\nfor word; do case "$word" in ${option}=*) ${refuse};; esac; done\nexec ${sshd.ssh} "$@"\n`;
  writeFileSync(file, text, { mode: 0o755 });
  return file;
}

test('an ssh from before 8.7, which knows only some of our options', async () => {
  await sshd.host('old');
  const environment = { ...sshd.environment, HOTWIRE_SSH: without('SessionType') };
  expect(await pidOf(await open('ssh:old', { environment }))).toBeGreaterThan(0);
});

test('an ssh that lacks what we need says so itself', async () => {
  const environment = { ...sshd.environment, HOTWIRE_SSH: without('ControlPersist') };
  expect(await failure('old', { environment })).toMatchObject({
    kind: 'Domain.Unreachable',
    message: expect.stringContaining('Bad configuration option: controlpersist'),
  });
});
