// What has arrived and is not dispatched yet. Dispatching can stop between any two messages: because the owner said so,
// or for a moment after a reply, so that whoever awaited it goes on before what came behind it is dispatched.
import type { Duplex } from 'node:stream';
import { FrameReader } from './frames';

export interface InboxOwner {
  /** Dispatches one message. @throws HotwireError when the stream makes no sense any more */
  receive(bytes: Buffer): void;
  /** What `receive` or the framing threw: nothing more can be read. */
  broken(error: unknown): void;
  /** The stream has ended and everything before it is dispatched, but for `partialBytes` of an unfinished message. */
  ended(partialBytes: number): void;
}

/** Reads a stream from where it is paused now. Never throws into an event of the stream. */
export class Inbox {
  readonly #stream: Duplex;
  readonly #owner: InboxOwner;
  readonly #frames = new FrameReader();
  /** How many bytes have come. */
  receivedBytes = 0;
  /** Messages that were put aside, to be dispatched before any other. */
  #first: (() => void)[] = [];
  #paused = false;
  #yielding = false;
  #pumping = false;
  #ended = false;
  #stopped = false;

  /** `rest` has been read from the stream already. Begins when the promises that are resolved now have run on. */
  constructor(stream: Duplex, rest: Buffer, owner: InboxOwner) {
    this.#stream = stream;
    this.#owner = owner;
    this.#frames.push(rest);
    stream.on('data', (chunk: Buffer) => {
      this.receivedBytes += chunk.length;
      if (this.#stopped) return;
      this.#frames.push(chunk);
      this.#pump();
    });
    stream.on('end', () => {
      this.#ended = true;
      this.#pump();
    });
    this.yield();
  }

  get paused(): boolean {
    return this.#paused;
  }

  pause(): void {
    this.#paused = true;
    this.#stream.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#pump();
  }

  /** Drops what is there and whatever still comes; the stream is read on, so that its end shows. */
  stop(): void {
    this.#stopped = true;
    this.#stream.resume();
  }

  /** Dispatches these before anything else. */
  putFirst(messages: (() => void)[]): void {
    this.#first.push(...messages);
    this.#pump();
  }

  /** Lets what awaits a promise that is resolved now run, to its last continuation, before the next message. */
  yield(): void {
    this.#yielding = true;
    // Node runs ticks only when no microtask is left.
    queueMicrotask(() =>
      process.nextTick(() => {
        this.#yielding = false;
        this.#pump();
      }),
    );
  }

  get #dispatching(): boolean {
    return !this.#paused && !this.#yielding && !this.#stopped;
  }

  #pump(): void {
    if (this.#pumping) return; // a handler that resumes: the loop below goes on by itself
    this.#pumping = true;
    try {
      while (this.#dispatching && this.#dispatchNext());
    } catch (error) {
      this.#owner.broken(error);
    }
    this.#pumping = false;
    if (!this.#paused) this.#stream.resume();
    if (this.#ended && this.#dispatching) this.#owner.ended(this.#frames.partialBytes);
  }

  #dispatchNext(): boolean {
    const first = this.#first.shift();
    if (first) {
      first();
      return true;
    }
    const bytes = this.#frames.next();
    if (bytes) this.#owner.receive(bytes);
    return bytes !== undefined;
  }
}
