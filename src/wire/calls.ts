import { HotwireError } from '../errors';
import { CALL_TIMEOUT_MS } from '../limits';
import type { IncomingMessage, OutgoingMessage } from './message';

export interface CallOptions {
  /** Milliseconds until the call is given up (TimedOut); `Infinity` never. Default CALL_TIMEOUT_MS. */
  timeoutMs?: number;
  /** Gives the call up when aborted (Cancelled). The peer is not told: D-Bus has no way to. */
  signal?: AbortSignal;
}

interface PendingCall {
  resolve(reply: IncomingMessage): void;
  reject(error: HotwireError): void;
}

const MAX_SERIAL = 2 ** 32 - 1;
/** Most milliseconds that a timer of Node can wait; more would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The calls that wait for their replies, by serial: each ends by its reply, its time limit, its signal or the close. */
export class CallTable {
  readonly #pending = new Map<number, PendingCall>();
  #serial: number;

  constructor(lastSerial = 0) {
    this.#serial = lastSerial;
  }

  /** The next serial: after the highest comes 1, and one that is still waited for is not used again. */
  nextSerial(): number {
    do this.#serial = (this.#serial % MAX_SERIAL) + 1;
    while (this.#pending.has(this.#serial));
    return this.#serial;
  }

  /** Waits for the reply to `serial`. `call` is named in errors. */
  wait(serial: number, call: OutgoingMessage, options: CallOptions): Promise<IncomingMessage> {
    const { timeoutMs = CALL_TIMEOUT_MS, signal } = options;
    return new Promise((resolve, reject) => {
      const abort = () => this.#take(serial)?.reject(abortError(call, signal));
      const timeout = () => this.#take(serial)?.reject(timeoutError(call, timeoutMs));
      const timer = Number.isFinite(timeoutMs) ? setTimeout(timeout, Math.min(timeoutMs, MAX_TIMER_MS)) : undefined;
      signal?.addEventListener('abort', abort, { once: true });
      const settled = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      };
      this.#pending.set(serial, {
        resolve: (reply) => {
          settled();
          resolve(reply);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      });
    });
  }

  /** Settles the call with its reply. False when nobody waits for it (any more). */
  settle(serial: number, reply: IncomingMessage | HotwireError): boolean {
    const call = this.#take(serial);
    if (!call) return false;
    if (reply instanceof HotwireError) call.reject(reply);
    else call.resolve(reply);
    return true;
  }

  rejectAll(error: HotwireError): void {
    for (const serial of [...this.#pending.keys()]) this.#take(serial)?.reject(error);
  }

  #take(serial: number): PendingCall | undefined {
    const call = this.#pending.get(serial);
    this.#pending.delete(serial);
    return call;
  }
}

/** What a call is given up with when its signal is aborted: the signal's own reason if it is one of ours. */
export function abortError(call: OutgoingMessage, signal: AbortSignal | undefined): HotwireError {
  if (signal?.reason instanceof HotwireError) return signal.reason;
  return new HotwireError('Cancelled', `the call of ${call.member} was cancelled`, { cause: signal?.reason });
}

function timeoutError(call: OutgoingMessage, timeoutMs: number): HotwireError {
  const whom = call.destination ?? 'the other end';
  return new HotwireError('TimedOut', `${whom} did not answer ${call.member} within ${timeoutMs / 1000} s`);
}
