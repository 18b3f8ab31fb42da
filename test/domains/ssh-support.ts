// What the tests of ssh: share: a server, and opening a peer on one of its hosts.
import { INTERFACE, OBJECT_PATH } from '../../src/contract';
import { type OpenPeer, type OpenPeerOptions, openPeer, parseDomainAddress } from '../../src/domains';
import type { Variant } from '../../src/wire';
import { onCleanup } from '../support/cleanup';
import type { HostOptions } from '../support/sshd';

const PATIENT = { timeoutMs: 20_000 };

/** A host on which there is nothing but node. */
export const BARE: HostOptions = { installed: false, programs: ['node'] };

export function partOf(address: string) {
  const [part] = parseDomainAddress(address);
  if (part === undefined) throw new Error(`${address} is no step`);
  return part;
}

type Options = Partial<OpenPeerOptions> & Pick<OpenPeerOptions, 'environment'>;

/** A peer that ends with the test file. */
export async function open(address: string, options: Options): Promise<OpenPeer> {
  const peer = await openPeer(partOf(address), { ...PATIENT, ...options });
  onCleanup(() => peer.close());
  return peer;
}

/** What opening a host fails with. */
export async function failure(name: string, options: Options): Promise<{ kind: string; message: string }> {
  const opened = open(`ssh:${name}`, options);
  await expect(opened).rejects.toMatchObject({ name: 'HotwireError' });
  return opened.then(
    () => ({ kind: 'none', message: '' }),
    ({ kind, message }) => ({ kind, message }),
  );
}

/** Process id of its slave, or of the one at a path of that. */
export async function pidOf({ connection }: OpenPeer, path: string = OBJECT_PATH): Promise<number> {
  const { body } = await connection.call({ path, interface: INTERFACE, member: 'GetContext' });
  return (body[0] as Record<string, Variant>).pid?.value as number;
}
