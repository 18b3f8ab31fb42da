// exec: any command that leads somewhere, and links that are cut in silence.
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { INTERFACE, OBJECT_PATH } from '../../src/contract';
import { type OpenPeer, type OpenPeerOptions, openPeer, parseDomainAddress } from '../../src/domains';
import { encodeValue } from '../../src/domains/address';
import { FAR_PATIENCE_MS } from '../../src/limits';
import { onCleanup } from '../support/cleanup';
import { LinkedNamespaces, whyNoNamespaces } from '../support/namespace';
import { isAlive } from '../support/proc';
import { environment, run } from '../support/process';
import { built, HOTWIRE_SLAVE, ROOT } from '../support/slave';
import { Sshd } from '../support/sshd';
import { temporaryFolder } from '../support/temp';
import { waitFor, within } from '../support/wait';
import { pidOf } from './ssh-support';

const noNamespaces = whyNoNamespaces();
const HOUR_MS = 3_600_000;
const QUICK = { keepAlive: { intervalMs: 200, count: 3 } };
/** Where a slave finds its own node, and keeps what it was sent. */
const cache = temporaryFolder();

beforeAll(built);

async function open(command: readonly string[], options: Partial<OpenPeerOptions> = {}): Promise<OpenPeer> {
  const [part] = parseDomainAddress(`exec:${command.map(encodeValue).join(' ')}`);
  if (part === undefined) throw new Error('no step');
  const peer = await openPeer(part, { environment: environment({ XDG_CACHE_HOME: cache }), ...options });
  onCleanup(() => peer.close());
  return peer;
}

describe('a command', () => {
  test('that leads to a shell', async () => {
    const peer = await open(['env', 'PLACE=there']);
    expect(readFileSync(`/proc/${await pidOf(peer)}/environ`, 'utf8')).toContain('PLACE=there');
  });

  test('that is a peer by itself', async () => {
    const peer = await open([process.execPath, HOTWIRE_SLAVE, '--stdio']);
    expect(peer.features).toContain('domains');
  });

  test('to where there is only sh: the node of this machine does', async () => {
    const bin = path.join(temporaryFolder(), 'bin');
    mkdirSync(bin);
    symlinkSync('/bin/sh', path.join(bin, 'sh'));
    await open(['env', `PATH=${bin}`]);
  });

  test.each([
    ['is missing', ['no-such-command'], 'Domain.ProgramMissing', /there is no 'no-such-command': it has to be on PATH/],
    ['may not be run', [path.join(ROOT, 'package.json')], 'Domain.Unreachable', /may not be run/],
    [
      'fails',
      ['sh', '-c', 'echo no such container >&2; exit 1'],
      'Domain.Unreachable',
      /status 1.*\nno such container/s,
    ],
    [
      'leads to where there is no sh',
      ['env', '-i', 'PATH=/nonexistent'],
      'Domain.ProgramMissing',
      /no shell.*\nenv: /s,
    ],
    ['is no peer', ['echo', '--stdio'], 'Domain.Closed', /connection/],
    ['is a peer that ends', ['false', '--stdio'], 'Domain.Closed', /status 1/],
  ] as const)('that %s', async (_title, command, kind, message) => {
    await expect(open(command)).rejects.toMatchObject({ kind, message: expect.stringMatching(message) });
  });

  test('that ignores all that it is told is ended all the same', async () => {
    const file = path.join(temporaryFolder(), 'pid');
    const script = `trap "" TERM HUP INT; echo $$ >${file}; while :; do sleep 1; done`;
    await expect(open(['sh', '-c', script], { timeoutMs: 500 })).rejects.toMatchObject({ kind: 'Domain.TimedOut' });
    expect(isAlive(Number(readFileSync(file, 'utf8')))).toBe(false);
  });
});

describe('silence', () => {
  test('a process that is stopped is found dead, and ended', async () => {
    const peer = await open([process.execPath, HOTWIRE_SLAVE, '--stdio'], QUICK);
    const pid = await pidOf(peer);
    process.kill(pid, 'SIGSTOP');
    expect(await within(peer.lost, 'that it is lost')).toMatchObject({
      kind: 'Domain.Closed',
      message: expect.stringMatching(/^exec:.*: it was silent for 0.6 s/),
    });
    await waitFor(() => !isAlive(pid), 'its end');
  });

  test('a peer from which we read nothing is not dead', async () => {
    const peer = await open(['env'], QUICK);
    peer.connection.pauseReading();
    let lost = false;
    void peer.lost.then(() => {
      lost = true;
    });
    // Longer than it takes to be found dead: there is no event for "nothing happened".
    await new Promise((resolve) => setTimeout(resolve, 1500));
    peer.connection.resumeReading();
    expect(lost).toBe(false);
    expect(await pidOf(peer)).toBeGreaterThan(0);
  });

  test('we may be stopped for hours (Ctrl-Z): the slave there waits, as it sees at once when we are gone', async () => {
    const pid = await pidOf(await open(['env']));
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split(/[\0 ]/);
    expect(words.slice(words.indexOf('--keep-alive'))[1]).toBe(String(FAR_PATIENCE_MS / 1000));
    expect(FAR_PATIENCE_MS).toBeGreaterThan(HOUR_MS);
  });

  test('a slave that hears nothing of whoever started it ends', async () => {
    const file = path.join(temporaryFolder(), 'starter.cjs');
    const hello = "'\\\\0AUTH EXTERNAL\\\\r\\\\nDATA\\\\r\\\\nBEGIN\\\\r\\\\n'".replaceAll('\\\\', '\\');
    const words = JSON.stringify([HOTWIRE_SLAVE, '--stdio', '--keep-alive', '0.6']);
    writeFileSync(
      file,
      `const child = require('child_process').spawn(process.execPath, ${words}, { stdio: ['pipe', 'ignore', 'inherit'] });
       child.stdin.write(${hello});
       child.on('exit', (code) => process.exit(code === 0 ? 7 : 1));`,
    );
    expect(await run(process.execPath, [file])).toMatchObject({ code: 7 });
  });
});

(noNamespaces === undefined ? describe : describe.skip)(`namespaces (${noNamespaces ?? 'there are'})`, () => {
  test('exec: leads into one', async () => {
    const namespaces = new LinkedNamespaces();
    const peer = await open(namespaces.inside(namespaces.far));
    const call = { path: OBJECT_PATH, interface: INTERFACE, member: 'Evaluate', signature: 'sa{sv}' };
    const { body } = await peer.connection.call({ ...call, body: ['sys ip -brief address', {}] });
    expect(JSON.stringify(body)).toContain(namespaces.farAddress);
    await peer.close();
  });

  test('both ends of an ssh connection find out that the link was cut', async () => {
    const namespaces = new LinkedNamespaces();
    const listen = { address: namespaces.farAddress, command: namespaces.inside(namespaces.far) };
    const sshd = await Sshd.start({ listen });
    await sshd.host('cut');
    const HOTWIRE_SSH = `${namespaces.inside(namespaces.near).join(' ')} ${sshd.ssh}`;
    const [part] = parseDomainAddress('ssh:cut');
    if (part === undefined) throw new Error('no step');
    const options = { environment: { ...sshd.environment, HOTWIRE_SSH }, ...QUICK, farPatienceMs: 800 };
    const peer = await openPeer(part, options);
    const pid = await pidOf(peer);
    namespaces.cut();
    expect(await within(peer.lost, 'that it is lost')).toMatchObject({ kind: 'Domain.Closed' });
    await waitFor(() => !isAlive(pid), 'the end of the slave behind the cut');
  });
});
