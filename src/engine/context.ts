import { EventEmitter } from 'node:events';
import { realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { HotwireError } from '../errors';
import { settings } from '../settings';
import type { Batch } from './batch';
import { Evaluator } from './evaluator';
import type { FarDomains } from './far-domains';
import { absolutePath, argumentOf, assertText, toRaw } from './raw-path';
import type { Turns } from './turns';

/** What a pipeline starts from. One per client connection and domain; two contexts share nothing. */
export class Context extends EventEmitter<{
  changed: [changes: { cwd?: string }];
  /** Another output is the current one; undefined when it was too large to keep. */
  current: [batches: Iterable<Batch> | undefined];
}> {
  #cwd: string;
  #environment: Record<string, string>;
  readonly #evaluating: Turns | undefined;
  /** Other domains; undefined where there is no slave to lead there. */
  domains: FarDomains | undefined;
  /** Where this owner's JavaScript expressions run. */
  readonly evaluator: Evaluator;
  #current: Iterable<Batch> | undefined;
  #whyNoCurrent = 'no pipeline has yielded any output yet';

  /** @param options.evaluating turns that all contexts of a user take to evaluate JavaScript */
  constructor(options: { cwd?: string; environment?: NodeJS.ProcessEnv; evaluating?: Turns } = {}) {
    super();
    this.#evaluating = options.evaluating;
    this.evaluator = new Evaluator(options.evaluating);
    this.#cwd = options.cwd ?? process.cwd();
    const own = options.environment ?? process.env;
    this.#environment = Object.fromEntries(
      Object.entries(own).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
  }

  /** Another that begins as this one is now, for a pipeline that outlives it. */
  copy(): Context {
    const evaluating = this.#evaluating;
    const copy = new Context({ cwd: this.#cwd, environment: this.#environment, ...(evaluating && { evaluating }) });
    copy.domains = this.domains;
    copy.#current = this.#current;
    copy.#whyNoCurrent = this.#whyNoCurrent;
    return copy;
  }

  get cwd(): string {
    return this.#cwd;
  }

  get environment(): Readonly<Record<string, string>> {
    return this.#environment;
  }

  get home(): string {
    return homeOf(this.#environment);
  }

  /**
   * The output of the newest pipeline that yielded any.
   * @throws InvalidState when there is none, or when it was too large to keep
   */
  get current(): Iterable<Batch> {
    if (this.#current === undefined)
      throw new HotwireError('InvalidState', `nothing is current: ${this.#whyNoCurrent}`);
    return this.#current;
  }

  /** Makes an output the current one; undefined when there was one that is too large to keep. */
  setCurrent(batches: Iterable<Batch> | undefined): void {
    this.#current = batches;
    this.#whyNoCurrent = `the newest output was not kept: with what else ran it was over ${settings.keptOutputBytes} bytes`;
    this.emit('current', batches);
  }

  /**
   * Changes the working directory and says so. `directory` may be relative and may start with `~`.
   * @returns the new directory, absolute and without links
   * @throws InvalidArgs when it is no directory or may not be entered
   */
  async changeDirectory(directory: string): Promise<string> {
    const absolute = await this.directory(directory);
    this.#cwd = absolute;
    this.emit('changed', { cwd: absolute });
    return absolute;
  }

  /**
   * A directory to run in, absolute and without links: as programs see it, so that `..` is above it for us, too.
   * @throws InvalidArgs when it is no directory or may not be entered
   */
  async directory(name: string): Promise<string> {
    assertText('cd', [name]); // no program could be started there
    const refuse = (error: NodeJS.ErrnoException) => {
      throw new HotwireError('InvalidArgs', `${name}: ${describe(error)}`, { cause: error });
    };
    const real = argumentOf(toRaw(await realpath(this.resolve(name), 'buffer').catch(refuse)));
    assertText('cd', [real]);
    if (!(await stat(real).catch(refuse)).isDirectory()) {
      throw new HotwireError('InvalidArgs', `${name}: not a directory`);
    }
    return real;
  }

  /** Merges changes into the environment; an empty value removes the variable. */
  setEnvironment(changes: Readonly<Record<string, string>>): void {
    this.#environment = mergeEnvironment(this.#environment, changes);
  }

  /** The owner has left. */
  async close(): Promise<void> {
    this.removeAllListeners();
    await this.evaluator.close();
  }

  /** `file` as an absolute path, with a leading `~` as the home directory. @throws InvalidArgs for an empty one */
  resolve(file: string): string {
    return absolutePath(this.#cwd, expandTilde(file, this.home));
  }
}

/** The home directory that an environment names, else the user's own; the root for one who has none. */
export function homeOf(environment: NodeJS.ProcessEnv): string {
  if (environment.HOME) return environment.HOME;
  try {
    return homedir();
  } catch {
    return '/'; // a number without an entry in the user database, as in a container
  }
}

/** `~` and `~/…` with the home directory in its place; other texts as they are. */
export function expandTilde(file: string, home: string): string {
  return file === '~' || file.startsWith('~/') ? home + file.slice(1) : file;
}

/**
 * `base` with `changes` merged in; an empty value removes.
 * @throws InvalidArgs for a name that no environment can hold
 */
export function mergeEnvironment(
  base: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string>>,
): Record<string, string> {
  const merged = { ...base };
  for (const [name, value] of Object.entries(changes)) {
    if (name === '' || /[=\0]/.test(name)) {
      throw new HotwireError('InvalidArgs', `'${name}' can't be the name of an environment variable`);
    }
    if (value.includes('\0')) throw new HotwireError('InvalidArgs', `the value of ${name} holds a NUL`);
    if (value === '') delete merged[name];
    else merged[name] = value;
  }
  return merged;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ENOTDIR: 'not a directory',
  EISDIR: 'is a directory',
  EEXIST: 'already exists',
  ELOOP: 'too many levels of symbolic links',
  ENAMETOOLONG: 'name too long',
  ENOSPC: 'no space left on the device',
  EROFS: 'read-only file system',
};

/** What went wrong with a file, in words, without the name of the system call. */
export function describe(error: NodeJS.ErrnoException): string {
  return REASONS[error.code ?? ''] ?? error.message;
}
