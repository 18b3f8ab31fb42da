import type { HotwireError } from '../errors';
import type { Connection } from '../wire';

/** A client of a slave, as its domains see it. */
export interface RelayClient {
  /** Its unique name, which it has at the far end too. */
  readonly name: string;
  readonly uid: number;
  /** Where it is. */
  readonly connection: Connection;
  /** What connectors get for it. */
  readonly environment: NodeJS.ProcessEnv;
  /** Told of each signal that was passed on to it; `lost` is to be called should the bus drop that. */
  sent(serial: number, lost: (error: HotwireError) => void): void;
}
