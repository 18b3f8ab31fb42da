import type { Readable, Writable } from 'node:stream';
import type { ConnectOptions, Domain } from '../client/api';
import type { DomainGroup, GroupOptions } from '../client/group-api';

export interface Terminalish {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** All that a command touches of the world, handed in: a test gives its own. */
export interface Surroundings {
  /** Opened when first asked for: a pipeline that takes no input leaves it to others. */
  readonly stdin: Readable;
  readonly stdinIsTerminal: boolean;
  readonly stdout: Writable & Terminalish;
  readonly stderr: Writable & Terminalish;
  readonly environment: NodeJS.ProcessEnv;
  /** Working directory; throws where it has been removed. */
  cwd(): string;
  /** Emits SIGINT, SIGTERM and SIGHUP, as `process` does. */
  readonly signals: Pick<NodeJS.EventEmitter, 'on' | 'off'>;
  /** Ends the process now, whatever is still under way. */
  leave(status: number): void;
  connect(address?: string, options?: ConnectOptions): Promise<Domain>;
  connectAll(hosts: readonly string[], options?: GroupOptions): Promise<DomainGroup>;
}
