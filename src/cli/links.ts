// What a pipeline asks of its display (`hotwire.link`): a file in its program, an editor, a pager, a program on the
// terminal. It is done once the pipeline has ended, and only for a slave of this machine and this user: whoever runs
// another must not start programs here. What is not done is told, with how to do it by hand.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Domain } from '../client/api';
import { EXIT } from '../errors';
import { type Link, readLink } from '../link';
import { cut, visible } from '../render';
import { shellStatus } from './outcome';
import type { Surroundings } from './surroundings';

/** More are counted and not done: nobody asks for so many windows. */
const MAX_LINKS = 16;
/** Columns of a command that are shown. */
const MAX_SHOWN = 500;
/** Exit status of a shell for a program that can't be found. */
const NOT_FOUND = 127;

/** A program to run on this terminal. */
interface Task {
  readonly words: readonly [program: string, ...args: string[]];
  readonly cwd: string;
}

/** A slave that is not of this machine and user. */
interface Elsewhere {
  readonly whose: string;
  readonly address: string;
}

export class Links {
  readonly #surroundings: Surroundings;
  readonly #complain: (message: string) => void;
  readonly #links: Link[] = [];
  #tasks: Task[] = [];
  #ignored = 0;
  #refused = false;

  /** @param complain shows a line to the person */
  constructor(surroundings: Surroundings, complain: (message: string) => void) {
    this.#surroundings = surroundings;
    this.#complain = complain;
  }

  /** A value of `hotwire.link`, as it came. */
  note(value: unknown): void {
    const link = readLink(value);
    if (link !== undefined && this.#links.length < MAX_LINKS) this.#links.push(link);
    else this.#ignored++;
  }

  /**
   * Decides what will be done, while the domain can still be asked whose it is, and tells of the rest.
   * @param trusted whether the slave was found where only this user can put one, not at an address that was given
   * @param stdinIsFree nobody has read from standard input
   */
  async settle(
    domain: Pick<Domain, 'context' | 'address'>,
    { trusted, stdinIsFree }: { trusted: boolean; stdinIsFree: boolean },
  ): Promise<void> {
    if (this.#ignored > 0) {
      const many = this.#links.length === MAX_LINKS ? ` (the first ${MAX_LINKS} count)` : '';
      this.#complain(`${this.#ignored} things that the pipeline asks for are ignored${many}: they are not known here`);
    }
    if (this.#links.every(({ action }) => action === 'exit')) return; // it has ended anyway
    const context = await domain.context();
    const near = trusted && isOurs(context);
    const place = near ? undefined : { whose: whose(context), address: domain.address };
    for (const link of this.#links) this.#settle(link, place, stdinIsFree);
  }

  /**
   * Does what was decided.
   * @returns the exit status of the first program that failed, else `status`, else a failure where something was not done
   */
  async follow(status: number): Promise<number> {
    let result = status === EXIT.ok && this.#refused ? EXIT.failed : status;
    for (const task of this.#tasks) {
      const ended = await this.#run(task);
      if (result === EXIT.ok) result = ended;
    }
    return result;
  }

  #settle(link: Link, elsewhere: Elsewhere | undefined, stdinIsFree: boolean): void {
    if (link.action === 'exit') return;
    if (link.action === 'selection') {
      this.#complain(
        'the pipeline asks for what is selected in a window, and hotwire run has none: use current instead',
      );
      return;
    }
    // What this user likes to edit with here may not be there.
    const tasks = tasksOf(link, elsewhere === undefined ? this.#surroundings.environment : {});
    const wish = link.action === 'terminal' ? 'run a program on a terminal' : `${link.action} files`;
    for (const task of tasks) {
      const shown = shellLine(task.words);
      if (elsewhere !== undefined) {
        this.#refuse(`${elsewhere.whose} asks to ${wish}, which is not done from here: ${thereRun(elsewhere, task)}`);
      } else if (link.action !== 'open' && !(stdinIsFree && this.#hasTerminal())) {
        this.#refuse(`the pipeline asks to ${wish}, and this is no terminal: on one, run: ${shown}`);
      } else this.#tasks.push(task);
    }
  }

  #refuse(message: string): void {
    this.#refused = true;
    this.#complain(message);
  }

  #hasTerminal(): boolean {
    const { stdinIsTerminal, stdout, stderr } = this.#surroundings;
    return stdinIsTerminal && stdout.isTTY === true && stderr.isTTY === true;
  }

  /** Never rejects. */
  #run({ words: [program, ...args], cwd }: Task): Promise<number> {
    const { environment, signals } = this.#surroundings;
    let child: ChildProcess | undefined;
    // The terminal sends these to the program, too: it decides what they mean, as below a shell. Before it starts: it may be
    // quicker to run than we are to go on, and whoever sees it may press Ctrl-C at once.
    const stay = () => undefined;
    const listeners = [
      ...(['SIGINT', 'SIGQUIT'] as const).map((signal) => [signal, stay] as const),
      ...(['SIGTERM', 'SIGHUP'] as const).map((signal) => [signal, () => void child?.kill(signal)] as const),
    ];
    for (const [signal, listener] of listeners) signals.on(signal, listener);
    const started = spawn(program, args, { cwd, env: environment, stdio: 'inherit' });
    child = started;
    return new Promise<number>((resolve) => {
      started.once('exit', (code, signal) => resolve(shellStatus({ code, signal })));
      started.once('error', (error: NodeJS.ErrnoException) => {
        this.#complain(unstartable(program, cwd, error, shellLine([program, ...args])));
        resolve(error.code === 'ENOENT' ? NOT_FOUND : EXIT.failed);
      });
    }).finally(() => {
      for (const [signal, listener] of listeners) signals.off(signal, listener);
    });
  }
}

