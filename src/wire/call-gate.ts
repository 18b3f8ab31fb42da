import type { IncomingMessage } from './message';

/** Handles an incoming call. What it throws, or rejects with, answers the call. */
export type CallHandler = (call: IncomingMessage) => void | Promise<void>;

/** Calls that may wait for a handler; then reading waits too. */
const MAX_HELD_CALLS = 128;

export interface CallGateOwner {
  /** Answers a call that nobody handles. */
  unhandled(call: IncomingMessage): void;
  /** Answers a call with what its handler threw. */
  failed(call: IncomingMessage, error: unknown): void;
  pause(): void;
  resume(): void;
  /** Dispatches these before anything else that has arrived. */
  putFirst(calls: (() => void)[]): void;
}

/** Gives calls to their handler; while it is closed, they wait, in order. */
export class CallGate {
  readonly #owner: CallGateOwner;
  /** Undefined once the gate is open. */
  #held: IncomingMessage[] | undefined = [];
  handler: CallHandler | undefined;

  constructor(owner: CallGateOwner) {
    this.#owner = owner;
  }

  take(call: IncomingMessage): void {
    if (!this.#held) {
      this.#handle(call);
      return;
    }
    this.#held.push(call);
    if (this.#held.length === MAX_HELD_CALLS) this.#owner.pause();
  }

  open(): void {
    const held = this.#held;
    if (!held) return;
    this.#held = undefined;
    if (held.length >= MAX_HELD_CALLS) this.#owner.resume();
    this.#owner.putFirst(held.map((call) => () => this.#handle(call)));
  }

  #handle(call: IncomingMessage): void {
    try {
      if (!this.handler) this.#owner.unhandled(call);
      else this.#watch(call, this.handler(call));
    } catch (error) {
      this.#owner.failed(call, error);
    }
  }

  #watch(call: IncomingMessage, handled: void | Promise<void>): void {
    if (handled instanceof Promise) handled.catch((error) => this.#owner.failed(call, error));
  }
}
