/** The far side of a bridge (domains/bridge.ts), on stdin and stdout: a bus of this machine, or what carries the bytes on. */
import { once } from 'node:events';
import { userInfo } from 'node:os';
import type { Duplex } from 'node:stream';
import { type AddressPart, type BridgedBus, joinStreams, keep, refusingDialogue, startCarrier } from '../domains';
import { EXIT, HotwireError } from '../errors';
import { HANDSHAKE_TIMEOUT_MS } from '../limits';
import {
  Connection,
  clientDialogue,
  openAddress,
  serverDialogue,
  sessionBusAddress,
  shakeHands,
  stdioStream,
  systemBusAddress,
} from '../wire';

/**
 * Carries one connection between its parent and the bus.
 * @param route what is left of the way to it; a slave of this machine is none of its business, as that serves by itself
 * @returns 0 when either of them ended it; else what breaks a bridge
 */
export async function bridgeOnStdio(
  bus: BridgedBus,
  route: readonly AddressPart[],
  environment: NodeJS.ProcessEnv,
): Promise<number> {
  const near = stdioStream(process.stdin, process.stdout);
  try {
    if (route.length > 0) return await carryOn(near, startCarrier({ route, bus, environment }));
    const address = bus === 'system' ? systemBusAddress(environment) : addressOfSession(environment);
    return await toBus(near, address);
  } catch (thrown) {
    await refuse(near, HotwireError.from(thrown));
    return EXIT.domain;
  }
}

/** What the next step says before the first message, a refusal too, is for the bridge itself. */
async function carryOn(near: Duplex, starting: ReturnType<typeof startCarrier>): Promise<number> {
  const peer = await starting;
  const first = await joinStreams(near, peer.stream);
  if (first === 'client') {
    await peer.end();
    return EXIT.ok;
  }
  const failure = await peer.failure();
  if ((await peer.exited) === EXIT.ok) return EXIT.ok;
  process.stderr.write(`${failure.message}\n`);
  return EXIT.domain;
}

/**
 * A bus drops whoever has authenticated and says no Hello for some seconds, and a bridge keeps a connection ready for as
 * long as it takes: so the bus is tried now, and opened when the client speaks.
 */
async function toBus(near: Duplex, address: string): Promise<number> {
  await tryBus(address);
  await shakeHands(near, serverDialogue(), HANDSHAKE_TIMEOUT_MS, (rest) => keep(near, rest));
  await once(near, 'readable');
  if (near.readableLength === 0) return EXIT.ok; // it has ended
  try {
    const far = await openAddress(address);
    await shakeHands(far, clientDialogue(), HANDSHAKE_TIMEOUT_MS, (rest) => keep(far, rest));
    // A bus that lets us in again has cut this one client; else it has gone.
    if ((await joinStreams(near, far)) === 'server') await tryBus(address);
    return EXIT.ok;
  } catch (thrown) {
    process.stderr.write(`${HotwireError.from(thrown).message}\n`);
    return EXIT.domain;
  }
}

/** Enters a bus and leaves it. @throws why it does not let us in, with its address */
async function tryBus(address: string): Promise<void> {
  try {
    const connection = await Connection.connect(await openAddress(address));
    await connection.close();
  } catch (thrown) {
    const error = HotwireError.from(thrown);
    const message = error.message.includes(address) ? error.message : `the bus at ${address}: ${error.message}`;
    throw new HotwireError(error.kind, message, { cause: error });
  }
}

/** A login over ssh or sudo has a session bus without knowing where. @throws Disconnected when there is none */
function addressOfSession(environment: NodeJS.ProcessEnv): string {
  const { uid, username } = userInfo();
  const runtime = `/run/user/${uid}`;
  const address = sessionBusAddress(environment) ?? sessionBusAddress({ XDG_RUNTIME_DIR: runtime });
  if (address !== undefined) return address;
  const missing = `DBUS_SESSION_BUS_ADDRESS is not set, and there is no ${runtime}/bus`;
  const next = `let ${username} be logged in there ('loginctl enable-linger ${username}' does for good), or choose --bus system or --bus slave`;
  throw new HotwireError('Disconnected', `there is no session bus of ${username}: ${missing}; ${next}`);
}

/** Tells the other end of the bridge why, and waits until it has heard. */
async function refuse(near: Duplex, error: HotwireError): Promise<void> {
  await shakeHands(near, refusingDialogue(error), HANDSHAKE_TIMEOUT_MS, () => undefined).catch(() => {
    // It ends when the other side has closed, as it does after that.
  });
}
