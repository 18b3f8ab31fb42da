// A private message bus: the real dbus-daemon, with a configuration, a socket and a folder of its own. It has nothing to
// do with a bus of the person who runs the tests.
import { chownSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { environment, run, start } from './process';
import { temporaryFolder } from './temp';
import { PATIENCE_MS } from './wait';

const GIGABYTE = 1_000_000_000;
/** Limits of a real session bus (session.conf). Without them dbus-daemon has those of a system bus. */
const SESSION_LIMITS: Readonly<Record<string, number>> = {
  max_incoming_bytes: GIGABYTE,
  max_outgoing_bytes: GIGABYTE,
  max_message_size: GIGABYTE,
  max_completed_connections: 100_000,
  max_connections_per_user: 100_000,
  max_names_per_connection: 50_000,
  max_match_rules_per_connection: 50_000,
  max_replies_per_connection: 50_000,
};

export interface BusOptions {
  /** Limits by their names in dbus-daemon's configuration, e.g. `max_outgoing_bytes`; a session bus's unless given. */
  limits?: Record<string, number>;
  /** Folder of *.service files: programs that the bus starts when they are called. */
  services?: string;
  /** Environment of the programs that the bus starts; the test's own, without its buses, unless given. */
  env?: NodeJS.ProcessEnv;
  /** Whose bus it is, by uid; the test's own, unless given. Only root may choose. */
  uid?: number;
  /** Whether connections may see what is addressed to others, as on a session bus (the default); not on a system bus. */
  eavesdropping?: boolean;
}

export interface Bus {
  readonly address: string;
  readonly pid: number;
  /** What the daemon printed on its standard error so far. */
  readonly stderr: string;
  /** Ends it, with all its connections. Happens by itself after the last test of the file. */
  stop(): Promise<void>;
  /** The daemon's own numbers (org.freedesktop.DBus.Debug.Stats.GetStats), e.g. `ActiveConnections`. */
  stats(): Promise<Record<string, number>>;
  /** Calls a method with busctl; arguments as there: signature, then values. The reply as busctl's JSON has it. */
  call(
    destination: string,
    object: string,
    member: `${string}.${string}`,
    ...args: string[]
  ): Promise<{ type: string; data: unknown[] }>;
}

/** Starts a bus and waits until it listens. */
export async function startBus(options: BusOptions = {}): Promise<Bus> {
  const folder = temporaryFolder();
  const configuration = path.join(folder, 'bus.conf');
  writeFileSync(configuration, configurationOf(path.join(folder, 'socket'), options));
  const words = ['dbus-daemon', '--config-file', configuration, '--nofork', '--nopidfile', '--print-address'];
  const { uid } = options;
  if (uid !== undefined) chownSync(folder, uid, uid);
  const [file = '', ...args] = uid === undefined ? words : [...asUser(uid), ...words];
  const daemon = start(file, args, { env: options.env ?? environment(), ...(uid === undefined ? {} : { cwd: '/' }) });
  const address = await daemon.line(/^unix:/);

  const call: Bus['call'] = async (destination, object, member, ...args) => {
    const dot = member.lastIndexOf('.');
    const names = [destination, object, member.slice(0, dot), member.slice(dot + 1)];
    // `--` keeps a negative number from being an option of busctl.
    const result = await run('busctl', [`--address=${address}`, '--json=short', 'call', '--', ...names, ...args]);
    if (result.code !== 0) throw new Error(`${member}: ${result.stderr.trim()}`);
    return result.stdout === '' ? { type: '', data: [] } : JSON.parse(result.stdout);
  };
  return {
    address,
    pid: daemon.pid,
    get stderr() {
      return daemon.stderr;
    },
    stop: () => daemon.stop(),
    call,
    async stats() {
      const member = 'org.freedesktop.DBus.Debug.Stats.GetStats';
      const { data } = await call('org.freedesktop.DBus', '/org/freedesktop/DBus', member);
      const entries = Object.entries(data[0] as Record<string, { data: number }>);
      return Object.fromEntries(entries.map(([name, variant]) => [name, variant.data]));
    },
  };
}

/** Words before those of a program that it then runs as another user. */
export function asUser(uid: number): string[] {
  return ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
}

/** Waits until somebody owns a name of the bus, without polling; `patience` in milliseconds, rounded up to seconds. */
export async function waitForName(bus: Pick<Bus, 'address'>, name: string, patience = PATIENCE_MS): Promise<void> {
  const seconds = String(Math.ceil(patience / 1000));
  const args = ['wait', '--address', bus.address, '--timeout', seconds, name];
  const { code, stderr } = await run('gdbus', args, { patience: patience + PATIENCE_MS });
  if (code !== 0) throw new Error(`nobody owns ${name}: ${stderr.trim()}`);
}

function configurationOf(socket: string, { limits, services, eavesdropping = true }: BusOptions): string {
  const limitLines = Object.entries({ ...SESSION_LIMITS, ...limits }).map(
    ([name, value]) => `  <limit name="${name}">${value}</limit>`,
  );
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=${socket}</listen>
  <auth>EXTERNAL</auth>
${services === undefined ? '' : `  <servicedir>${services}</servicedir>`}
  <policy context="default">
    <allow send_destination="*" eavesdrop="${eavesdropping}"/>
    <allow receive_sender="*" eavesdrop="${eavesdropping}"/>
    <allow own="*"/>
  </policy>
${limitLines.join('\n')}
</busconfig>
`;
}
