import { HotwireError } from '../errors';
import { CALL_TIMEOUT_MS } from '../limits';
import { type IncomingMessage, MessageType, type OutgoingMessage } from './message';

export interface CallOptions {
  /** Milliseconds until the call is given up (TimedOut); `Infinity` never. Default CALL_TIMEOUT_MS. */
  timeoutMs?: number;
  /** Gives the call up when aborted (Cancelled). The peer is not told: D-Bus has no way to. */
  signal?: AbortSignal;
}

interface PendingCall {
  /** Whether somebody awaits the reply, and has to go on before what comes behind it is dispatched. */
  readonly awaited: boolean;
  settle(reply: IncomingMessage): void;
  fail(error: HotwireError): void;
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
      const abort = () => this.#take(serial)?.fail(abortError(call, signal));
      const timeout = () => this.#take(serial)?.fail(timeoutError(call, timeoutMs));
      const timer = Number.isFinite(timeoutMs) ? setTimeout(timeout, Math.min(timeoutMs, MAX_TIMER_MS)) : undefined;
      signal?.addEventListener('abort', abort, { once: true });
      const settled = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      };
      const fail = (error: HotwireError) => {
        settled();
        reject(error);
      };
      const settle = (reply: IncomingMessage) => {
        if (reply.type === MessageType.ERROR) return fail(HotwireError.fromBus(reply.errorName ?? '', textOf(reply)));
        settled();
        resolve(reply);
      };
      this.#pending.set(serial, { awaited: true, settle, fail });
    });
  }

  /** Has the reply to `serial` told as it comes, an error too; or why none will come. */
  expect(serial: number, settled: (reply: IncomingMessage | HotwireError) => void): void {
    this.#pending.set(serial, { awaited: false, settle: settled, fail: settled });
  }

  /** Settles the call with its reply. @returns whether it was awaited; undefined when nobody waits for it (any more) */
  settle(reply: IncomingMessage): boolean | undefined {
    const call = this.#take(reply.replySerial ?? 0);
    call?.settle(reply);
    return call?.awaited;
  }

  failAll(error: HotwireError): void {
    for (const serial of [...this.#pending.keys()]) this.#take(serial)?.fail(error);
  }

  #take(serial: number): PendingCall | undefined {
    const call = this.#pending.get(serial);
    this.#pending.delete(serial);
    return call;
  }
}

/** The text of an error reply; empty when it has none. */
function textOf(error: IncomingMessage): string {
  if (!error.signature.startsWith('s')) return '';
  try {
    return String(error.body[0]);
  } catch {
    return ''; // counted as unreadable; the name of the error still tells
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
