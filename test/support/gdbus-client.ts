// A client of Slave1 that is not ours: GDBus from Python, told what to call and telling what came, in order.
import path from 'node:path';
import { METHODS, type MethodName, signatureOf } from '../../src/contract';
import { HotwireError } from '../../src/errors';
import type { Bus } from './bus';
import { type Running, start } from './process';
import { ROOT } from './slave';
import { PATIENCE_MS, within } from './wait';

const PYTHON = '/usr/bin/python3';
const PROGRAM = path.join(ROOT, 'test', 'support', 'python', 'scripted_gio.py');
const TERMINAL: readonly unknown[] = ['complete', 'cancelled', 'exception'];

export interface Event {
  readonly name?: string;
  readonly matched?: string;
  readonly call?: number;
  readonly reply?: unknown[];
  readonly error?: string;
  readonly message?: string;
  readonly signal?: string;
  /** Object that the signal came from. */
  readonly path?: string;
  readonly arguments?: unknown[];
}

/** What to call, where it is not a method of Slave1 with its own signature. */
export interface Call {
  readonly member: string;
  readonly signature?: string;
  /** A tuple in GVariant's text format. */
  readonly arguments?: string;
  readonly path?: string;
  readonly interface?: string;
  readonly times?: number;
}

export class GdbusClient {
  /** Everything that came, in order. */
  readonly events: Event[] = [];
  readonly #running: Running;
  readonly #waiting = new Set<() => void>();
  #rest = '';
  #calls = 0;
  #ended = false;

  private constructor(running: Running) {
    this.#running = running;
    running.onOutput((text) => this.#take(text));
    void running.exited.then(() => {
      this.#ended = true;
      this.#wake();
    });
  }

  static async connect(bus: Pick<Bus, 'address'>): Promise<GdbusClient> {
    const client = new GdbusClient(start(PYTHON, [PROGRAM, bus.address]));
    await client.until('its name', ({ name }) => name !== undefined);
    return client;
  }

  get pid(): number {
    return this.#running.pid;
  }

  get name(): string {
    return this.events[0]?.name as string;
  }

  kill(signal: NodeJS.Signals): void {
    this.#running.kill(signal);
  }

  /** Leaves the bus in good order. */
  async close(): Promise<void> {
    this.#running.stdin.end();
    await this.#running.exit();
  }

  /** Calls a method of Slave1. @throws the error that comes back */
  async call(member: MethodName, ...values: (string | number | string[] | Raw)[]): Promise<unknown[]> {
    const signature = `(${signatureOf(METHODS[member].in)})`;
    return this.send({ member, signature, arguments: tuple(values) });
  }

  /** Calls anything. @throws the error that comes back */
  async send(call: Call): Promise<unknown[]> {
    const [answer] = await this.answers(call);
    if (answer?.error !== undefined) throw HotwireError.fromBus(answer.error, answer.message ?? '');
    return answer?.reply ?? [];
  }

  /** Calls `times` at once. @returns every answer, errors included */
  async answers(call: Call): Promise<Event[]> {
    this.#calls += 1;
    const number = this.#calls;
    this.#command({ call: number, ...call });
    const mine: Event[] = [];
    const isLast = (event: Event) => event.call === number && mine.push(event) === (call.times ?? 1);
    await this.until(`the answers to ${call.member}`, isLast);
    return mine;
  }

  /** Asks the bus for what is not addressed to this client. */
  async match(rule: string): Promise<void> {
    this.#command({ match: rule });
    await this.until(`the rule ${rule}`, ({ matched }) => matched === rule);
  }

  /** Starts a pipeline. @returns its id */
  async run(text: string, options?: string): Promise<number> {
    const [id] =
      options === undefined
        ? await this.call('RunPipeline', text)
        : await this.call('RunPipelineWithOptions', text, new Raw(options));
    return id as number;
  }

  /** Runs it to its end. @returns its id */
  async finish(text: string, options?: string): Promise<number> {
    const id = await this.run(text, options);
    await this.end(id);
    return id;
  }

  /** Waits for a terminal state. @returns it */
  async end(id: number): Promise<string> {
    const isEnd = ({ signal, arguments: [of, state] = [] }: Event) =>
      signal === 'PipelineStateChanged' && of === id && TERMINAL.includes(state);
    await this.until(`the end of pipeline ${id}`, isEnd);
    return this.events.find(isEnd)?.arguments?.[1] as string;
  }

  /** Waits until an event matches, one that has come included. */
  async until(what: string, matches: (event: Event) => boolean): Promise<void> {
    let seen = 0; // each event is looked at once: a stream may be long
    await this.#when(what, () => {
      const found = this.events.slice(seen).some(matches);
      seen = this.events.length;
      return found;
    });
  }

  /** Waits for the first objects of a pipeline. */
  async output(id: number): Promise<void> {
    const isOutput = ({ signal, arguments: [of] = [] }: Event) => signal === 'PipelineObjects' && of === id;
    await this.until(`output of pipeline ${id}`, isOutput);
  }

  /** The signals of one pipeline: member, and arguments without the id. */
  of(id: number): [member: string, ...values: unknown[]][] {
    return this.events
      .filter(({ signal, arguments: [of] = [] }) => signal?.startsWith('Pipeline') && of === id)
      .map(({ signal, arguments: [, ...values] = [] }) => [signal as string, ...values]);
  }

  /** All objects of one pipeline, parsed. */
  objects(id: number): unknown[] {
    return this.of(id)
      .filter(([member]) => member === 'PipelineObjects')
      .flatMap(([, , texts]) => (texts as string[]).map((text) => JSON.parse(text) as unknown));
  }

  #command(command: object): void {
    this.#running.stdin.write(`${JSON.stringify(command)}\n`);
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.events.push(JSON.parse(line) as Event);
    this.#wake();
  }

  #wake(): void {
    for (const look of this.#waiting) look();
  }

  async #when(what: string, met: () => boolean): Promise<void> {
    let look = () => {};
    const waiting = new Promise<void>((resolve, reject) => {
      look = () => {
        if (met()) resolve();
        else if (this.#ended) reject(new Error(`${what}: the client ended\n${this.#running.stderr}`));
      };
      this.#waiting.add(look);
      look();
    });
    try {
      await within(waiting, what, 2 * PATIENCE_MS, () => this.#running.stderr);
    } finally {
      this.#waiting.delete(look);
    }
  }
}

/** A value in GVariant's text format, e.g. `{'window': <uint32 1>}`. */
export class Raw {
  constructor(readonly text: string) {}
}

function tuple(values: readonly (string | number | string[] | Raw)[]): string {
  // JSON's strings, numbers and arrays of them are GVariant's too.
  const texts = values.map((value) => (value instanceof Raw ? value.text : JSON.stringify(value)));
  return `(${texts.join(', ')}${texts.length === 1 ? ',' : ''})`;
}
