import type { PipelineState } from '../../src/contract';
import type { Batch, Builtin, PipelineOptions, PipelineSink, Stage } from '../../src/engine';
import { Context, prepare, Registry } from '../../src/engine';

/** A builtin of a few lines for tests of the engine: takes anything, yields anything, unless said otherwise. */
export function builtin(
  name: string,
  run: (stage: Stage) => AsyncIterable<Batch>,
  more: Partial<Builtin> = {},
): Builtin {
  return {
    name,
    summary: name,
    arguments: [{ name: 'argument', kind: 'string', optional: true, repeated: true }],
    input: { type: 'any', optional: true },
    output: 'any',
    examples: [],
    ...more,
    run,
  } as Builtin;
}

export const sys: Builtin = {
  name: 'sys',
  summary: 'runs a program',
  passthrough: true,
  arguments: [
    { name: 'program', kind: 'program' },
    { name: 'argument', kind: 'path', optional: true, repeated: true },
  ],
  input: { type: 'string', optional: true },
  output: 'string',
  examples: [],
  process: ({ args }) => ({ file: args[0] ?? '', args: args.slice(1) }),
};

/** Counts up from 0 for ever, ten numbers a batch, a turn of the event loop between; `onEnd` when it is stopped. */
export function counter(onEnd: () => void = () => undefined): Builtin {
  return builtin('counter', async function* () {
    try {
      for (let next = 0; ; next += 10) {
        await new Promise(setImmediate);
        yield { className: 'number', objects: Array.from({ length: 10 }, (_, index) => next + index) };
      }
    } finally {
      onEnd();
    }
  });
}

/** Passes on the first batches only. */
export const first = builtin('first', async function* ({ args, input }) {
  let left = Number(args[0]);
  if (left === 0) return;
  for await (const batch of input) {
    yield batch;
    left -= 1;
    if (left === 0) return;
  }
});

export type Event = [kind: string, ...values: unknown[]];

/** Everything that a pipeline reported, in order. */
export class Recorder implements PipelineSink {
  readonly events: Event[] = [];
  readonly #waiting: { matches: (event: Event) => boolean; resolve: (event: Event) => void }[] = [];
  /** Held batches: set to a promise to pause the pipeline. */
  gate: Promise<void> = Promise.resolve();

  state(state: PipelineState): void {
    this.#add(['state', state]);
  }

  async objects(batch: Batch): Promise<void> {
    this.#add(['objects', batch.className, batch.objects]);
    await this.gate;
  }

  async metadata(command: number, key: string, value: unknown): Promise<void> {
    this.#add(['metadata', command, key, value]);
  }

  aborted(): void {
    this.#add(['aborted']);
  }

  exception(error: Error, traceback: string): void {
    this.#add(['exception', error, traceback]);
  }

  /** Resolves with the first event that matches, past or to come. */
  event(matches: (event: Event) => boolean): Promise<Event> {
    const past = this.events.find(matches);
    if (past) return Promise.resolve(past);
    return new Promise((resolve) => this.#waiting.push({ matches, resolve }));
  }

  get values(): unknown[] {
    return this.events.filter(([kind]) => kind === 'objects').flatMap((event) => event[2] as unknown[]);
  }

  get states(): unknown[] {
    return this.events.filter(([kind]) => kind === 'state').map((event) => event[1]);
  }

  metadataOf(key: string): unknown[] {
    return this.events.filter((event) => event[0] === 'metadata' && event[2] === key).map((event) => event[3]);
  }

  #add(event: Event): void {
    this.events.push(event);
    for (const waiting of this.#waiting) if (waiting.matches(event)) waiting.resolve(event);
  }
}

/** A pipeline in a fresh context, and what it reports. */
export function start(text: string, builtins: Builtin[] = [], options: PipelineOptions = {}, context = new Context()) {
  const pipeline = prepare(text, context, new Registry([sys, first, ...builtins]), options);
  const recorder = new Recorder();
  return { pipeline, recorder, context, ended: pipeline.run(recorder) };
}

/** A promise that `open` resolves. */
export function gateway(): { gate: Promise<void>; open: () => void } {
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { gate, open: () => open() };
}