/**
 * Whether a slave is of this machine and user, as far as can be known: it names both, and the process that it says it is
 * runs here, as this user. One elsewhere that lies would have to guess the number of that process.
 */
function isOurs({ host, uid, pid }: Readonly<Record<string, unknown>>): boolean {
  const own = process.getuid?.();
  if (own === undefined || host !== hostname() || uid !== own || typeof pid !== 'number') return false;
  try {
    const directory = `/proc/${pid}`;
    return statSync(directory).uid === own && /hotwire-slave/.test(readFileSync(`${directory}/cmdline`, 'utf8'));
  } catch {
    return false; // no such process here
  }
}

/** How a person does there what was asked for: by ssh, where that is the whole way. */
function thereRun({ address }: Elsewhere, { words }: Task): string {
  const host = /^ssh:([^/:%[]+)$/.exec(address)?.[1];
  const line = shellLine(words);
  return host === undefined ? `there, run: ${line}` : `run: ${shellLine(['ssh', '-t', '--', host, line])}`;
}

function whose({ host, user }: Readonly<Record<string, unknown>>): string {
  return safe(`${user} on ${host}`);
}

function tasksOf(link: Extract<Link, { cwd: string }>, environment: NodeJS.ProcessEnv): Task[] {
  const { action, cwd } = link;
  switch (action) {
    case 'open': // xdg-open takes one
      return link.paths.map((file) => ({ words: ['xdg-open', file], cwd }));
    case 'edit':
      return [{ words: [...program(environment.VISUAL || environment.EDITOR, 'vi'), ...link.paths], cwd }];
    case 'view':
      return [{ words: [...program(environment.PAGER, 'less'), ...link.paths], cwd }];
    case 'terminal': {
      const [first = '', ...rest] = link.command;
      return [{ words: [first, ...rest], cwd }];
    }
  }
}

/** The words of a variable that names a program, such as `emacs -nw`. */
function program(variable: string | undefined, otherwise: string): [string, ...string[]] {
  const [first, ...rest] = (variable ?? '').split(/\s+/).filter((word) => word !== '');
  return first === undefined ? [otherwise] : [first, ...rest];
}

function unstartable(name: string, cwd: string, error: NodeJS.ErrnoException, line: string): string {
  if (error.code !== 'ENOENT') return `${safe(name)} can't be started: ${error.code}`;
  if (!existsSync(cwd)) return `${safe(name)} can't be started: there is no directory ${safe(cwd)} (any more)`;
  const advice =
    name === 'xdg-open' ? 'install it (in xdg-utils), or open the file yourself' : 'is it installed, and on your PATH?';
  return `${safe(name)}: no such program: ${advice}: ${line}`;
}

/** A command as a shell takes it, on one line. */
function shellLine(words: readonly string[]): string {
  return safe(
    words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' '),
  );
}

/** What came from elsewhere, for a terminal: control characters as symbols, and not without end. */
function safe(text: string): string {
  return cut(visible(text), MAX_SHOWN);
}
