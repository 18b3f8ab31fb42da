// Connections of ssh: masters, how they end, and what is left of them, with a real OpenSSH server.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { INTERFACE, OBJECT_PATH } from '../../src/contract';
import { foregroundLogin, type OpenPeerOptions } from '../../src/domains';
import { isAlive } from '../support/proc';
import { run } from '../support/process';
import { built } from '../support/slave';
import { Sshd } from '../support/sshd';
import { waitFor, within } from '../support/wait';
import { BARE, open as openAt, partOf, pidOf } from './ssh-support';

let sshd: Sshd;

beforeAll(async () => {
  await built();
  sshd = await Sshd.start();
});

const open = (address: string, options: Partial<OpenPeerOptions> = {}) =>
  openAt(address, { environment: sshd.environment, ...options });

describe('connections', () => {
  test('share a master, which takes only so many; the others have one of their own', async () => {
    await sshd.host('shared');
    await open('ssh:shared');
    const masters = sshd.masters().length;
    const peers = await Promise.all(Array.from({ length: 11 }, () => open('ssh:shared')));
    expect(new Set(await Promise.all(peers.map((peer) => pidOf(peer)))).size).toBe(11);
    expect(sshd.masters().length).toBe(masters);
    await Promise.all(peers.map((peer) => peer.close()));
  });

  test('a login in the foreground is found again', async () => {
    const own = await Sshd.start();
    await own.host('login');
    const { environment } = own;
    const {
      words: [program = '', ...words],
      environment: env,
    } = foregroundLogin(partOf('ssh:login'), environment);
    expect(words).toEqual(expect.arrayContaining(['-n', '-N']));
    expect(await run(program, words, { env })).toMatchObject({ code: 0 });
    own.admitNobody();
    const peer = await open('ssh:login', { environment });
    await peer.close();
    await own.endMasters();
    await expect(open('ssh:login', { environment })).rejects.toMatchObject({ kind: 'Domain.LoginRefused' });
  });

  test('a place for the master that is too long, or is none, does without', async () => {
    await sshd.host('alone');
    const masters = sshd.masters().length;
    for (const XDG_STATE_HOME of [path.join(sshd.folder, 'x'.repeat(80)), '/dev/null']) {
      await open('ssh:alone', { environment: { ...sshd.environment, XDG_STATE_HOME } });
      expect(() => foregroundLogin(partOf('ssh:alone'), { ...sshd.environment, XDG_STATE_HOME })).toThrow(
        /XDG_STATE_HOME/,
      );
    }
    expect(sshd.masters().length).toBe(masters);
  });

  test.each(['installed', 'sent'])('closing ends the process there (%s)', async (how) => {
    await sshd.host(`closing-${how}`, how === 'sent' ? BARE : {});
    const peer = await open(`ssh:closing-${how}`);
    const pid = await pidOf(peer);
    await peer.close();
    await waitFor(() => !isAlive(pid), 'the end of the slave there');
  });

  test('a slave that is killed in the middle of something', async () => {
    await sshd.host('killed');
    const peer = await open('ssh:killed');
    const call = peer.connection.call({
      path: OBJECT_PATH,
      interface: INTERFACE,
      member: 'Evaluate',
      signature: 'sa{sv}',
      body: ['sys sleep 60', {}],
    });
    call.catch(() => undefined);
    process.kill(await pidOf(peer), 'SIGKILL');
    expect(await within(peer.lost, 'that it is lost')).toMatchObject({
      kind: 'Domain.Closed',
      message: expect.stringMatching(/^ssh:killed: the connection has ended/),
    });
    await expect(call).rejects.toMatchObject({ kind: 'Disconnected' });
  });

  test('a master that is ended', async () => {
    const own = await Sshd.start();
    await own.host('cut');
    const peer = await open('ssh:cut', { environment: own.environment });
    await own.endMasters();
    expect(await within(peer.lost, 'that it is lost')).toMatchObject({ kind: 'Domain.Closed' });
  });

  test('giving up while it connects leaves nothing', async () => {
    await sshd.host('waiting', { shell: 'echo $$ >~/pid; exec cat >/dev/null' });
    const controller = new AbortController();
    const opening = open('ssh:waiting', { signal: controller.signal });
    opening.catch(() => undefined);
    const file = path.join(sshd.folder, 'home-waiting', 'pid');
    await waitFor(() => existsSync(file) && readFileSync(file, 'utf8') !== '', 'the shell there');
    const reason = new Error('not wanted any more');
    controller.abort(reason);
    await expect(opening).rejects.toBe(reason);
    await waitFor(() => !isAlive(Number(readFileSync(file, 'utf8'))), 'the end of the shell there');
  });
});
