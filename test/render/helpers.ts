import { PassThrough } from 'node:stream';
import { createRenderer, type Format, type Schedule, Sink } from '../../src/render';

export interface Shown {
  readonly format?: Format;
  /** Of the terminal; absent into a pipe. */
  readonly columns?: number;
  readonly rows?: number;
  readonly colour?: boolean;
  readonly singleValue?: boolean;
  readonly schedule?: Schedule;
}

/** A clock that a test moves by hand. */
export class ManualClock {
  #actions: (() => void)[] = [];

  readonly schedule: Schedule = (_milliseconds, action) => {
    this.#actions.push(action);
    return () => {
      this.#actions = this.#actions.filter((one) => one !== action);
    };
  };

  get armed(): number {
    return this.#actions.length;
  }

  /** Lets the time of everything that waits be over. */
  strike(): void {
    const actions = this.#actions;
    this.#actions = [];
    for (const action of actions) action();
  }
}

/** A renderer on a stream that keeps what it gets; `text` is what has been written so far. */
export function rendererOf({ format, columns, rows = 24, colour = false, singleValue = false, schedule }: Shown) {
  const stream = new PassThrough({ highWaterMark: 1 << 24 });
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const renderer = createRenderer({
    sink: new Sink(stream, { name: 'standard output' }),
    terminal: columns === undefined ? undefined : { columns, rows },
    colour,
    format,
    singleValue,
    ...(schedule && { schedule }),
  });
  return { renderer, text: () => text };
}

/** Everything that is written for these batches, each [class, objects]. */
export async function shown(options: Shown, ...batches: [className: string, objects: readonly unknown[]][]) {
  const { renderer, text } = rendererOf(options);
  for (const [className, objects] of batches) await renderer.write({ className, objects });
  await renderer.end();
  return text();
}
