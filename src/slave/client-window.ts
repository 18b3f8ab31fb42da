/**
 * Pacing of one client: bytes that were sent to it and not seen acknowledged. Any client of any library acknowledges by
 * answering org.freedesktop.DBus.Peer.Ping: an answer comes only after all that was sent before has been read.
 */
import { HotwireError } from '../errors';
import { PING_EVERY_BYTES, PING_RETRY_MS } from '../limits';
import { settings } from '../settings';
import { type Connection, MessageType } from '../wire';

/** What the bus says, not the client, when a Ping was not delivered or not answered yet: no acknowledgement. */
const NOT_YET: readonly string[] = ['BusLimits', 'AccessDenied', 'NoReply'];
/** What the bus says when nobody is there to ask; the owner's departure ends the rest. */
const NOBODY: readonly string[] = ['ServiceUnknown', 'NameHasNoOwner', 'Disconnected'];

export class ClientWindow {
  readonly #connection: Connection;
  readonly #client: string | undefined;
  #sent = 0;
  #acknowledged = 0;
  #pinged = 0;
  #pinging = false;
  #retry: NodeJS.Timeout | undefined;
  #waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  #closed = false;

  /** @param client unique name; undefined for the only peer of a connection without a bus */
  constructor(connection: Connection, client: string | undefined) {
    this.#connection = connection;
    this.#client = client;
  }

  /** Bytes on their way. */
  get pending(): number {
    return this.#sent - this.#acknowledged;
  }

  /** Counts a message that was just sent (0 bytes: what was granted is not used), and lets the next one go. */
  count(bytes: number): void {
    this.#sent += bytes;
    if (this.#sent - this.#pinged >= PING_EVERY_BYTES) this.#ping();
    this.#grantNext();
  }

  /**
   * Resolves when more may be sent, in the order of asking; whoever was granted it must `count`.
   * @throws Disconnected when the client leaves meanwhile; the signal's reason when it aborts
   */
  async room(signal: AbortSignal): Promise<void> {
    if (this.#closed) throw gone();
    signal.throwIfAborted();
    if (this.pending < settings.clientWindowBytes && this.#waiting.length === 0) return;
    this.#ping();
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        this.#waiting = this.#waiting.filter((other) => other !== waiter);
        reject(signal.reason);
      };
      const waiter = {
        resolve: () => {
          signal.removeEventListener('abort', leave);
          resolve();
        },
        reject,
      };
      this.#waiting.push(waiter);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  /** The client has left: whoever waits for room is refused. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    for (const waiter of this.#waiting.splice(0)) waiter.reject(gone());
  }

  #ping(): void {
    if (this.#pinging || this.#closed) return;
    this.#pinging = true;
    const mark = this.#sent;
    this.#pinged = mark;
    this.#connection
      .call(
        {
          type: MessageType.METHOD_CALL,
          path: '/',
          interface: 'org.freedesktop.DBus.Peer',
          member: 'Ping',
          ...(this.#client === undefined ? {} : { destination: this.#client }),
        },
        { timeoutMs: Number.POSITIVE_INFINITY },
      )
      .then(
        () => this.#answered(mark),
        (error: unknown) => this.#refused(HotwireError.from(error), mark),
      );
  }

  #answered(mark: number): void {
    this.#pinging = false;
    this.#acknowledged = mark;
    const more = this.#sent - mark;
    if (more >= PING_EVERY_BYTES || (more > 0 && this.#waiting.length > 0)) this.#ping();
    this.#grantNext();
  }

  #grantNext(): void {
    if (this.pending < settings.clientWindowBytes) this.#waiting.shift()?.resolve();
  }

  #refused(error: HotwireError, mark: number): void {
    if (NOBODY.includes(error.kind) || this.#closed) return;
    if (!NOT_YET.includes(error.kind)) {
      this.#answered(mark); // the client's own error is an answer too
      return;
    }
    this.#retry = setTimeout(() => {
      this.#pinging = false;
      this.#ping();
    }, PING_RETRY_MS);
    this.#retry.unref();
  }
}

function gone(): HotwireError {
  return new HotwireError('Disconnected', 'the client has left');
}
