// A real sshd on loopback with hosts for the benchmarks, and the plain ssh that they are compared with.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Bus, startBus } from '../test/support/bus';
import { onCleanup } from '../test/support/cleanup';
import { commandLine, descendants } from '../test/support/proc';
import { environment, type Running, run } from '../test/support/process';
import { built, startSlave } from '../test/support/slave';
import { type Host, type HostOptions, Sshd } from '../test/support/sshd';

/** More than any benchmark has at once. */
const MANY = 200;
const PATIENCE_MS = 60_000;
/** A pipeline that does next to nothing: it starts no program, and no evaluator, which is one more node. */
export const PLAIN = 'path';

/** To be disposed of: what it has started is a load for whatever is measured next. */
export class Far implements AsyncDisposable {
  readonly #sshd: Sshd;
  #bus: Bus | undefined;
  #stopped = false;
  /** Plain ssh's: of a new connection each time, and of one with a master that stays. */
  readonly coldConfig: string;
  readonly warmConfig: string;

  /** Starts a server with these hosts. */
  static async start(hosts: Readonly<Record<string, HostOptions>>): Promise<Far> {
    await built();
    const sshd = await Sshd.start({ config: [`MaxStartups ${MANY}`, `MaxSessions ${MANY}`] });
    const made: Host[] = [];
    for (const [name, options] of Object.entries(hosts)) made.push(await sshd.host(name, options));
    return new Far(sshd, made);
  }

  private constructor(
    sshd: Sshd,
    private readonly hosts: readonly Host[],
  ) {
    this.#sshd = sshd;
    this.coldConfig = path.join(sshd.folder, 'ssh_config');
    this.warmConfig = path.join(sshd.folder, 'ssh_config_warm');
    const sockets = path.join(sshd.folder, '%C');
    const lines = ['ControlMaster auto', 'ControlPersist 600', `ControlPath ${sockets}`, `Include ${this.coldConfig}`];
    writeFileSync(this.warmConfig, `${lines.join('\n')}\n`);
    onCleanup(() => this[Symbol.asyncDispose]());
  }

  /** Ends the bus, the masters and the server. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    await this.#bus?.stop();
    for (const { name } of this.hosts) await run('ssh', ['-F', this.warmConfig, '-O', 'exit', name]); // most have none
    await this.#sshd.stop();
  }

  /** A session bus with a slave that finds the hosts. */
  async startBus(): Promise<{ address: string; slave: Running }> {
    this.#bus = await startBus();
    return { address: this.#bus.address, slave: await startSlave(this.#bus, [], { env: this.environment }) };
  }

  /** The processes of the far side: of sshd, and what runs in its sessions. */
  processes(): number[] {
    const server = descendants(process.pid).find((pid) => commandLine(pid).includes('sshd_config'));
    return server === undefined ? [] : [server, ...descendants(server)];
  }

  /** In which hotwire's ssh finds the hosts. */
  get environment(): NodeJS.ProcessEnv {
    return plainNode(this.#sshd.environment);
  }

  /** The home directory of a host. */
  home(host: string): string {
    const found = this.hosts.find(({ name }) => name === host);
    if (found === undefined) throw new Error(`there is no host ${host}`);
    return found.home;
  }

  /** The command of plain ssh to a host. */
  plain(config: string, host: string, ...command: string[]): string[] {
    return ['ssh', '-F', config, host, ...command];
  }

  /** Runs plain ssh to its end. */
  async ssh(config: string, host: string, ...command: string[]): Promise<void> {
    await succeed(this.plain(config, host, ...command));
  }

  /** Ends hotwire's masters. */
  endMasters(): Promise<void> {
    return this.#sshd.endMasters();
  }
}

/** Runs a command to its end. @throws what it said when its status is not 0 */
export async function succeed(
  [program = '', ...args]: readonly string[],
  env = plainNode(environment()),
): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, { env, patience: PATIENCE_MS });
  if (code !== 0) throw new Error(`${[program, ...args].join(' ').slice(0, 200)} ended with ${code}: ${stderr}`);
  return stdout;
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Without certificates that every node here would read first, and none there: that alone may double the start of one. */
function plainNode({ NODE_EXTRA_CA_CERTS, ...rest }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return rest;
}
