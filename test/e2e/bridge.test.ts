// `hotwire bridge` as a person uses it: from a shell, in the background, over real ssh and sudo.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import path from 'node:path';
import { Connection, callBus, MessageType, openAddress } from '../../src/wire';
import { bridgeEnvironment, connectTo, FAR_UID, farAddress, IS_ROOT, LOOKS, own } from '../support/bridge';
import { type Bus, startBus } from '../support/bus';
import { onCleanup } from '../support/cleanup';
import { commandLine, descendants, isAlive, memory } from '../support/proc';
import { type Running, run, start } from '../support/process';
import { built, HOTWIRE, hotwire, ROOT } from '../support/slave';
import { Sshd } from '../support/sshd';
import { temporaryFolder } from '../support/temp';
import { waitFor, within } from '../support/wait';

const MIB = 1024 * 1024;
const LETTERS = 100;
/** What the buffers on the way and the garbage of a process may take: far less than what goes through it. */
const GROWTH = 64 * MIB;
const SLOW_MS = 60_000;

let bus: Bus;
let far: string;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  await built();
  bus = await startBus(IS_ROOT ? { uid: FAR_UID } : {});
  far = await farAddress({ DBUS_SESSION_BUS_ADDRESS: bus.address });
  environment = bridgeEnvironment();
}, SLOW_MS);

const bridge = (args: readonly string[], env = environment) => hotwire(['bridge', ...args], { env });

/** A bridge in the background. @returns its address; it is ended with the test file */
async function address(args: readonly string[], env = environment): Promise<string> {
  const { code, stdout, stderr } = await bridge(args, env);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^unix:path=[^\n]*,guid=[0-9a-f]{32}\n$/);
  const found = stdout.trim();
  onCleanup(() => bridge(['--end', found], env));
  return found;
}

async function foreground(args: readonly string[], env = environment): Promise<{ running: Running; address: string }> {
  const running = start(HOTWIRE, ['bridge', '--foreground', ...args], { env });
  return { running, address: await running.line(/^unix:/) };
}

function directoryOf(found: string): string {
  return path.dirname(decodeURIComponent(/path=([^,]+)/.exec(found)?.[1] ?? ''));
}

