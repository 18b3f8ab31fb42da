import type { Duplex } from 'node:stream';
import type { HotwireError } from '../errors';
import { MAX_MESSAGE_BYTES, SEND_HIGH_WATER_BYTES } from '../limits';
import { checkMessageSize } from './encode';

/** What goes out on a stream: bounded by whoever sends, who has to wait once too much is queued. */
export class Outbox {
  readonly #stream: Duplex;
  readonly #maxMessageBytes: number;
  readonly #waiting: { resolve(): void; reject(error: HotwireError): void }[] = [];
  readonly #flushed = (error?: Error | null) => {
    if (!error) this.#release();
  };
  #shut: HotwireError | undefined;

  constructor(stream: Duplex, maxMessageBytes = MAX_MESSAGE_BYTES) {
    this.#stream = stream;
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** Why nothing can be sent any more. */
  get shut(): HotwireError | undefined {
    return this.#shut;
  }

  /** @throws LimitExceeded for a message that is too large, or why nothing can be sent any more */
  admit(bytes: Buffer): void {
    if (this.#shut) throw this.#shut;
    checkMessageSize(bytes.length, this.#maxMessageBytes);
  }

  /** Queues one whole message, which has been admitted. */
  write(bytes: Buffer): void {
    this.#stream.write(bytes, this.#flushed);
  }

  get needsDrain(): boolean {
    return this.#stream.writableLength >= SEND_HIGH_WATER_BYTES;
  }

  /** Resolves when half of that has gone, at once when it is not needed. @throws why nothing can be sent any more */
  drained(): Promise<void> {
    if (this.#shut) return Promise.reject(this.#shut);
    if (!this.needsDrain) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  /** Nothing more is to be sent. What is queued still goes out, as long as the stream lives. */
  stop(reason: HotwireError): void {
    this.#shut ??= reason;
    for (const sender of this.#waiting.splice(0)) sender.reject(this.#shut);
  }

  #release(): void {
    if (this.#waiting.length === 0 || this.#stream.writableLength > SEND_HIGH_WATER_BYTES / 2) return;
    for (const sender of this.#waiting.splice(0)) sender.resolve();
  }
}
