// One D-Bus connection on any Duplex: a bus socket, the stdio of a child, an in-memory pair. It routes what arrives, sends
// and closes; the handshake, reading in order, headers, bodies and pending calls have files of their own.
import { captureRejectionSymbol, EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { ERRORS, HotwireError } from '../errors';
import { HANDSHAKE_TIMEOUT_MS, MAX_BAD_MESSAGES } from '../limits';
import { callBus } from './bus-calls';
import { CallGate, type CallHandler } from './call-gate';
import { abortError, type CallOptions, CallTable } from './calls';
import { encodeMessage } from './encode';
import { encodeForwarded } from './forward';
import { broken } from './frames';
import { freeText } from './free-text';
import { clientDialogue, serverDialogue, shakeHands } from './handshake';
import { HeaderDecoder, type HeaderToEncode } from './header';
import { Inbox } from './inbox';
import { ReceivedMessage } from './incoming';
import { type IncomingMessage, MessageFlag, MessageType, type OutgoingMessage } from './message';
import { isBusName, isInterfaceName } from './names';
import { Outbox } from './outbox';
import { answerPeer } from './peer-interface';

/** A connection that was closed and whose peer does not follow is cut after so many milliseconds. */
const CLOSE_TIMEOUT_MS = 2000;

export interface ConnectionOptions {
  /** Milliseconds for the handshake, Hello included. Default HANDSHAKE_TIMEOUT_MS. */
  timeoutMs?: number;
  /** Largest message that may be sent, in bytes; a system bus closes the connection above 32 MiB. */
  maxSendBytes?: number;
  /** Told what a listener of `signal` or `close` threw: a defect of ours. Default: a warning of the process. */
  onDefect?: (error: unknown) => void;
}

export interface ConnectionEvents {
  signal: [IncomingMessage];
  /** An error that answers no call: the bus could not deliver one of our signals (`replySerial`), or a late reply. */
  bounced: [IncomingMessage];
  /** Once, at the end; undefined when we closed it. */
  close: [HotwireError | undefined];
}

type CallMessage = Omit<OutgoingMessage, 'type'> & { readonly type?: MessageType };

/**
 * Messages are dispatched one by one, in order. After a reply, whatever awaited it runs before the next message is
 * dispatched: a signal that follows a reply never meets a caller that does not know the reply yet.
 */
export class Connection extends EventEmitter<ConnectionEvents> {
  /** Our name on the bus, once it has answered Hello. */
  uniqueName: string | undefined;
  /** Put as `sender` into what we send, where no bus does it (see BusDriver). */
  localName: string | undefined;
  /** Taken as `sender` of what arrives without one. */
  peerName: string | undefined;

  readonly #stream: Duplex;
  readonly #outbox: Outbox;
  readonly #onDefect: (error: unknown) => void;
  readonly #inbox: Inbox;
  readonly #headers = new HeaderDecoder();
  readonly #calls = new CallTable();
  readonly #gate: CallGate;
  #badMessages = 0;
  #closing = false;
  #finished = false;
  #setFinished: () => void = () => undefined;
  readonly #whenFinished = new Promise<void>((resolve) => {
    this.#setFinished = resolve;
  });

  /**
   * The client's side of a stream whose other end is a bus or a server.
   * Calls that arrive before `onCall` is set wait until one turn of the event loop after this resolves.
   * @throws AuthFailed, TimedOut, Disconnected; the stream is then destroyed
   */
  static async connect(stream: Duplex, options: ConnectionOptions & { hello?: boolean } = {}): Promise<Connection> {
    const { hello = true, timeoutMs = HANDSHAKE_TIMEOUT_MS } = options;
    const start = performance.now();
    const ready = (rest: Buffer) => new Connection(stream, rest, options);
    const connection = await shakeHands(stream, clientDialogue(), timeoutMs, ready);
    if (hello) await connection.#hello(Math.max(1, timeoutMs - (performance.now() - start)));
    setImmediate(() => connection.#gate.open());
    return connection;
  }

  /**
   * The server's side. Calls that arrive before `onCall` is set wait for it.
   * @throws AuthFailed, TimedOut, Disconnected; the stream is then destroyed
   */
  static accept(stream: Duplex, options: ConnectionOptions & { guid?: string } = {}): Promise<Connection> {
    const { guid, timeoutMs = HANDSHAKE_TIMEOUT_MS } = options;
    return shakeHands(stream, serverDialogue(guid), timeoutMs, (rest) => new Connection(stream, rest, options));
  }

  /** Only after the handshake: see `connect` and `accept`. */
  private constructor(stream: Duplex, rest: Buffer, options: ConnectionOptions) {
    super({ captureRejections: true });
    this.#stream = stream;
    this.#outbox = new Outbox(stream, options.maxSendBytes);
    this.#onDefect = options.onDefect ?? warn;
    this.#inbox = new Inbox(stream, rest, {
      receive: (bytes) => this.#receive(bytes),
      broken: (error) => this.destroy(HotwireError.from(error)),
      ended: (partialBytes) => this.#peerEnded(partialBytes),
    });
    this.#gate = new CallGate({
      unhandled: (call) => this.#answerUnhandled(call),
      failed: (call, error) => this.#fail(call, error),
      pause: () => this.#inbox.pause(),
      resume: () => this.#inbox.resume(),
      putFirst: (calls) => this.#inbox.putFirst(calls),
    });
    stream.on('error', (error) => this.destroy(disconnected(`the connection failed: ${error.message}`, error)));
    // Not at once: what came just before it may be about to be dispatched.
    stream.on('close', () => setImmediate(() => this.#finish(disconnected('the connection was cut'))));
  }

  /** Handles incoming method calls. What it throws, or rejects with, answers the call. Without it: UnknownMethod. */
  get onCall(): CallHandler | undefined {
    return this.#gate.handler;
  }

  set onCall(handler: CallHandler | undefined) {
    this.#gate.handler = handler;
    if (handler) queueMicrotask(() => this.#gate.open());
  }

  /** Whether nothing can be sent any more. */
  get closed(): boolean {
    return this.#outbox.shut !== undefined;
  }

  /**
   * Calls a method.
   * @throws the error that the peer answered; TimedOut, Cancelled, Disconnected; as `send` for what can't be sent
   */
  async call(message: CallMessage, options: CallOptions = {}): Promise<IncomingMessage> {
    const call = { ...message, type: MessageType.METHOD_CALL };
    if (options.signal?.aborted) throw abortError(call, options.signal);
    const serial = this.#calls.nextSerial();
    const bytes = this.#encode(call, serial);
    this.#outbox.admit(bytes);
    // First, as the answer of an end in memory comes during the write.
    const reply = this.#calls.wait(serial, call, options);
    this.#outbox.write(bytes);
    return reply;
  }

  /**
   * Sends a message. Everything that a bus would close the connection for is refused instead.
   * @returns its serial
   * @throws InvalidArgs, LimitExceeded; Disconnected once closed
   */
  send(message: OutgoingMessage): number {
    return this.sendBytes((serial) => this.#encode(message, serial));
  }

  /** Sends a message that is encoded already, but for its serial. Its bytes are not checked, only their number. */
  sendBytes(encode: (serial: number) => Buffer): number {
    if (this.#outbox.shut) throw this.#outbox.shut;
    const serial = this.#calls.nextSerial();
    const bytes = encode(serial);
    this.#outbox.admit(bytes);
    this.#outbox.write(bytes);
    return serial;
  }

  /**
   * Sends a message that arrived on another connection: its body as it is, around it a header with these changes.
   * @returns its serial @throws as `sendBytes`; InvalidArgs for a header that a bus would not accept
   */
  forward(message: IncomingMessage, changes: Partial<HeaderToEncode>): number {
    return this.sendBytes((serial) => encodeForwarded(message, { sender: this.localName, ...changes }, serial));
  }

  /**
   * Forwards a call. `settled` is told whatever answers it, an error too, in its turn among what arrives; or why no answer
   * will come. A call that wants no answer gets none. @throws as `forward`
   */
  forwardCall(
    call: IncomingMessage,
    changes: Partial<HeaderToEncode>,
    settled: (reply: IncomingMessage | HotwireError) => void,
  ): void {
    this.sendBytes((serial) => {
      const bytes = encodeForwarded(call, { sender: this.localName, ...changes }, serial);
      this.#outbox.admit(bytes);
      if ((call.flags & MessageFlag.NO_REPLY_EXPECTED) === 0) this.#calls.expect(serial, settled);
      return bytes;
    });
  }

  /** Answers a call, unless it wants no answer or the connection is closed. @throws as `send` */
  reply(call: IncomingMessage, signature = '', body: readonly unknown[] = []): void {
    if (this.closed || call.flags & MessageFlag.NO_REPLY_EXPECTED) return;
    this.send({ ...replyHeader(call), type: MessageType.METHOD_RETURN, signature, body });
  }

  /** Answers a call with anything that was thrown: its name on the bus and its message, never its stack. */
  replyError(call: IncomingMessage, error: unknown): void {
    if (this.closed || call.flags & MessageFlag.NO_REPLY_EXPECTED) return;
    const { busName, message } = HotwireError.from(error);
    const errorName = isInterfaceName(busName) ? busName : ERRORS.Failed.busName;
    const body = [freeText(message)];
    this.send({ ...replyHeader(call), type: MessageType.ERROR, errorName, signature: 's', body });
  }

  /** Whether so much waits to be sent (SEND_HIGH_WATER_BYTES) that a sender has to wait for `drained`. */
  get needsDrain(): boolean {
    return this.#outbox.needsDrain;
  }

  /** Resolves when half of that has gone, at once when it is not needed. @throws Disconnected */
  drained(): Promise<void> {
    return this.#outbox.drained();
  }

  /** No message is dispatched from now on, replies neither; what the peer sends waits on its side. */
  pauseReading(): void {
    this.#inbox.pause();
  }

  get readingPaused(): boolean {
    return this.#inbox.paused;
  }

  /** How many bytes the peer has sent since the handshake: more of them show that it lives. */
  get receivedBytes(): number {
    return this.#inbox.receivedBytes;
  }

  resumeReading(): void {
    this.#inbox.resume();
  }

  /**
   * Sends what is queued, then closes. May be called again.
   * @param follow whether the peer is given time to close its side too, before it is cut
   */
  close({ follow = true } = {}): Promise<void> {
    if (!this.closed) {
      this.#closing = true;
      this.#endStream(disconnected('the connection was closed here'));
      if (!follow) this.#stream.once('finish', () => this.#stream.destroy());
    }
    return this.#whenFinished;
  }

  /** Cuts the connection at once; `error` is what the `close` event and all pending calls get. */
  destroy(error?: HotwireError): void {
    this.#finish(error);
    this.#stream.destroy();
  }

  async #hello(timeoutMs: number): Promise<void> {
    try {
      const name = await callBus(this, 'Hello', '', [], { timeoutMs });
      if (typeof name !== 'string') throw broken('its answer to Hello is no name');
      this.uniqueName = name;
    } catch (error) {
      this.destroy(HotwireError.from(error));
      throw error;
    }
  }

  #encode(message: OutgoingMessage, serial: number): Buffer {
    return encodeMessage({ ...message, sender: message.sender ?? this.localName }, serial);
  }

  #receive(bytes: Buffer): void {
    const header = this.#headers.decode(bytes);
    if (header.type > MessageType.SIGNAL) return; // of a later version of the protocol: to be ignored
    const message = new ReceivedMessage(bytes, header, this.peerName, (readable) => this.#count(readable));
    if (header.defect) {
      this.#count(false);
      if (header.type === MessageType.METHOD_CALL) this.replyError(message, header.defect);
    } else if (header.type === MessageType.METHOD_CALL) {
      this.#gate.take(message);
    } else if (header.type === MessageType.SIGNAL) {
      this.#tell(message, () => this.emit('signal', message));
    } else {
      this.#settle(message);
    }
  }

  #answerUnhandled(call: IncomingMessage): void {
    if (answerPeer(this, call)) return;
    throw new HotwireError('UnknownMethod', `there is no method ${call.member} at ${call.path}`);
  }

  #fail(call: IncomingMessage, error: unknown): void {
    this.#tell(call, () => this.replyError(call, error));
  }

  #settle(reply: IncomingMessage): void {
    const awaited = this.#calls.settle(reply);
    if (awaited) this.#inbox.yield();
    if (awaited === undefined && reply.type === MessageType.ERROR) this.#tell(reply, () => this.emit('bounced', reply));
  }

  /** Runs a listener. What it throws is a defect, unless the message's own body was at fault: that has been counted. */
  #tell(message: IncomingMessage | undefined, listener: () => void): void {
    try {
      listener();
    } catch (error) {
      if (message instanceof ReceivedMessage && message.defect === error) return;
      this.#onDefect(error);
    }
  }

  /** A body that can't be read costs its message. A peer that sends nothing else is cut off. */
  #count(readable: boolean): void {
    this.#badMessages = readable ? 0 : this.#badMessages + 1;
    if (this.#badMessages <= MAX_BAD_MESSAGES) return;
    this.destroy(broken(`it sent ${this.#badMessages} messages in a row that cannot be read`));
  }

  /** What an async listener rejected with. */
  override [captureRejectionSymbol](error: Error, ..._event: unknown[]): void {
    this.#onDefect(error);
  }

  #peerEnded(partialBytes: number): void {
    const where = partialBytes > 0 ? ` in the middle of a message, after ${partialBytes} bytes of it` : '';
    const error = disconnected(`the other end closed the connection${where}`);
    this.#endStream(error);
    this.#finish(error);
  }

  /** Nothing more is sent or dispatched; what is queued still goes out. */
  #endStream(reason: HotwireError): void {
    this.#stop(reason);
    const stream = this.#stream;
    const timer = setTimeout(() => stream.destroy(), CLOSE_TIMEOUT_MS).unref();
    stream.once('close', () => clearTimeout(timer));
    this.#inbox.stop();
    stream.end();
  }

  #stop(reason: HotwireError): void {
    this.#outbox.stop(reason);
    this.#calls.failAll(reason);
  }

  /** The end, once. */
  #finish(error: HotwireError | undefined): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#setFinished();
    this.#stop(error ?? disconnected('the connection was closed here'));
    this.#inbox.stop();
    this.#tell(undefined, () => this.emit('close', this.#closing ? undefined : error));
  }
}

function replyHeader(call: IncomingMessage): { replySerial: number; destination: string | undefined } {
  const known = call.sender !== undefined && isBusName(call.sender);
  return { replySerial: call.serial, destination: known ? call.sender : undefined };
}

function disconnected(message: string, cause?: unknown): HotwireError {
  return new HotwireError('Disconnected', message, { cause });
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
