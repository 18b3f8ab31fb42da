/**
 * The signals of one pipeline on their way to its owner: one queue for every kind, so that they arrive in the order in
 * which things happened. Output and metadata wait for the client's window and the pipeline's credit; states do not.
 */
import { orAborted } from '../abort';
import type { SignalArguments, SignalName } from '../contract';
import { HotwireError } from '../errors';
import type { Connection } from '../wire';
import type { EncodedBatch } from './batches';
import type { ClientWindow } from './client-window';
import type { SignalSender } from './sender';
import type { PipelineSignals } from './signals';

interface Item {
  /** Sends the signal. @returns its size in bytes */
  readonly send: () => number;
  /** Whether it waits for window and credit. */
  readonly paced: boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class SignalQueue implements PipelineSignals {
  readonly #connection: Connection;
  readonly #window: ClientWindow;
  readonly #sender: SignalSender;
  /** Signals that may still be sent before the client acknowledges; undefined when it asked for no window. */
  #credit: number | undefined;
  #queue: Item[] = [];
  #pumping = false;
  #wakeForCredit: (() => void) | undefined;
  #discarded = new AbortController();
  #sent = 0;

  constructor(connection: Connection, window: ClientWindow, sender: SignalSender, credit: number | undefined) {
    this.#connection = connection;
    this.#window = window;
    this.#sender = sender;
    this.#credit = credit;
  }

  /** Signals sent so far, of any kind. */
  get sent(): number {
    return this.#sent;
  }

  signal<S extends SignalName>(name: S, values: SignalArguments<S>, paced: boolean): Promise<void> {
    return this.put(() => this.#sender.signal(name, values), paced);
  }

  objects(pipeline: number, batch: EncodedBatch): Promise<void> {
    return this.put(() => this.#sender.objects(pipeline, batch), true);
  }

  /**
   * Queues a signal; resolves once it is sent, rejects when it is discarded.
   * @param send sends it, and tells its size in bytes
   */
  put(send: () => number, paced: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ send, paced, resolve, reject });
      if (!this.#pumping) void this.#pump();
    });
  }

  /** Whether its client returns credit. */
  get hasCredit(): boolean {
    return this.#credit !== undefined;
  }

  /** The client can take so many signals more. @throws InvalidArgs when it has not asked for a window */
  acknowledge(signals: number): void {
    if (this.#credit === undefined) {
      throw new HotwireError('InvalidArgs', 'AcknowledgeObjects: the pipeline was started without the option window');
    }
    this.#credit += signals;
    this.#wakeForCredit?.();
  }

  /** Drops output that waits: it is not wanted any more. States and the exception still go. */
  discard(): void {
    const error = new HotwireError('Cancelled', 'the output was discarded');
    const dropped = this.#queue.filter((item) => item.paced);
    this.#queue = this.#queue.filter((item) => !item.paced);
    for (const item of dropped) item.reject(error);
    this.#discarded.abort(error);
    this.#discarded = new AbortController();
  }

  async #pump(): Promise<void> {
    this.#pumping = true;
    for (let item = this.#queue[0]; item !== undefined; item = this.#queue[0]) {
      try {
        if (item.paced) await this.#permission();
      } catch (error) {
        if (item === this.#queue[0]) this.#queue.shift();
        item.reject(error as Error); // no effect on one that was discarded
        continue;
      }
      if (item === this.#queue[0]) {
        this.#queue.shift();
        this.#send(item);
      } else {
        this.#window.count(0); // discarded just after it was granted: another may go
      }
    }
    this.#pumping = false;
  }

  #send(item: Item): void {
    try {
      this.#window.count(item.send());
      this.#sent += 1;
      if (item.paced && this.#credit !== undefined) this.#credit -= 1;
      item.resolve();
    } catch (error) {
      if (item.paced) this.#window.count(0);
      item.reject(error as Error);
    }
  }

  /** Resolves when a paced signal may go; rejects when what waits is discarded. */
  async #permission(): Promise<void> {
    const { signal } = this.#discarded;
    while (this.#credit !== undefined && this.#credit <= 0) {
      const credit = new Promise<void>((resolve) => {
        this.#wakeForCredit = resolve;
      });
      await orAborted(credit, signal);
    }
    if (this.#connection.needsDrain) await orAborted(this.#connection.drained(), signal);
    await this.#window.room(signal);
  }
}
