import { orAborted } from '../abort';
import type { PipelineState } from '../contract';
import { METADATA } from '../contract';
import { HotwireError } from '../errors';
import { format, leavesNothing, type Plan } from '../language';
import { assemble, StageFailure } from './assemble';
import type { Batch } from './batch';
import type { Running } from './builtin';
import { type Context, mergeEnvironment } from './context';
import { FilesInUse } from './files-in-use';
import { InputQueue } from './input';
import type { Registry } from './registry';
import { isFinished, nextState, type PipelineEvent } from './states';
import { StatusLine } from './status';
import { UndoSteps } from './undo-steps';

/** Where a pipeline's events go, in the order in which they happen. */
export interface PipelineSink {
  state(state: PipelineState): void;
  /** The next batch of output; the pipeline goes on once this resolves, and fails when it rejects. */
  objects(batch: Batch): Promise<void>;
  metadata(command: number, key: string, value: unknown): Promise<void>;
  /** Comes just before the state `exception`. */
  exception(error: HotwireError, traceback: string): void;
  /** It was ended from outside (a cancel, a time limit, a failure to deliver): output that waits is not wanted any more. */
  aborted(): void;
}

export interface PipelineOptions {
  /** Absolute directory to run in, instead of the context's. */
  readonly cwd?: string;
  /** Changes to the context's environment; an empty value removes. */
  readonly env?: Readonly<Record<string, string>>;
  /** Objects will be fed: see `input`. */
  readonly input?: boolean;
  /** Seconds after which it fails with TimedOut. */
  readonly timeout?: number;
}

const CANCELLED = new HotwireError('Cancelled', 'the pipeline was cancelled');
const FINISHED = new HotwireError('InvalidState', 'the pipeline has finished');

/** One run of a plan in a context. */
export class Pipeline {
  readonly plan: Plan;
  /** What is fed to it, when it was started with the option `input`. */
  readonly input: InputQueue | undefined;
  /** Why it is in the state `exception`. */
  error: HotwireError | undefined;
  /** Seconds since the epoch; undefined before. */
  started: number | undefined;
  completed: number | undefined;
  #state: PipelineState = 'waiting';
  readonly #context: Context;
  readonly #registry: Registry;
  readonly #options: PipelineOptions;
  readonly #abort = new AbortController();
  readonly #running: Running[] = [];
  readonly #statusLines = new Map<number, StatusLine>();
  readonly #undoSteps = new UndoSteps();
  #run: Promise<PipelineState> | undefined;
  #undoing = false;

  constructor(plan: Plan, context: Context, registry: Registry, options: PipelineOptions = {}) {
    this.plan = plan;
    this.#context = context;
    this.#registry = registry;
    this.#options = options;
    this.input = options.input ? new InputQueue() : undefined;
  }

  get state(): PipelineState {
    return this.#state;
  }

