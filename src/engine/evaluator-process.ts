import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { HotwireError } from '../errors';
import { EVALUATOR_HEAP_MIB } from '../limits';
import { evaluatorProgram } from './evaluator-program';

/** Replies that may wait unread before the child's pipe is left to fill. */
const MAX_WAITING_REPLIES = 2;
/** How much of the child's last words is kept, in characters. */
const LAST_WORDS_UNITS = 2000;
/** How V8 ends a process that runs out of memory; SIGKILL is the kernel's way. */
const OUT_OF_MEMORY: readonly unknown[] = ['SIGABRT', 'SIGTRAP', 'SIGILL', 'SIGKILL'];

/** What answers a request: see evaluator-program.ts. */
export interface Reply {
  /** `P`: a part, more follows. `R`: the end. */
  readonly kind: 'P' | 'R';
  readonly values: unknown[];
}

/**
 * A child process that evaluates expressions. A process and not a thread: V8 ends the whole process when a thread fills
 * its heap (`while (1) a.push({})`), whatever its resource limits say.
 */
export class EvaluatorProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #requests: Duplex;
  readonly #replies: Duplex;
  #waiting: string[] = [];
  #partial = '';
  #wake: (() => void) | undefined;
  #lastWords = '';
  #failure: HotwireError | undefined;

  constructor() {
    // Detached: a Ctrl-C at the terminal must end the pipeline, not this process under it.
    this.#child = spawn(process.execPath, [`--max-old-space-size=${EVALUATOR_HEAP_MIB}`, '-e', evaluatorProgram()], {
      cwd: '/',
      detached: true,
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    });
    if (this.#child.pid === undefined) throw notStarted(this.#child);
    this.#child.on('error', (error) => this.#fail(HotwireError.from(error)));
    this.#requests = this.#child.stdin as Duplex;
    this.#replies = this.#child.stdout as Duplex;
    this.#exited = once(this.#child, 'close').then(([code, signal]) => this.#fail(this.#causeOf(code, signal)));
    this.#exited.catch(() => undefined); // a failed start: reported by the listener above
    this.#requests.on('error', () => undefined); // it has exited, which `close` reports with the reason
    const decoder = new StringDecoder();
    this.#replies.on('data', (chunk: Buffer) => this.#receive(decoder.write(chunk)));
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#lastWords = (this.#lastWords + chunk.toString()).slice(-LAST_WORDS_UNITS);
    });
    this.rest();
  }

  /** Whether it can take no more requests. */
  get ended(): boolean {
    return this.#failure !== undefined;
  }

  /** While it works it keeps our process alive. */
  work(): void {
    this.#child.ref();
    for (const stream of this.#streams()) stream.ref();
  }

  /** While it rests it doesn't. */
  rest(): void {
    this.#child.unref();
    for (const stream of this.#streams()) stream.unref();
  }

  send(kind: string, payload: string): void {
    this.#requests.write(`${kind}${payload}\n`);
  }

  /**
   * The next reply.
   * @throws InvalidArgs (syntax, a result that is no data), PipelineFailed (thrown by the code), LimitExceeded, Failed
   */
  async receive(): Promise<Reply> {
    while (this.#waiting.length === 0) {
      if (this.#failure !== undefined) throw this.#failure;
      this.#replies.resume();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const line = this.#waiting.shift() as string;
    const kind = line[0];
    const payload = parseReply(line.slice(1));
    if ((kind === 'P' || kind === 'R') && Array.isArray(payload)) return { kind, values: payload };
    throw failureOf(payload);
  }

  /** Ends it; resolves when it is gone. What waits for a reply fails with `reason`. */
  async kill(reason: HotwireError): Promise<void> {
    this.#fail(reason);
    this.#child.kill('SIGKILL');
    this.#replies.resume(); // `close` comes after the end of the streams
    await this.#exited.catch(() => undefined);
  }

  #streams(): { ref(): void; unref(): void }[] {
    return this.#child.stdio as unknown as { ref(): void; unref(): void }[];
  }

  #receive(text: string): void {
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      this.#waiting.push(this.#partial + text.slice(start, end));
      this.#partial = '';
      start = end + 1;
    }
    this.#partial += text.slice(start);
    if (this.#waiting.length > MAX_WAITING_REPLIES) this.#replies.pause();
    if (this.#waiting.length > 0) this.#wakeReader();
  }

  #fail(failure: HotwireError): void {
    this.#failure ??= failure;
    this.#wakeReader();
  }

  #wakeReader(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  #causeOf(code: unknown, signal: unknown): HotwireError {
    if (OUT_OF_MEMORY.includes(signal) || /out of memory/.test(this.#lastWords)) {
      const message = `the expression ran out of memory (${EVALUATOR_HEAP_MIB} MiB): let it make less at a time`;
      return new HotwireError('LimitExceeded', message);
    }
    const how = signal === null ? `with status ${code}` : `by ${signal}`;
    const words = this.#lastWords.trim();
    return new HotwireError('Failed', `the process that evaluates ended ${how}${words && `: ${words}`}`);
  }
}

function parseReply(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HotwireError(
      'Failed',
      'the expression changed how JavaScript itself works, and the answer is unreadable',
      {
        cause: error,
      },
    );
  }
}

const KINDS = { syntax: 'InvalidArgs', data: 'InvalidArgs', thrown: 'PipelineFailed', limit: 'LimitExceeded' } as const;

function failureOf(payload: unknown): HotwireError {
  const { kind, message } = (payload ?? {}) as { kind?: keyof typeof KINDS; message?: string };
  return new HotwireError((kind && KINDS[kind]) ?? 'Failed', String(message));
}

/** A process that could not be started has no streams; its reason comes as an event, which nobody waits for. */
function notStarted(child: ChildProcess): HotwireError {
  child.on('error', () => undefined);
  return new HotwireError('Failed', 'Node can not be started to evaluate: too many processes or open files');
}
