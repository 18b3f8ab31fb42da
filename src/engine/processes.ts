/**
 * Runs neighbouring system commands: joined by kernel pipes, redirected by real descriptors. Only the first one's input
 * and the last one's output may pass through us, as lines.
 */
import { once } from 'node:events';
import { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { untilAborted } from '../abort';
import { METADATA } from '../contract';
import { HotwireError } from '../errors';
import type { Batch } from './batch';
import { closeAll, isNamedPipe, openDescriptor } from './files';
import { linesOf, toLines } from './lines';
import { takePipe } from './pipes';
import { ProcessGroup } from './process-group';
import { childEnvironment, findProgram } from './programs';
import { assertText } from './raw-path';

interface Command {
  /** Its index in the pipeline. */
  readonly index: number;
  readonly file: string;
  readonly args: readonly string[];
}

export interface ProcessesOptions {
  /** The commands in a row. */
  readonly commands: readonly Command[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What the first one reads: nothing, a file, or what a stage before it yields. */
  readonly stdin: { readonly file: string } | { readonly batches: AsyncIterable<Batch> } | undefined;
  /** Where the last one writes: to a file, or undefined to yield its lines. */
  readonly stdout: { readonly file: string; readonly append: boolean } | undefined;
  readonly signal: AbortSignal;
  metadata(command: number, key: string, value: unknown): Promise<void>;
}

/** A row of system commands, from start to the end of the last of their processes. */
export class Processes {
  readonly #options: ProcessesOptions;
  readonly #groups: ProcessGroup[] = [];
  /** Our ends of their pipes. */
  readonly #sockets: Socket[] = [];
  #failure: unknown;
  #complete = false;

  constructor(options: ProcessesOptions) {
    this.#options = options;
  }

  /**
   * Starts the commands and yields the last one's lines. Leaving early, a failure or the signal ends all of them.
   * @throws Failed, naming the command or file at fault
   */
  async *output(): AsyncGenerator<Batch> {
    const { signal } = this.#options;
    const onAbort = () => this.#fail(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const { output, tasks } = await this.#start();
      if (output !== undefined) yield* linesOf(output, this.#last.file);
      await Promise.all(tasks);
      if (this.#failure !== undefined) throw this.#failure;
      this.#complete = true;
    } catch (error) {
      throw this.#failure ?? error; // a stop closes what is being read: that is not the reason
    } finally {
      signal.removeEventListener('abort', onAbort);
      await this.stop();
    }
  }

  /** Ends every process, unless all ended by themselves (what they left running on purpose stays). */
  async stop(): Promise<void> {
    if (this.#complete) return;
    try {
      await Promise.all(this.#groups.map((group) => group.stop()));
    } finally {
      // One that left its group, or can't be ended, holds the other ends, perhaps for ever: nobody waits for it.
      for (const socket of this.#sockets) socket.destroy();
    }
  }

  get #last(): Command {
    return this.#options.commands.at(-1) as Command;
  }

  /** Notes why the row ends before its time; its processes' end then ends `output`. */
  #fail(reason: unknown): void {
    this.#failure ??= reason;
    this.stop().catch(() => undefined); // `output` stops them again and meets the error
  }

  async #start(): Promise<{ output: Socket | undefined; tasks: Promise<unknown>[] }> {
    const { signal, stdin } = this.#options;
    const { commands, stdout } = this.#withNamedPipes();
    for (const { file, args } of commands) assertText(file, args);
    const open: number[] = []; // descriptors that are still ours to close
    const own = (descriptor: number) => {
      open.push(descriptor);
      return descriptor;
    };
    const handOver = (descriptor: number) => {
      open.splice(open.indexOf(descriptor), 1);
      return descriptor;
    };
    const pipe = async () => {
      const ends = await takePipe();
      return { read: own(ends.read), write: own(ends.write) };
    };
    const tasks: Promise<unknown>[] = [];
    let feed: Socket | undefined;
    try {
      let input: number | 'ignore' = 'ignore';
      let output: Socket | undefined;
      if (stdin && 'file' in stdin && !isNamedPipe(stdin.file)) input = own(openDescriptor(stdin.file, 'r'));
      if (stdin && 'batches' in stdin) {
        const ends = await pipe();
        input = ends.read;
        feed = this.#socket(handOver(ends.write), 'write');
        tasks.push(this.#feed(stdin.batches, feed));
      }
      for (const command of commands) {
        const isLast = command === commands.at(-1);
        const out =
          isLast && stdout
            ? { write: own(openDescriptor(stdout.file, stdout.append ? 'a' : 'w')), read: 'ignore' as const }
            : await pipe();
        const err = await pipe();
        signal.throwIfAborted();
        const group = await this.#spawn(command, [input, out.write, err.write]);
        this.#groups.push(group);
        const errors = this.#socket(handOver(err.read), 'read');
        tasks.push(this.#report(command.index, group, errors));
        input = out.read;
        if (isLast && out.read !== 'ignore') {
          output = this.#socket(handOver(out.read), 'read');
        }
      }
      signal.throwIfAborted();
      // Once its reader is gone nobody takes what is fed: a feed that waits for its source ends with it.
      void this.#groups[0]?.exited.then(() => feed?.destroy());
      return { output, tasks };
    } catch (error) {
      this.#failure ??= error;
      feed?.destroy();
      await this.stop();
      throw this.#failure;
    } finally {
      // The children have theirs by now. A task that reads from one of them ends only when we hold no other end.
      closeAll(open);
    }
  }

  /** Named pipes are opened by the children: to open one waits for its other end. */
  #withNamedPipes(): Pick<ProcessesOptions, 'commands' | 'stdout'> {
    const { stdin, stdout } = this.#options;
    const commands = [...this.#options.commands];
    const [first] = commands;
    if (first && stdin && 'file' in stdin && isNamedPipe(stdin.file)) {
      commands[0] = redirected({ ...first, file: this.#find(first) }, '<', stdin.file);
    }
    const last = commands.at(-1);
    if (!last || !stdout || !isNamedPipe(stdout.file)) return { commands, stdout };
    const found = { ...last, file: this.#find(last) };
    commands[commands.length - 1] = redirected(found, stdout.append ? '>>' : '>', stdout.file);
    return { commands, stdout: { file: '/dev/null', append: false } };
  }

  #socket(fd: number, use: 'read' | 'write'): Socket {
    const socket = new Socket({ fd, readable: use === 'read', writable: use === 'write' });
    this.#sockets.push(socket);
    return socket;
  }

  async #spawn(command: Command, stdio: ['ignore' | number, number, number]): Promise<ProcessGroup> {
    const { cwd } = this.#options;
    const env = childEnvironment(this.#options.environment);
    return ProcessGroup.start(this.#find(command), command.file, command.args, { cwd, env, stdio });
  }

  #find({ file }: Command): string {
    const found = findProgram(file, this.#options.cwd, childEnvironment(this.#options.environment).PATH ?? '');
    if (found === undefined) throw new HotwireError('Failed', `${file}: no such program`);
    return found;
  }

  /** Writes what a stage before yields, as lines, until it ends or nobody reads any more. */
  async #feed(batches: AsyncIterable<Batch>, socket: Socket): Promise<void> {
    const closed = new AbortController();
    socket.on('error', () => closed.abort()); // a reader that left early is no failure, as in a shell
    socket.once('close', () => closed.abort());
    try {
      for await (const batch of untilAborted(batches, closed.signal)) {
        if (!socket.write(toLines(batch.objects))) await once(socket, 'drain', { signal: closed.signal });
      }
      socket.end();
    } catch (error) {
      if (!closed.signal.aborted) this.#fail(error);
      socket.destroy();
    }
  }

  /** Reports what a command writes to stderr, then how it ended. */
  async #report(index: number, group: ProcessGroup, errors: Socket): Promise<void> {
    try {
      const decoder = new StringDecoder('utf8');
      for await (const chunk of errors) {
        const text = decoder.write(chunk as Buffer);
        if (text !== '') await this.#options.metadata(index, METADATA.stderr, text);
      }
      const rest = decoder.end();
      if (rest !== '') await this.#options.metadata(index, METADATA.stderr, rest);
      await this.#options.metadata(index, METADATA.exit, await group.exited);
    } catch (error) {
      this.#fail(error);
    }
  }
}

/** A command with a redirection that its own shell makes. */
function redirected(command: Command, operator: '<' | '>' | '>>', file: string): Command {
  const script = `file=$1; shift; exec "$@" ${operator}"$file"`;
  return { ...command, file: '/bin/sh', args: ['-c', script, 'sh', file, command.file, ...command.args] };
}
