import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Surroundings, Terminalish } from '../../src/cli/surroundings';
import { HotwireError } from '../../src/errors';
import type { Schedule } from '../../src/render';

/** A stream that keeps what it gets. */
export class Captured extends PassThrough implements Terminalish {
  text = '';
  readonly isTTY: boolean;
  readonly columns: number;

  constructor(terminal: { columns: number } | undefined) {
    super();
    this.isTTY = terminal !== undefined;
    this.columns = terminal?.columns ?? 0;
    this.setEncoding('utf8').on('data', (chunk: string) => {
      this.text += chunk;
    });
  }
}

/** Surroundings in memory, without a slave to connect to. */
export function surroundingsOf(options: { terminal?: { columns: number }; environment?: NodeJS.ProcessEnv } = {}) {
  const stdout = new Captured(options.terminal);
  const stderr = new Captured(options.terminal);
  const surroundings: Surroundings = {
    stdin: new PassThrough(),
    stdinIsTerminal: false,
    stdout,
    stderr,
    environment: options.environment ?? {},
    cwd: () => '/',
    signals: new EventEmitter(),
    leave: () => {},
    connect: () => Promise.reject(new HotwireError('ServiceUnknown', 'there is no slave in this test')),
    connectAll: () => Promise.reject(new HotwireError('ServiceUnknown', 'there is no slave in this test')),
  };
  return { surroundings, stdout, stderr };
}

/** A clock that a test moves by hand. */
export class ManualClock {
  #waiting: { due: number; action: () => void }[] = [];
  #now = 0;

  readonly schedule: Schedule = (milliseconds, action) => {
    const entry = { due: this.#now + milliseconds, action };
    this.#waiting.push(entry);
    return () => {
      this.#waiting = this.#waiting.filter((one) => one !== entry);
    };
  };

  /** Lets so many milliseconds pass. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (;;) {
      const next = this.#waiting.toSorted((a, b) => a.due - b.due)[0];
      if (!next || next.due > end) break;
      this.#waiting = this.#waiting.filter((one) => one !== next);
      this.#now = next.due;
      next.action();
    }
    this.#now = end;
  }
}