  /**
   * Runs it to its end; never rejects: a failure is the state `exception`.
   * @returns the terminal state
   */
  run(sink: PipelineSink): Promise<PipelineState> {
    if (this.#state === 'cancelled') {
      sink.state(this.#state);
      return Promise.resolve(this.#state);
    }
    this.#move('execute');
    this.#abort.signal.addEventListener('abort', () => {
      if (this.#abort.signal.reason !== FINISHED) sink.aborted();
    });
    this.#run = this.#execute(sink);
    return this.#run;
  }

  /** Cancels it; resolves once it has ended and its last process is gone. Nothing happens when it already had. */
  async cancel(): Promise<void> {
    if (this.#state === 'waiting') this.#finish('cancel');
    if (isFinished(this.#state)) return;
    this.#abort.abort(CANCELLED);
    await this.#run;
  }

  /** Ends it as failed, for a reason from outside. */
  fail(error: HotwireError): void {
    this.#abort.abort(error);
  }

  /**
   * Takes back what it did, last step first; of one that was cancelled or failed the part that it did.
   * @throws InvalidState when it can't be undone; Failed when steps fail: its state is then the same as before
   */
  async undo(): Promise<void> {
    if (!this.plan.undoable) throw new HotwireError('InvalidState', whyNotUndoable(this.plan));
    const undone = nextState(this.#state, 'undo');
    if (this.#undoing) throw new HotwireError('InvalidState', 'the pipeline is being undone already');
    this.#undoing = true;
    try {
      await this.#undoSteps.run();
      this.#state = undone;
    } finally {
      this.#undoing = false;
    }
  }

  async #execute(sink: PipelineSink): Promise<PipelineState> {
    this.started = Date.now() / 1000;
    sink.state(this.#state);
    const timer = this.#startTimer();
    let failure: unknown;
    try {
      for await (const batch of this.#assemble(sink)) {
        this.#abort.signal.throwIfAborted(); // a row of processes yields what it has read until the last has ended
        await orAborted(sink.objects(batch), this.#abort.signal);
      }
    } catch (error) {
      failure = this.#abort.signal.aborted ? this.#abort.signal.reason : error;
    }
    clearTimeout(timer);
    const ending = await this.#endStages(failure === undefined);
    failure ??= ending;
    if (failure === undefined) this.#finish('finish');
    else if (failure === CANCELLED) this.#finish('cancel');
    else this.#fail(failure, sink);
    sink.state(this.#state);
    return this.#state;
  }

  #assemble(sink: PipelineSink): AsyncIterable<Batch> {
    const { cwd, env } = this.#options;
    const context = this.#context;
    return assemble(this.plan, {
      context,
      registry: this.#registry,
      cwd: cwd ?? context.cwd,
      home: context.home,
      environment: env ? mergeEnvironment(context.environment, env) : context.environment,
      input: this.input,
      signal: this.#abort.signal,
      inUse: new FilesInUse(),
      metadata: async (command, key, value) => {
        // Once it is to end, nothing may be queued before its last state: a client that reads no more would never see it.
        this.#abort.signal.throwIfAborted();
        await orAborted(sink.metadata(command, key, value), this.#abort.signal);
      },
      status: (command, text, percent) => this.#statusLine(command, sink).update(text, percent),
      undo: (step) => this.#undoSteps.add(step),
      started: (running) => this.#running.push(running),
    });
  }

  #statusLine(command: number, sink: PipelineSink): StatusLine {
    const known = this.#statusLines.get(command);
    if (known !== undefined) return known;
    const line = new StatusLine(async (status) => {
      if (this.#abort.signal.aborted) return;
      // A status that can't be delivered is no failure: the pipeline's own events will meet the same trouble.
      await sink.metadata(command, METADATA.status, status).catch(() => undefined);
    });
    this.#statusLines.set(command, line);
    return line;
  }

  /** Ends what still runs though the output has ended, and waits for processes. @returns what went wrong with that */
  async #endStages(complete: boolean): Promise<unknown> {
    for (const line of this.#statusLines.values()) complete ? line.end() : line.drop();
    this.#abort.abort(FINISHED);
    this.input?.abandon();
    try {
      await Promise.all(this.#running.map((running) => running.stop()));
      return undefined;
    } catch (error) {
      return error;
    }
  }

  #startTimer(): NodeJS.Timeout | undefined {
    const { timeout } = this.#options;
    if (timeout === undefined) return undefined;
    const error = new HotwireError('TimedOut', `the pipeline did not end within ${timeout} s`);
    return setTimeout(() => this.#abort.abort(error), timeout * 1000);
  }

  #fail(failure: unknown, sink: PipelineSink): void {
    const { error: thrown, command } =
      failure instanceof StageFailure ? failure : { error: failure, command: undefined };
    const error = HotwireError.from(thrown);
    this.error = error;
    this.#finish('fail');
    sink.exception(error, traceback(error, this.plan, command));
  }

  #finish(event: PipelineEvent): void {
    this.completed = Date.now() / 1000;
    this.#move(event);
  }

  #move(event: PipelineEvent): void {
    this.#state = nextState(this.#state, event);
  }
}

/** Which command of a plan stands in the way of undo. */
function whyNotUndoable(plan: Plan): string {
  const culprit = plan.stages.find((stage) => !leavesNothing(stage));
  if (culprit) return `${format({ stages: [culprit] })}: can't be undone`;
  const writer = plan.stages.find(({ output }) => output !== undefined);
  if (writer) return `${format({ stages: [writer] })}: what it wrote with > can't be undone: use write, which can`;
  return `${format(plan)}: there is nothing to undo, it changes nothing`;
}

/** First the message, then the command it happened in, then the stack (DESIGN, section 4, PipelineException). */
function traceback(error: HotwireError, plan: Plan, command: number | undefined): string {
  const place = command === undefined ? '' : `in command ${command}: ${plan.stages[command]?.command.name ?? ''}\n`;
  const origin = error.cause instanceof Error ? error.cause : error;
  return `${error.message}\n${place}${origin.stack ?? ''}`;
}
