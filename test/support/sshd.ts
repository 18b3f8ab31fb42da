// A real OpenSSH server on loopback: own port, keys and configuration, in the foreground, ended with the test file. Each
// host of it is one more name in the client's configuration, with a key, and so a home and a PATH, of its own.
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import path from 'node:path';
import { onCleanup } from './cleanup';
import { descendants, isAlive } from './proc';
import { environment, type Running, run, start } from './process';
import { ROOT } from './slave';
import { temporaryFolder } from './temp';

/** Where sshd, as root, keeps the child that has no privileges; a package makes it at boot. */
const SEPARATION = '/run/sshd';
const SSHD = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/bin/sshd'].find(existsSync) ?? 'sshd';

export interface HostOptions {
  /** What is on PATH there, beside sh: names of programs of this machine. Default: what is on PATH here. */
  readonly programs?: readonly string[];
  /** Whether hotwire-slave of this checkout is on PATH there. Default true. */
  readonly installed?: boolean;
  /** Files in its home, by their paths. */
  readonly files?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** The shell that its logins get instead of the user's own, as words; `$SSH_ORIGINAL_COMMAND` is the command. */
  readonly shell?: string;
  /** Whether the server knows its key. Default true. */
  readonly admitted?: boolean;
  /** More lines of ssh's configuration. */
  readonly config?: readonly string[];
}

export interface Host {
  readonly name: string;
  readonly home: string;
}

export interface SshdOptions {
  /** More lines of sshd's configuration; the first of a name counts. */
  readonly config?: readonly string[];
  /** An address in a namespace, and the words that run a program there. */
  readonly listen?: { readonly address: string; readonly command: readonly string[] };
}

export class Sshd {
  readonly folder = temporaryFolder();
  readonly #running: Running;
  readonly port: number;
  readonly address: string;
  readonly #config = path.join(this.folder, 'ssh_config');
  readonly #hosts = path.join(this.folder, 'ssh_hosts');
  readonly knownHosts = path.join(this.folder, 'known_hosts');

  /** Starts one, which listens when this resolves. */
  static async start({ config = [], listen }: SshdOptions = {}): Promise<Sshd> {
    if (process.getuid?.() === 0) mkdirSync(SEPARATION, { recursive: true, mode: 0o755 });
    const { address, command } = listen ?? { address: '127.0.0.1', command: [] };
    const port = await freePort();
    const folder = temporaryFolder();
    const key = path.join(folder, 'host_key');
    await makeKey(key);
    const lines = [
      ...config,
      `Port ${port}`,
      `ListenAddress ${address}`,
      `HostKey ${key}`,
      'PidFile none',
      'UsePAM no',
      'StrictModes no',
      'PermitRootLogin yes',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitUserEnvironment yes',
      `AuthorizedKeysFile ${path.join(folder, 'authorized_keys')}`,
    ];
    writeFileSync(path.join(folder, 'sshd_config'), `${lines.join('\n')}\n`);
    writeFileSync(path.join(folder, 'authorized_keys'), '');
    const [program = SSHD, ...words] = [...command, SSHD, '-D', '-e', '-f', path.join(folder, 'sshd_config')];
    const running = start(program, words);
    await running.line(/Server listening/, 'stderr');
    return new Sshd(running, folder, port, address);
  }

