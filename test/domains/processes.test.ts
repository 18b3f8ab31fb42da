// What a connector leaves behind: nothing of its own, and all that it shares.
import { readFileSync, readlinkSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { INTERFACE, OBJECT_PATH } from '../../src/contract';
import { openPeer } from '../../src/domains';
import { encodeValue } from '../../src/domains/address';
import { END_BOUND_MS } from '../../src/limits';
import { onCleanup } from '../support/cleanup';
import { isAlive } from '../support/proc';
import { environment, run } from '../support/process';
import { built } from '../support/slave';
import { Sshd } from '../support/sshd';
import { temporaryFolder } from '../support/temp';
import { waitFor, within } from '../support/wait';
import { failure, open, partOf, pidOf } from './ssh-support';

const IMPATIENT = { timeoutMs: 2000 };

beforeAll(built);

/** An exec: address of a shell script. */
function script(text: string): string {
  const file = path.join(temporaryFolder(), 'connector');
  writeFileSync(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return `exec:${encodeValue(file)}`;
}

/** The process id that something has written there. */
function written(file: string): number {
  return Number(readFileSync(file, 'utf8'));
}

describe('what a connector has started', () => {
  test.each([
    ['a child', ''],
    ['one that ignores to be asked', 'trap "" TERM'],
  ])('ends with it: %s', async (_title, before) => {
    const file = path.join(temporaryFolder(), 'pid');
    const address = script(`${before}\nsleep 299 & echo $! >${file}; wait`);
    const opening = openPeer(partOf(address), { environment: environment(), timeoutMs: 500 });
    await expect(opening).rejects.toMatchObject({ kind: 'Domain.TimedOut' });
    await waitFor(() => !isAlive(written(file)), 'its end');
  });

  test.each([
    ['goes on when the slave behind it has ended', false],
    ['leads to a slave that is stopped', true],
  ])('ends while the slave that has started it ends, also where it %s', async (_title, stopped) => {
    const file = path.join(temporaryFolder(), 'pid');
    const peer = await open(script(`echo $$ >${file}\n"$@"\nsleep 299`), { environment: environment() });
    const far = await pidOf(peer);
    if (stopped) process.kill(far, 'SIGSTOP');
    await within(peer.close(), 'its end', END_BOUND_MS);
    await waitFor(() => !isAlive(written(file)) && !isAlive(far), 'the end of all of it');
  });
});

test('a slave that is asked to end leaves nothing, whatever the slaves behind it do', async () => {
  const file = path.join(temporaryFolder(), 'pid');
  const peer = await open('exec:env', { environment: environment() });
  const slave = await pidOf(peer);
  const call = { path: OBJECT_PATH, interface: INTERFACE, member: 'OpenDomain', signature: 'sa{sv}' };
  const address = script(`echo $$ >${file}\n"$@"\nsleep 299`);
  const { body } = await peer.connection.call({ ...call, body: [address, {}] });
  const far = await pidOf(peer, body[0] as string);
  process.kill(far, 'SIGSTOP');
  process.kill(slave, 'SIGTERM');
  await waitFor(() => !isAlive(slave), 'its end', END_BOUND_MS);
  await waitFor(() => !isAlive(written(file)) && !isAlive(far), 'the end of all behind it', 1000);
});

describe('an ssh master', () => {
  let sshd: Sshd;

  beforeAll(async () => {
    sshd = await Sshd.start();
  });

  /** Process id of the only master. */
  async function master(server: Sshd): Promise<number> {
    const [socket = ''] = server.masters();
    const { stderr } = await run('ssh', ['-F', 'none', '-S', socket, '-O', 'check', 'any']);
    return Number(/pid=(\d+)/.exec(stderr)?.[1]);
  }

  test('stays when a connection over it has to be ended by force, with the command that carries it', async () => {
    const own = await Sshd.start();
    await own.host('proxy');
    await own.host('proxied', { config: [`ProxyCommand ${own.ssh} -W %h:%p proxy`] });
    const { environment } = own;
    const peer = await open('ssh:proxied', { environment });
    const far = await pidOf(peer);
    onCleanup(() => isAlive(far) && process.kill(far, 'SIGKILL'));
    process.kill(far, 'SIGSTOP');
    await within(peer.close(), 'its end', END_BOUND_MS);
    own.admitNobody();
    expect(await pidOf(await open('ssh:proxied', { environment }))).toBeGreaterThan(0);
  });

  test('that hangs is done without', async () => {
    const own = await Sshd.start();
    await own.host('hangs');
    const { environment } = own;
    await (await open('ssh:hangs', { environment })).close();
    const pid = await master(own);
    onCleanup(() => isAlive(pid) && process.kill(pid, 'SIGKILL'));
    process.kill(pid, 'SIGSTOP');
    const peer = await open('ssh:hangs', { environment });
    expect(await pidOf(peer)).toBeGreaterThan(0);
    await peer.close();
    own.admitNobody();
    const [socket = ''] = own.masters();
    expect(await failure('hangs', { environment, ...IMPATIENT })).toMatchObject({
      kind: 'Domain.TimedOut',
      message: expect.stringContaining(
        `nothing came; the connection to it that ssh shares may hang: 'ssh -S '${socket}'`,
      ),
    });
    process.kill(pid, 'SIGCONT');
    await (await open('ssh:hangs', { environment })).close();
  });

  test('does not keep our directory', async () => {
    await sshd.host('away');
    const bin = temporaryFolder();
    writeFileSync(path.join(bin, 'ssh'), `#!/bin/sh\nPATH=$OLD_PATH exec ${sshd.ssh} "$@"\n`, { mode: 0o755 });
    const PATH = process.env.PATH ?? '';
    const changes = { HOTWIRE_SSH: '', PATH: `${bin}:${PATH}`, OLD_PATH: PATH };
    await open('ssh:away', { environment: { ...sshd.environment, ...changes } });
    expect(readlinkSync(`/proc/${await master(sshd)}/cwd`)).toBe('/');
    expect(realpathSync('.')).not.toBe('/');
  });
});
