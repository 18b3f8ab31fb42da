import { TRANSFER_WINDOW_BYTES } from '../limits';
import type { RemotePipeline } from './api';

/** Feeds a pipeline without waiting for each reply: a long link is filled, and what waits is bounded. */
export class PutWindow {
  readonly #pipeline: Pick<RemotePipeline, 'put'>;
  readonly #underWay: { readonly done: Promise<void>; readonly bytes: number }[] = [];
  #bytes = 0;

  constructor(pipeline: Pick<RemotePipeline, 'put'>) {
    this.#pipeline = pipeline;
  }

  /**
   * @param bytes what they take in memory, about
   * @param taken told when the far end has taken them
   * @throws what an earlier one failed with
   */
  async put(objects: readonly unknown[], bytes: number, taken: () => void): Promise<void> {
    const done = this.#pipeline.put(objects).then(taken);
    done.catch(() => undefined); // thrown when it is waited for
    this.#underWay.push({ done, bytes });
    this.#bytes += bytes;
    while (this.#bytes > TRANSFER_WINDOW_BYTES) await this.#oldest();
  }

  /** Resolves once all is taken. */
  async drain(): Promise<void> {
    while (this.#underWay.length > 0) await this.#oldest();
  }

  async #oldest(): Promise<void> {
    const oldest = this.#underWay.shift();
    await oldest?.done;
    this.#bytes -= oldest?.bytes ?? 0;
  }
}
