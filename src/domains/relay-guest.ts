import type { RelayClient } from './client';
import type { RelayedObject } from './relayed-object';

/** Pings of a peer that one client may have to answer at once: a chain of slaves sends some, each for its own pacing. */
const MAX_PINGS = 4;

/** What a relay keeps of one client. */
export class RelayGuest {
  readonly client: RelayClient;
  /** Bytes of calls that it waits for the answers of. */
  waiting = 0;
  /** Domains behind this one that are being opened for it. */
  opening = 0;
  #pings = 0;
  /** Pipelines whose end it was told before they came to it: nothing of them is passed on any more. */
  readonly #ended = new Set<string>();

  constructor(client: RelayClient) {
    this.client = client;
  }

  /** @returns whether it may be sent one more Ping; `pong` is told when it has answered */
  ping(): boolean {
    if (this.#pings >= MAX_PINGS) return false;
    this.#pings++;
    return true;
  }

  pong(): void {
    this.#pings--;
  }

  /** It was told the end of a pipeline, for a reason that is none of the pipeline's. */
  end({ remotePath }: RelayedObject, id: number): void {
    this.#ended.add(`${remotePath} ${id}`);
  }

  hasEnded({ remotePath }: RelayedObject, id: number): boolean {
    return this.#ended.size > 0 && this.#ended.has(`${remotePath} ${id}`);
  }
}