  private constructor(
    running: Running,
    private readonly serverFolder: string,
    port: number,
    address: string,
  ) {
    this.#running = running;
    this.port = port;
    this.address = address;
    const common = [
      `Include ${this.#hosts}`,
      'Host *',
      'IdentitiesOnly yes',
      'IdentityAgent none',
      `UserKnownHostsFile ${this.knownHosts}`,
      'GlobalKnownHostsFile none',
    ];
    writeFileSync(this.#hosts, '');
    writeFileSync(this.#config, `${common.join('\n')}\n`);
    const [type, key] = readFileSync(path.join(serverFolder, 'host_key.pub'), 'utf8').split(' ');
    writeFileSync(this.knownHosts, `[${address}]:${port} ${type} ${key}\n`);
    onCleanup(() => this.stop());
  }

  /** The command that knows the hosts. */
  get ssh(): string {
    return `ssh -F ${this.#config}`;
  }

  /** The environment in which ssh finds the hosts, with a place of its own for its masters. */
  get environment(): NodeJS.ProcessEnv {
    return environment({ HOTWIRE_SSH: this.ssh, XDG_STATE_HOME: path.join(this.folder, 'state') });
  }

  /** One more host: ssh:NAME reaches it. */
  async host(name: string, options: HostOptions = {}): Promise<Host> {
    const { programs, installed = true, files = {}, shell, admitted = true, config = [] } = options;
    const home = path.join(this.folder, `home-${name}`);
    const bin = path.join(home, 'bin');
    mkdirSync(bin, { recursive: true });
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(home, file)), { recursive: true });
      writeFileSync(path.join(home, file), content, { mode: 0o755 });
    }
    for (const program of programs === undefined ? [] : ['sh', ...programs])
      symlinkSync(whereIs(program), path.join(bin, program));
    const folders = [
      ...(installed ? [path.join(ROOT, 'bin')] : []),
      bin,
      ...(programs === undefined ? [process.env.PATH] : []),
    ];
    const variables = { HOME: home, PATH: folders.join(':'), HOTWIRE_HISTORY: 'off', ...options.environment };
    const key = path.join(this.folder, `key-${name}`);
    await makeKey(key);
    const settings = Object.entries(variables).map(
      ([variable, value]) => `environment="${variable}=${String(value).replaceAll('"', '\\"')}"`,
    );
    if (shell !== undefined) settings.push(`command="${shell.replaceAll('"', '\\"')}"`);
    if (admitted)
      append(
        path.join(this.serverFolder, 'authorized_keys'),
        `${settings.join(',')} ${readFileSync(`${key}.pub`, 'utf8')}`,
      );
    const lines = [
      ...config,
      `HostName ${this.address}`,
      `Port ${this.port}`,
      `User ${userInfo().username}`,
      `IdentityFile ${key}`,
    ];
    append(this.#hosts, `Host ${name}\n${lines.map((line) => `  ${line}\n`).join('')}`);
    return { name, home };
  }

  /** From now on it lets nobody in, but over the connections that it has. */
  admitNobody(): void {
    writeFileSync(path.join(this.serverFolder, 'authorized_keys'), '');
  }

  /** Sockets of the masters that run. */
  masters(): string[] {
    const state = path.join(this.folder, 'state', 'hotwire');
    if (!existsSync(state)) return [];
    return readdirSync(state).flatMap((host) =>
      readdirSync(path.join(state, host))
        .filter((name) => name.startsWith('m-'))
        .map((name) => path.join(state, host, name)),
    );
  }

  /** Ends the masters, and with them every connection. */
  async endMasters(): Promise<void> {
    await Promise.all(this.masters().map((socket) => run('ssh', ['-F', 'none', '-S', socket, '-O', 'exit', 'any'])));
  }

  /** Ends the masters, then the server. */
  async stop(): Promise<void> {
    await this.endMasters();
    // What serves a connection outlives the server, for ever where its link is cut.
    const sessions = descendants(this.#running.pid);
    await this.#running.stop();
    for (const pid of sessions) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  }
}

/** Where a program of this machine is. */
function whereIs(program: string): string {
  if (program === 'node') return process.execPath;
  const found = (process.env.PATH ?? '')
    .split(':')
    .map((folder) => path.join(folder, program))
    .find(existsSync);
  if (found === undefined) throw new Error(`there is no ${program} on PATH`);
  return found;
}

function append(file: string, text: string): void {
  writeFileSync(file, text, { flag: 'a' });
}

async function makeKey(file: string): Promise<void> {
  const { code, stderr } = await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', file]);
  if (code !== 0) throw new Error(`no key: ${stderr}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
