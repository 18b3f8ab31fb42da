import type { ConnectOptions, Domain } from './api';
import { createOpener } from './opener';

/**
 * Opens a domain: `ssh:web1`, `sudo:postgres`, `ssh:web1/sudo:postgres`, … (DESIGN, section 6). The empty address is this
 * user on this host: the slave on the session bus if there is such a bus (started if it does not run), else a slave of
 * our own. When the signal of `options` aborts, nothing of it is left behind once this rejects.
 * @throws the error of the kind `Domain.…` or D-Bus that says why it can't be had; the reason of the signal
 */
export async function connect(address = '', options: ConnectOptions = {}): Promise<Domain> {
  const opener = await createOpener(options);
  try {
    const domain = await opener.open(address, { alone: true, signal: options.signal });
    return domain;
  } catch (error) {
    await opener.close(options.signal?.aborted);
    throw error;
  }
}
