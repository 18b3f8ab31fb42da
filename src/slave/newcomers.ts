import { HotwireError } from '../errors';
import { MAX_WAITING_CALL_BYTES } from '../limits';

/** What becomes of one call. Neither throws. */
export interface WaitingCall {
  /** Its size in bytes. */
  readonly size: number;
  /** It is known whose client it comes from. */
  known(uid: number): void;
  /** That can't be known. */
  refused(error: HotwireError): void;
}

interface Newcomer {
  readonly calls: WaitingCall[];
  bytes: number;
}

/** Clients that have called and of whom it is being asked whose they are: their calls wait, in order. */
export class Newcomers {
  readonly #uidOf: (client: string | undefined) => number | Promise<number>;
  readonly #onGone: () => void;
  readonly #newcomers = new Map<string | undefined, Newcomer>();

  /** @param onGone told when a client is no newcomer any more, whatever became of it */
  constructor(uidOf: (client: string | undefined) => number | Promise<number>, onGone: () => void) {
    this.#uidOf = uidOf;
    this.#onGone = onGone;
  }

  get size(): number {
    return this.#newcomers.size;
  }

  /**
   * Goes on with a call once it is known whose client it comes from: at once where nobody has to be asked.
   * @throws LimitExceeded when too much of that client waits; what a question that is answered at once fails with
   */
  add(client: string | undefined, call: WaitingCall): void {
    const waiting = this.#newcomers.get(client);
    if (waiting !== undefined) {
      if (waiting.bytes + call.size > MAX_WAITING_CALL_BYTES) {
        const message = `over ${MAX_WAITING_CALL_BYTES} bytes of your calls wait until the bus has told whose they are`;
        throw new HotwireError('LimitExceeded', `${message}: wait for a reply before you send more`);
      }
      waiting.calls.push(call);
      waiting.bytes += call.size;
      return;
    }
    const uid = this.#uidOf(client);
    if (typeof uid === 'number') {
      call.known(uid);
      return;
    }
    const newcomer = { calls: [call], bytes: call.size };
    this.#newcomers.set(client, newcomer);
    uid.then(
      (known) => this.#settle(client, newcomer, (each) => each.known(known)),
      (error: unknown) => this.#settle(client, newcomer, (each) => each.refused(unknownUser(error))),
    );
  }

  /** A client has left: its calls need no answer. @returns whether it was one of these */
  forget(client: string): boolean {
    return this.#newcomers.delete(client);
  }

  /** Nobody is met any more, for this reason. */
  close(reason: HotwireError): void {
    for (const [client, newcomer] of this.#newcomers) this.#settle(client, newcomer, (call) => call.refused(reason));
  }

  #settle(client: string | undefined, newcomer: Newcomer, end: (call: WaitingCall) => void): void {
    if (this.#newcomers.get(client) !== newcomer) return; // it has left, or everything ends
    this.#newcomers.delete(client);
    for (const call of newcomer.calls) end(call);
    this.#onGone();
  }
}

function unknownUser(cause: unknown): HotwireError {
  const reason = `the bus did not tell which user you are: ${HotwireError.from(cause).message}`;
  return new HotwireError('AccessDenied', `${reason}; connect anew, as a local user`, { cause });
}
