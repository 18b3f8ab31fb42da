// Programs of Debian that the tests run against: the real bus, its usual clients, and what a terminal needs. Each is
// looked for by what is really used, so a system that has them from elsewhere is as good.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** The interpreter that Debian's Python packages belong to, whatever else is first on PATH. */
const PYTHON = '/usr/bin/python3';

const program = (name) => () =>
  (process.env.PATH ?? '').split(path.delimiter).some((folder) => isExecutable(path.join(folder, name)));
/** Also where a user's PATH does not lead, but a daemon's. */
const sbin = (name) => () =>
  program(name)() || ['/usr/sbin', '/sbin'].some((folder) => isExecutable(path.join(folder, name)));
const python = (code) => () => spawnSync(PYTHON, ['-c', code], { stdio: 'ignore' }).status === 0;

/** What is needed: its packages, why, and whether it is there. */
export const REQUIREMENTS = [
  { packages: ['dbus'], why: 'dbus-daemon, a private bus for each test file', isThere: program('dbus-daemon') },
  { packages: ['systemd'], why: 'busctl, a client of the bus', isThere: program('busctl') },
  { packages: ['libglib2.0-bin'], why: 'gdbus, another client of the bus', isThere: program('gdbus') },
  { packages: ['python3'], why: 'clients in Python', isThere: python('') },
  { packages: ['python3-dbus'], why: 'a client that uses dbus-python', isThere: python('import dbus') },
  {
    packages: ['python3-gi', 'gir1.2-glib-2.0'],
    why: 'a client that uses GDBus',
    isThere: python('from gi.repository import Gio, GLib'),
  },
  { packages: ['gcc', 'libc6-dev'], why: 'cc, to compile the client in C', isThere: program('cc') },
  {
    packages: ['pkg-config', 'libsystemd-dev'],
    why: 'sd-bus, which the client in C uses',
    isThere: () => spawnSync('pkg-config', ['--exists', 'libsystemd'], { stdio: 'ignore' }).status === 0,
  },
  { packages: ['procps'], why: 'ps, to compare proc with', isThere: program('ps') },
  { packages: ['jq'], why: 'a reader of JSON lines', isThere: program('jq') },
  { packages: ['bsdutils'], why: 'script, a terminal', isThere: program('script') },
  { packages: ['util-linux'], why: 'flock and setsid', isThere: program('flock') },
  { packages: ['openssh-client'], why: 'ssh, to reach other hosts', isThere: program('ssh') },
  { packages: ['openssh-server'], why: 'sshd, a private server on loopback', isThere: sbin('sshd') },
  { packages: ['sudo'], why: 'sudo, to become another user', isThere: program('sudo') },
  { packages: ['iproute2'], why: 'ip, for networks of which a link can be cut', isThere: sbin('ip') },
  { packages: ['git'], why: 'the list of committed files', isThere: program('git') },
];

/**
 * Installs what is missing when root may, on a Debian system.
 * @throws Error that names the packages and the command to install them
 */
export function provideRequirements() {
  const missing = REQUIREMENTS.filter(({ isThere }) => !isThere());
  if (missing.length === 0) return;
  const packages = missing.flatMap((requirement) => requirement.packages);
  const reasons = missing.map((requirement) => `  ${requirement.packages.join(', ')}: ${requirement.why}`).join('\n');
  const advice = `the tests need\n${reasons}\ninstall them with: apt-get install ${packages.join(' ')}`;
  if (process.getuid?.() !== 0 || !program('apt-get')()) throw new Error(advice);

  process.stderr.write(`installing ${packages.join(', ')} for the tests\n`);
  aptGet(['update'], advice);
  aptGet(['install', '--yes', '--no-install-recommends', ...packages], advice);
  const still = missing.filter(({ isThere }) => !isThere());
  if (still.length > 0) {
    throw new Error(`still not there after installing: ${still.map(({ why }) => why).join('; ')}`);
  }
}

function aptGet(args, advice) {
  const { error, status, stdout } = spawnSync('apt-get', ['-q', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status === 0) return;
  process.stderr.write(stdout ?? '');
  throw new Error(`apt-get ${args[0]} failed (${error?.message ?? `exit status ${status}`}); ${advice}`);
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false; // not there, or not for us: both mean "look on"
  }
}
