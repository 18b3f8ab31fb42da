// What is remembered for a person, beside a command that must go on without it.
import { HotwireError } from '../errors';
import { STORE_BUSY_RUN_MS } from '../limits';
import {
  beginEntry,
  endEntry,
  openExistingStore,
  openStore,
  type StartedEntry,
  type Store,
  type StoreOptions,
} from '../store';
import { type Aliases, aliasesOf } from './aliases';
import { attempt } from './show-objects';
import type { Surroundings } from './surroundings';

/** The user's store beside a running pipeline: whatever is wrong with it is told in one line, and the pipeline goes on. */
export class Notes {
  readonly #surroundings: Surroundings;
  /** Resolves once what went wrong, if anything did, has been told; undefined while all is well. */
  told: Promise<unknown> | undefined;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** The aliases; those that came with hotwire where the user's own can't be read. */
  async aliases(): Promise<Aliases> {
    const store = await this.#open(openExistingStore);
    return this.#attempt(() => aliasesOf(store)) ?? aliasesOf(undefined);
  }

  /** Keeps a pipeline that has just been started. @returns what keeps how it ended */
  async begin(command: string, place: Pick<StartedEntry, 'cwd' | 'domain'>): Promise<(status: number) => void> {
    const time = Date.now() / 1000;
    const started = performance.now();
    const store = this.told !== undefined ? undefined : await this.#open(openStore);
    if (store === undefined) return () => {};
    const id = this.#attempt(() => beginEntry(store, { command, time, ...place }));
    if (id === undefined) return () => {};
    return (exit_status) => {
      const duration = (performance.now() - started) / 1000;
      this.#attempt(() => endEntry(store, id, time, { exit_status, duration }));
    };
  }

  async #open(open: (options: StoreOptions) => Promise<Store | undefined>): Promise<Store | undefined> {
    try {
      return await open({ environment: this.#surroundings.environment, busyMs: STORE_BUSY_RUN_MS });
    } catch (thrown) {
      this.#tell(thrown);
      return undefined;
    }
  }

  #attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (thrown) {
      this.#tell(thrown);
      return undefined;
    }
  }

  #tell(thrown: unknown): void {
    const { message } = HotwireError.from(thrown);
    this.told ??= attempt(this.#surroundings, (screen) =>
      screen.complain(`history and aliases are left out: ${message}`),
    );
  }
}
