import type { RelayClient } from './client';
import type { Relay } from './relay';

export interface RelayedObjectOptions {
  readonly relay: Relay;
  /** Of the whole domain, from here. */
  readonly address: string;
  /** Its object here. */
  readonly path: string;
  /** Its object at the far end. */
  readonly remotePath: string;
  readonly version: string;
  readonly features: readonly string[];
  readonly uid: number;
}

/** A domain as one more object here: calls to it go to an object at the other end of a relay. */
export class RelayedObject {
  readonly relay: Relay;
  readonly address: string;
  readonly path: string;
  readonly remotePath: string;
  /** Of the slave there. */
  readonly version: string;
  readonly features: readonly string[];
  /** Whose it is: clients of other users do not see it. */
  readonly uid: number;
  /** Seconds since the epoch. */
  readonly opened = Date.now() / 1000;
  /** Who has it open, and the pipelines there whose end that client is still to be told. */
  readonly openers = new Map<RelayClient, Set<number>>();

  /** Since when nobody has it open, by `performance.now()`; Infinity while somebody has. */
  unusedSince = performance.now();

  constructor(options: RelayedObjectOptions) {
    this.relay = options.relay;
    this.address = options.address;
    this.path = options.path;
    this.remotePath = options.remotePath;
    this.version = options.version;
    this.features = options.features;
    this.uid = options.uid;
  }

  /** Whoever uses it has it open. @returns that client's running pipelines */
  openFor(client: RelayClient): Set<number> {
    const running = this.openers.get(client) ?? new Set();
    this.openers.set(client, running);
    this.unusedSince = Number.POSITIVE_INFINITY;
    return running;
  }

  leave(client: RelayClient): void {
    if (this.openers.delete(client) && this.openers.size === 0) this.unusedSince = performance.now();
  }
}
