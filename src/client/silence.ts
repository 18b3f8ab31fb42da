import { HotwireError } from '../errors';
import type { SlaveProxy } from './slave-proxy';

/** A far end that has not answered for so long is taken to be silent by whoever wants to leave, in milliseconds. */
export const LINK_PATIENCE_MS = 3000;

/** Whether the far end of a domain still answers, for those who want to leave and must not wait for it. */
export class Silence {
  readonly #proxy: SlaveProxy;
  /** Signals that have come. */
  #heard = 0;
  /** How many of them had come when it was asked, and did not answer. */
  #since: number | undefined;

  constructor(proxy: SlaveProxy) {
    this.#proxy = proxy;
  }

  /** A signal has come. */
  heard(): void {
    this.#heard += 1;
  }

  /** It was asked, and neither answered nor sent anything at all since. */
  get found(): boolean {
    return this.#since === this.#heard;
  }

  /** Asks something that any slave answers at once; any error is an answer. @returns `found` */
  async ask(): Promise<boolean> {
    const heard = this.#heard;
    this.#since = await this.#proxy.call('GetContext', [], { timeoutMs: LINK_PATIENCE_MS }).then(
      () => undefined,
      (thrown: unknown) => (HotwireError.from(thrown).kind === 'TimedOut' ? heard : undefined),
    );
    return this.found;
  }
}
