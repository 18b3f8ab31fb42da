import { HotwireError } from '../errors';
import { EVALUATOR_IDLE_MS } from '../limits';
import { settings } from '../settings';
import { EvaluatorProcess } from './evaluator-process';
import { Turns } from './turns';

/**
 * Evaluates the user's JavaScript where it can be ended at any time. One per context. It keeps at most one process warm
 * between uses; each use has a global scope of its own. Only so many pipelines evaluate at once.
 */
export class Evaluator {
  readonly #turns = new Turns(settings.maxEvaluatingPerOwner);
  readonly #shared: Turns | undefined;
  readonly #processes = new Set<EvaluatorProcess>();
  #idle: EvaluatorProcess | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param shared turns that all contexts of a user take */
  constructor(shared?: Turns) {
    this.#shared = shared;
  }

  /**
   * The value of an expression that sees `values` by their names.
   * @throws InvalidArgs, PipelineFailed, LimitExceeded: see Session; Cancelled when aborted
   */
  async evaluate(expression: string, values: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<unknown> {
    const session = await this.#session(signal);
    try {
      return await session.evaluate(expression, values);
    } finally {
      await session.close();
    }
  }

  /**
   * Compiles an expression on `it`, to apply it to many objects. The session must be closed.
   * @throws InvalidArgs for a syntax error, with the place
   */
  async open(expression: string, signal: AbortSignal): Promise<Session> {
    const session = await this.#session(signal);
    try {
      await session.compile(expression);
    } catch (error) {
      await session.close();
      throw error;
    }
    return session;
  }

  /** Ends every process; resolves when they are gone. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idleTimer);
    const reason = new HotwireError('Cancelled', 'the owner of the expression has left');
    await Promise.all([...this.#processes].map((child) => child.kill(reason)));
    this.#processes.clear();
  }

  /** A session, when it is the pipeline's turn. */
  async #session(signal: AbortSignal): Promise<Session> {
    await this.#takeTurn(signal);
    try {
      return new Session(this.#take(), signal, (child, usable) => {
        this.#leaveTurn(signal);
        return this.#giveBack(child, usable);
      });
    } catch (error) {
      this.#leaveTurn(signal);
      throw error;
    }
  }

  /** Its own turn first: whoever has a shared one waits for nothing more, so that no two wait for each other. */
  async #takeTurn(signal: AbortSignal): Promise<void> {
    await this.#turns.take(signal);
    try {
      await this.#shared?.take(signal);
    } catch (error) {
      this.#turns.leave(signal);
      throw error;
    }
  }

  #leaveTurn(signal: AbortSignal): void {
    this.#shared?.leave(signal);
    this.#turns.leave(signal);
  }

  #take(): EvaluatorProcess {
    if (this.#closed) throw new HotwireError('Cancelled', 'the owner of the expression has left');
    clearTimeout(this.#idleTimer);
    const idle = this.#idle;
    this.#idle = undefined;
    if (idle !== undefined && !idle.ended) return idle;
    if (idle !== undefined) this.#processes.delete(idle);
    const started = new EvaluatorProcess();
    this.#processes.add(started);
    return started;
  }

  async #giveBack(child: EvaluatorProcess, usable: boolean): Promise<void> {
    if (usable && !child.ended && !this.#closed && this.#idle === undefined) {
      this.#idle = child;
      child.rest();
      this.#idleTimer = setTimeout(() => void this.#endIdle(), EVALUATOR_IDLE_MS).unref();
      return;
    }
    await this.#end(child);
  }

  async #endIdle(): Promise<void> {
    const idle = this.#idle;
    this.#idle = undefined;
    if (idle !== undefined) await this.#end(idle);
  }

  async #end(child: EvaluatorProcess): Promise<void> {
    await child.kill(new HotwireError('Cancelled', 'cancelled'));
    this.#processes.delete(child);
  }
}

/** One use of a process. Its errors: InvalidArgs (syntax, no JSON data), PipelineFailed (thrown), LimitExceeded, Cancelled. */
export class Session {
  readonly #child: EvaluatorProcess;
  readonly #signal: AbortSignal;
  readonly #giveBack: (child: EvaluatorProcess, usable: boolean) => Promise<void>;
  readonly #onAbort = () => void this.#child.kill(new HotwireError('Cancelled', 'cancelled'));
  /** A request has no last reply yet: the process can't be used for anything else. */
  #busy = false;
  /** The child ends the session by itself after `evaluate`. */
  #compiled = false;

  /** @param giveBack called once, by `close` */
  constructor(
    child: EvaluatorProcess,
    signal: AbortSignal,
    giveBack: (child: EvaluatorProcess, usable: boolean) => Promise<void>,
  ) {
    this.#child = child;
    this.#signal = signal;
    this.#giveBack = giveBack;
    child.work();
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  async evaluate(expression: string, values: Readonly<Record<string, unknown>>): Promise<unknown> {
    for await (const [value] of this.#request('V', [expression, values])) return value;
    return null;
  }

  async compile(expression: string): Promise<void> {
    this.#compiled = true;
    for await (const _ of this.#request('O', [expression]));
  }

  /** The expression's value for each object, in order, in parts as they come. Values before a failure still come. */
  map(objects: readonly unknown[]): AsyncGenerator<unknown[]> {
    return this.#request('M', objects);
  }

  /** Those objects for which the expression is true. */
  async filter(objects: readonly unknown[]): Promise<unknown[]> {
    const kept: unknown[] = [];
    for await (const indices of this.#request('F', objects)) {
      for (const index of indices) kept.push(objects[index as number]);
    }
    return kept;
  }

  /** Frees the process, or ends it when it is still at work. */
  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#onAbort);
    if (!this.#busy && this.#compiled) this.#child.send('C', '');
    await this.#giveBack(this.#child, !this.#busy);
  }

  async *#request(kind: string, payload: readonly unknown[]): AsyncGenerator<unknown[]> {
    this.#busy = true;
    this.#child.send(kind, JSON.stringify(payload));
    for (;;) {
      const reply = await this.#receive();
      if (reply.kind === 'R') this.#busy = false;
      if (reply.values.length > 0) yield reply.values;
      if (reply.kind === 'R') return;
    }
  }

  async #receive() {
    try {
      return await this.#child.receive();
    } catch (error) {
      // An error is a last reply too, unless it is no answer at all: then nobody knows what the process is at.
      this.#busy = error instanceof HotwireError && error.kind === 'Failed';
      throw error;
    }
  }
}
