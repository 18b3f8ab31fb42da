// Child processes for tests: what they print is collected, and a test waits for a line or for their end.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import path from 'node:path';
import { onCleanup } from './cleanup';
import { temporaryFolder } from './temp';
import { PATIENCE_MS, within } from './wait';

export interface Exit {
  /** Exit status, or null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Result extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  cwd?: string;
  /** The whole environment; the test's own, without its buses, unless given. */
  env?: NodeJS.ProcessEnv;
}

/** Where programs keep what is a user's own: of the test file's, not of whoever runs the tests. */
let places: NodeJS.ProcessEnv | undefined;

function ownPlaces(): NodeJS.ProcessEnv {
  if (places === undefined) {
    const folder = temporaryFolder();
    const names = {
      XDG_DATA_HOME: 'data',
      XDG_STATE_HOME: 'state',
      XDG_CONFIG_HOME: 'config',
      XDG_CACHE_HOME: 'cache',
    };
    places = Object.fromEntries(Object.entries(names).map(([name, place]) => [name, path.join(folder, place)]));
  }
  return places;
}

/** The test's environment without the addresses of any bus, a history, or a user's own files, and with `changes`. */
export function environment(changes: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { DBUS_SESSION_BUS_ADDRESS, DBUS_SYSTEM_BUS_ADDRESS, XDG_RUNTIME_DIR, ...rest } = process.env;
  return { ...rest, ...ownPlaces(), HOTWIRE_HISTORY: 'off', ...changes };
}

/** A process that runs; it is killed at the end of the test file if it still does. */
export class Running {
  readonly pid: number;
  readonly stdin: ChildProcessWithoutNullStreams['stdin'];
  /** How it ended. Never rejects; a test bounds its wait by `exit()`. */
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #title: string;
  readonly #printed = new EventEmitter<{ more: [] }>();
  #stdout = '';
  #stderr = '';

  constructor(child: ChildProcessWithoutNullStreams, pid: number, title: string) {
    this.pid = pid;
    this.stdin = child.stdin;
    this.#child = child;
    this.#title = title;
    // A process may end before it has read what a test feeds it: that shows in its exit, not as a crash of the test.
    child.stdin.on('error', () => undefined);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      this.#printed.emit('more');
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
      this.#printed.emit('more');
    });
    this.exited = new Promise((resolve) => {
      child.on('close', (code, signal) => resolve({ code, signal }));
    });
    void this.exited.then(() => this.#printed.emit('more'));
    onCleanup(() => this.stop());
  }

  /** What it printed on standard output so far. */
  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get #hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** The first whole line of a stream that matches; rejects when the process ends without one, or takes too long. */
  async line(pattern: RegExp, stream: 'stdout' | 'stderr' = 'stdout', patience = PATIENCE_MS): Promise<string> {
    const found = new Promise<string>((resolve, reject) => {
      let seen = 0;
      const look = (closed: boolean) => {
        const text = this[stream];
        const end = closed ? text.length : text.lastIndexOf('\n') + 1;
        const line = text
          .slice(seen, end)
          .split('\n')
          .find((candidate) => pattern.test(candidate));
        seen = end;
        if (line === undefined && !closed) return;
        this.#printed.off('more', again);
        if (line !== undefined) resolve(line);
        else reject(new Error(`${this.#title} ended without printing ${pattern}\n${this.#output()}`));
      };
      const again = () => look(false);
      this.#printed.on('more', again);
      void this.exited.then(() => look(true));
      look(false);
    });
    return within(found, `${this.#title} printing ${pattern}`, patience, () => this.#output());
  }

  /** How it ended and all that it printed; rejects when it takes too long. */
  async exit(patience = PATIENCE_MS): Promise<Result> {
    const exit = await within(this.exited, `the end of ${this.#title}`, patience, () => this.#output());
    return { ...exit, stdout: this.#stdout, stderr: this.#stderr };
  }

  /** Calls back with every part of its standard output, as it comes. */
  onOutput(listener: (text: string) => void): void {
    this.#child.stdout.on('data', listener);
  }

  /** Sends a signal; nothing happens when it has ended. */
  kill(signal: NodeJS.Signals): void {
    if (!this.#hasExited) process.kill(this.pid, signal);
  }

  /** Ends it at once, for good, and waits until it is gone. */
  async stop(): Promise<void> {
    this.kill('SIGKILL');
    // A grandchild may hold its output open: what counts here is the process itself.
    if (!this.#hasExited) await new Promise((resolve) => this.#child.once('exit', resolve));
  }

  #output(): string {
    return `--- stdout\n${this.#stdout}\n--- stderr\n${this.#stderr}`;
  }
}

/** Starts a program, with its three streams as pipes. */
export function start(file: string, args: readonly string[], options: StartOptions = {}): Running {
  const child = spawn(file, args, { cwd: options.cwd, env: options.env ?? environment() });
  const title = [file, ...args].join(' ').slice(0, 200);
  if (child.pid !== undefined) return new Running(child, child.pid, title);
  child.on('error', () => undefined); // the same that is thrown here
  throw new Error(`can't start ${title}: is it installed?`);
}

/** Runs a program to its end, with `input` on its standard input; rejects when it takes too long. */
export async function run(
  file: string,
  args: readonly string[],
  options: StartOptions & { input?: string; patience?: number } = {},
): Promise<Result> {
  const running = start(file, args, options);
  running.stdin.end(options.input ?? '');
  return running.exit(options.patience);
}