test('from a shell, whole', async () => {
  const script = `
    busctl --address="$(hotwire bridge "$FAR")" list --no-pager
    BUS=$(hotwire bridge "$FAR" --idle-exit 60)
    busctl --address="$BUS" call org.freedesktop.DBus / org.freedesktop.DBus GetConnectionUnixUser s org.freedesktop.DBus
    hotwire bridge --end "$BUS"
    test ! -e "$XDG_RUNTIME_DIR"/hotwire/bridge-*/bus || ls -d "$XDG_RUNTIME_DIR"/hotwire/bridge-*
  `;
  const PATH = `${path.join(ROOT, 'bin')}:${process.env.PATH}`;
  const env = bridgeEnvironment({ PATH, FAR: far });
  const { code, stdout, stderr } = await run('sh', ['-ec', script], { env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = stdout.trim().split('\n');
  expect(lines[0]).toMatch(/^NAME +PID PROCESS/);
  expect(stdout).toMatch(/^org\.freedesktop\.DBus /m);
  expect(lines).toContain(`u ${FAR_UID}`);
  // The first is still there, the second is not.
  const left = lines.at(-1) as string;
  expect(left).toMatch(/\/bridge-\w+$/);
  await bridge(['--end', `unix:path=${left}/bus`]);
  expect(existsSync(left)).toBe(false);
});

test('in the background it has nothing of ours', async () => {
  const found = await address([far]);
  const name = path.basename(directoryOf(found));
  const pid = await pidOf(found);
  for (const descriptor of [0, 1, 2]) {
    const { stdout } = await run('readlink', [`/proc/${pid}/fd/${descriptor}`]);
    expect(stdout).toBe('/dev/null\n');
  }
  const { stdout } = await run('ps', ['-o', 'sid=,ppid=', '-p', String(pid)]);
  const [session] = stdout.trim().split(/\s+/).map(Number);
  expect(session).toBe(pid);
  expect(readlinkSync(`/proc/${pid}/cwd`)).toBe('/');
  expect(name).toMatch(/^bridge-/);
});

/** Of the process that listens: whoever does is the peer of a client. */
async function pidOf(found: string): Promise<number> {
  const { stdout } = await run('ss', ['-Hlxp', 'src', `${directoryOf(found)}/.new`]);
  return Number(/pid=(\d+)/.exec(stdout)?.[1]);
}

describe('a bridge whose address nobody gets to know ends', () => {
  /** Of an environment: what is in the place of its bridges. */
  const places = (env: NodeJS.ProcessEnv) => readdirSync(placeOf(env));
  const shell = (script: string, env: NodeJS.ProcessEnv) => start('sh', ['-c', script, HOTWIRE, far], { env });

  test.each([
    ['it can not be written', '>/dev/full', /^hotwire: can't write to standard output: ENOSPC.*\n$/],
    ['standard output can only be read', '1</dev/null', /^hotwire: standard output is closed.*\n$/],
  ])('%s', async (_, redirection, message) => {
    const env = bridgeEnvironment();
    for (const more of ['', '--foreground']) {
      const { code, stderr } = await shell(`"$0" bridge ${more} "$1" ${redirection}`, env).exit();
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(message) });
      await waitFor(() => places(env).length === 0, 'the bridge to end');
    }
  });

  test('standard output is closed: it is not even begun', async () => {
    const env = bridgeEnvironment();
    const { code, stderr } = await shell('"$0" bridge "$1" >&-', env).exit();
    expect([code, stderr]).toEqual([1, 'hotwire: standard output is closed: there is nowhere to write to\n']);
    expect(readdirSync(env.XDG_RUNTIME_DIR as string)).toEqual([]);
  });

  test('its command is killed before the address has left', async () => {
    const env = bridgeEnvironment();
    // Nothing reads the pipe, which is full.
    const fill = 'head -c 65536 /dev/zero; echo $$ >&2; exec "$0" bridge "$1"';
    const held = shell(`(sh -c '${fill}' "$0" "$1") | sleep 300`, env);
    const pid = Number(await held.line(/^\d+$/, 'stderr'));
    const below = descendants(held.pid);
    onCleanup(() => below.filter(isAlive).map((one) => process.kill(one, 'SIGKILL')));
    const listens = () => places(env).some((name) => existsSync(path.join(placeOf(env), name, 'bus')));
    await waitFor(() => existsSync(placeOf(env)) && listens(), 'the bridge to listen');
    process.kill(pid, 'SIGKILL');
    await waitFor(() => places(env).length === 0, 'the bridge to end');
  });
});

function placeOf({ XDG_RUNTIME_DIR = '' }: NodeJS.ProcessEnv): string {
  return path.join(XDG_RUNTIME_DIR, 'hotwire');
}

test('many clients at once: nothing is said of it', async () => {
  const { running, address: found } = await foreground([far]);
  const clients = await Promise.all(Array.from({ length: 12 }, () => connectTo(found)));
  expect(new Set(clients.map(({ uniqueName }) => uniqueName)).size).toBe(12);
  running.kill('SIGTERM');
  expect(await running.exit()).toMatchObject({ code: 143, stderr: '' });
});

test('--end ends at the first Ctrl-C, too, where the bridge does not', async () => {
  const socket = path.join(temporaryFolder(), 'bus');
  const server = createServer();
  onCleanup(() => server.close());
  await once(server.listen(socket), 'listening');
  const running = start(HOTWIRE, ['bridge', '--end', `unix:path=${socket}`], { env: environment });
  const [client] = (await within(once(server, 'connection'), 'to be asked')) as [Socket];
  await within(once(client, 'data'), 'the question');
  client.write('OK HOTWIRE\r\n');
  running.kill('SIGINT');
  expect(await running.exit()).toMatchObject({ code: 130, stdout: '', stderr: '' });
});

describe('what a person may do wrong', () => {
  test.each([
    ['no address', [], 2, /missing required argument 'address'[\s\S]*hotwire bridge --help/],
    ['a bus that there is none of', ['local:', '--bus', 'school'], 2, /school[\s\S]*session, system, slave/],
    ['an address without a scheme', ['web1'], 2, /"web1": 'web1' has no scheme/],
    ['a bad time', ['local:', '--idle-exit', 'soon'], 2, /whole number of seconds/],
    ['an end with a domain', ['local:', '--end', 'unix:path=/x'], 2, /takes no address of a domain/],
    [
      'the end of what is not there',
      ['--end', 'unix:path=/nowhere/bus'],
      3,
      /no bridge listens on unix:path=\/nowhere\/bus/,
    ],
    ['no such program', ['exec:no-such-program'], 3, /exec:no-such-program: there is no 'no-such-program'/],
    ['no system bus here', ['local:', '--bus', 'system'], 3, /^hotwire: this machine: can't .*\/nowhere/],
    ['no session bus there', ['exec:env -i PATH=%2Fbin:%2Fusr%2Fbin HOTWIRE_NONE=1'], 3, /no session bus of .*--bus/],
  ])('%s', async (_, args, status, message) => {
    for (const more of args.includes('--end') ? [[]] : [[], ['--foreground']]) {
      const env = { ...environment, DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/nowhere/bus' };
      const { code, stdout, stderr } = await bridge([...args, ...more], env);
      expect({ code, stdout }).toEqual({ code: status, stdout: '' });
      expect(stderr).toMatch(message);
      expect(stderr).toMatch(/^hotwire: /);
      expect(stderr).not.toMatch(/^\s+at /m);
    }
  });

  test('--help has examples', async () => {
    const { code, stdout } = await bridge(['--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Examples:\n +busctl --address="\$\(hotwire bridge ssh:web1/);
    expect(stdout).not.toContain('--report');
  });
});

describe('the end', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('by %s', async (signal, status) => {
    const { running, address: found } = await foreground([far]);
    const client = await connectTo(found);
    running.kill(signal);
    expect(await running.exit()).toMatchObject({ code: status, stderr: '' });
    expect(existsSync(directoryOf(found))).toBe(false);
    if (!client.closed) await within(once(client, 'close'), 'the client to be cut');
  });

  test('by the far side, told with its last words', async () => {
    const { running, address: found } = await foreground([far]);
    await connectTo(found);
    const carriers = descendants(running.pid).filter((pid) => commandLine(pid).includes('--bridge\0session'));
    for (const pid of carriers) process.kill(pid, 'SIGKILL');
    const { code, stderr } = await running.exit();
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(/^hotwire: exec:.*ended by SIGKILL/) });
    expect(existsSync(directoryOf(found))).toBe(false);
  });

  test('by being killed: nothing is left there, and here what is left goes with the next', async () => {
    const env = bridgeEnvironment();
    const { running, address: found } = await foreground([far], env);
    await connectTo(found);
    await waitFor(() => descendants(running.pid).length > 1, 'the spare one to start');
    const before = descendants(running.pid);
    running.kill('SIGKILL');
    await waitFor(() => !before.some(isAlive), 'the far side to end');
    expect(existsSync(directoryOf(found))).toBe(true);
    const next = await address([far], env);
    expect(readdirSync(path.dirname(directoryOf(next)))).toEqual([path.basename(directoryOf(next))]);
  });

  test.each([
    ['while there is no slave', 'exec:sh -c exec%20sleep%2030'],
    ['while the slave is silent', 'exec:sh -c exec%20sleep%2030 --stdio'],
  ])('before it works, %s', async (_, silent) => {
    for (const more of [[], ['--foreground']]) {
      const running = start(HOTWIRE, ['bridge', ...more, silent], { env: environment });
      await waitFor(() => descendants(running.pid).some((pid) => commandLine(pid).startsWith('sleep\0')), 'it to try');
      const below = descendants(running.pid);
      running.kill('SIGINT');
      expect(await running.exit()).toMatchObject({ code: 130, stdout: '', stderr: '' });
      await waitFor(() => !below.some(isAlive), 'what it started to end');
    }
  });

  test('when it has been idle', async () => {
    const { running } = await foreground([far, '--idle-exit', '1']);
    expect(await running.exit()).toMatchObject({ code: 0, stderr: '' });
  });
});

test(
  'a slow reader holds up the sender, and no process on the way grows',
  async () => {
    const { running, address: found } = await foreground([far]);
    const stream = await openAddress(found);
    const reader = await Connection.connect(stream);
    const sender = await connectTo(found);
    onCleanup(() => reader.destroy());
    const way = [running.pid, ...descendants(running.pid)].filter((pid) => commandLine(pid).includes('hotwire'));
    const before = new Map(way.map((pid) => [pid, memory(pid).rss]));
    const sent = createHash('sha256');
    const received = createHash('sha256');
    let letters = 0;
    reader.on('signal', ({ member, body }) => {
      if (member !== 'Letter') return;
      letters += 1;
      received.update(body[0] as string);
    });
    stream.pause();
    const head = {
      type: MessageType.SIGNAL,
      path: '/',
      interface: 'com.example.Post',
      member: 'Letter',
      signature: 's',
    };
    for (let number = 0; number < LETTERS; number++) {
      const text = String.fromCharCode(0x41 + (number % 26)).repeat(MIB);
      sent.update(text);
      sender.send({ ...head, destination: reader.uniqueName as string, body: [text] });
    }
    // The bus has taken it all, and nobody reads.
    await callBus(sender, 'GetId', '', []);
    expect(letters).toBeLessThan(LETTERS / 2);
    stream.resume();
    await waitFor(() => letters === LETTERS, 'all letters to arrive', SLOW_MS);
    expect(received.digest('hex')).toBe(sent.digest('hex'));
    for (const [pid, rss] of before) expect(memory(pid).peak - rss).toBeLessThan(GROWTH);
  },
  SLOW_MS,
);

const USER_BUS = `/run/user/${FAR_UID}/bus`;
const canSudo = IS_ROOT && existsSync('/run/user') && !existsSync(path.dirname(USER_BUS));
(canSudo ? test : test.skip)(
  'over sudo, where nothing tells of the session bus: only root can lay one there',
  async () => {
    const mine = await startBus({ uid: FAR_UID });
    onCleanup(() => rmSync(path.dirname(USER_BUS), { recursive: true, force: true }));
    mkdirSync(path.dirname(USER_BUS));
    symlinkSync(/path=([^,]+)/.exec(mine.address)?.[1] as string, USER_BUS);
    const { DBUS_SESSION_BUS_ADDRESS, ...env } = environment;
    const client = await connectTo(await address([`sudo:#${FAR_UID}`], env));
    expect(await callBus(client, 'GetConnectionUnixUser', 's', [client.uniqueName])).toBe(FAR_UID);
  },
);

describe('over ssh', () => {
  let sshd: Sshd;
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    const mine = await startBus();
    sshd = await Sshd.start();
    await sshd.host('web1', { environment: { DBUS_SESSION_BUS_ADDRESS: mine.address } });
    await sshd.host('none', { environment: { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere/bus' } });
    env = bridgeEnvironment(sshd.environment);
  }, SLOW_MS);

  test('clients of all kinds', async () => {
    const found = await address(['ssh:web1'], env);
    await own(await connectTo(found), 'com.example.Far');
    const looks = await Promise.all(Object.values(LOOKS).map((look) => look(found, 'com.example.Far')));
    for (const { names } of looks) expect(names).toContain('com.example.Far');
  });

  test('more clients than one ssh connection carries (MaxSessions)', async () => {
    const found = await address(['ssh:web1'], env);
    const clients: Connection[] = [];
    while (clients.length < 12) clients.push(await connectTo(found));
    const names = (await callBus(clients[0] as Connection, 'ListNames', '', [])) as string[];
    expect(names).toEqual(expect.arrayContaining(clients.map(({ uniqueName }) => uniqueName)));
  });

  test('as another user, behind it', async () => {
    const found = await address([`ssh:web1/${far}`], env);
    const client = await connectTo(found);
    expect(await callBus(client, 'GetConnectionUnixUser', 's', [client.uniqueName])).toBe(FAR_UID);
  });

  test('it ends with its ssh', async () => {
    const { running, address: found } = await foreground(['ssh:web1'], env);
    const client = await connectTo(found);
    for (const pid of descendants(running.pid)) {
      if (commandLine(pid).startsWith('ssh\0')) process.kill(pid, 'SIGKILL');
    }
    expect(await running.exit()).toMatchObject({ code: 3, stderr: expect.stringContaining('hotwire: ssh:web1: ') });
    if (!client.closed) await within(once(client, 'close'), 'the client to be cut');
  });

  test.each([
    ['no bus', ['ssh:none'], /ssh:none: .*\/nowhere\/bus/],
    ['no host', ['ssh:no.such.host.invalid'], /ssh:no\.such\.host\.invalid: /],
  ])('%s', async (_, args, message) => {
    const { code, stderr } = await bridge(args, env);
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(message) });
  });
});
