import type { Batch } from './batch';

export interface FarRunOptions {
  /** How many domains are spoken to at once. */
  readonly fanout?: number;
  /** A single domain where it fails fails it all; else the others go on, and it is told. */
  readonly all: boolean;
  readonly signal: AbortSignal;
  readonly environment: Readonly<Record<string, string>>;
  /** What is written to standard error there, in lines with their domain in front. Resolves once more may come. */
  stderr(text: string): Promise<void>;
  status(text: string): void;
}

/** Other execution domains, as a command gets at them. */
export interface FarDomains {
  /**
   * Runs a pipeline in each of many domains.
   * @param hosts folded names of hosts and groups, or addresses
   * @returns what they yield as it comes, each object with its `@domain`
   * @throws Domain.BadAddress; what went wrong where, when it did everywhere
   */
  run(hosts: string, text: string, options: FarRunOptions): AsyncIterable<Batch>;
}
