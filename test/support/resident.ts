// The resident slave of a test: its state is in a folder of the test's own, and it ends with the test file.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { INTERFACE, OBJECT_PATH } from '../../src/contract';
import { findResident } from '../../src/domains';
import type { Variant } from '../../src/wire';
import { onCleanup } from './cleanup';
import { isAlive } from './proc';
import { environment } from './process';
import { temporaryFolder } from './temp';
import { waitFor } from './wait';

/** Places of a user of its own: nothing of whoever runs the tests is touched, and a resident slave is ended at the end. */
export class ResidentHome {
  readonly folder = temporaryFolder();
  /** The environment in which this user's programs run. */
  readonly environment: NodeJS.ProcessEnv;

  /** @param settings what the slaves of this user are told, by their names (docs/settings.md) */
  constructor(settings: Readonly<Record<string, number>> = {}) {
    const places = { HOME: 'home', XDG_STATE_HOME: 'state', XDG_CONFIG_HOME: 'config', XDG_DATA_HOME: 'data' };
    const folders = Object.entries(places).map(([name, place]) => [name, path.join(this.folder, place)] as const);
    for (const [, place] of folders) mkdirSync(place, { mode: 0o700 });
    this.environment = environment(Object.fromEntries(folders));
    mkdirSync(path.join(this.folder, 'config', 'hotwire'));
    writeFileSync(path.join(this.folder, 'config', 'hotwire', 'slave.json'), JSON.stringify(settings));
    onCleanup(() => this.end());
  }

  /** Process id of the resident slave; undefined when there is none. */
  async pid(): Promise<number | undefined> {
    const connection = await findResident(this.environment);
    if (connection === undefined) return undefined;
    const { body } = await connection.call({ path: OBJECT_PATH, interface: INTERFACE, member: 'GetContext' });
    await connection.close({ follow: false });
    return (body[0] as Record<string, Variant>).pid?.value as number;
  }

  /** Ends the resident slave, if there is one, and waits until it is gone. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const pid = await this.pid();
    if (pid === undefined) return;
    process.kill(pid, signal);
    await waitFor(() => !isAlive(pid), 'the end of the resident slave');
  }
}
