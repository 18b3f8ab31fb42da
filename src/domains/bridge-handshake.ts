// What is said before the first message where a bridge stands between a client and a bus: D-Bus's own dialogue on both
// sides, and two things more: why the far side can't be had, and that a bridge is to end.
import { HotwireError } from '../errors';
import { clientDialogue, type Dialogue, serverDialogue } from '../wire';

/** Longest message of a refusal, in UTF-16 units: escaped it still fits into a line of the dialogue. */
const MAX_REFUSAL_UNITS = 2000;
const OURS = 'HOTWIRE';
const END = `${OURS}-END`;
const ENDING = `OK ${OURS}`;

/**
 * Towards a client of the bridge. It may claim any identity: only our own user gets through the 0700 directory to the
 * socket, so that nobody need ask the kernel who it is; at the far side it is who we are there.
 * @param end called when the client asks for the end of the bridge
 */
export function bridgeDialogue(guid: string, end: () => void): Dialogue {
  const server = serverDialogue(guid);
  return {
    ...server,
    line(line) {
      if (line !== END) return server.line(line);
      end();
      return { send: `${ENDING}\r\n`, done: true };
    },
  };
}

/** The far side said why its bus can't be had. */
export class Refusal extends HotwireError {
  override readonly name = 'Refusal';
}

/** Asks a bridge to end. */
export function endingDialogue(): Dialogue {
  return {
    greeting: `\0${END}\r\n`,
    expectsNul: false,
    line(line) {
      if (line === ENDING) return { done: true };
      return { error: new HotwireError('InvalidArgs', 'whoever listens there is no bridge of hotwire') };
    },
  };
}

/** Towards the far side: as any client, but an error that `refusingDialogue` sends is told as what it is. */
export function farDialogue(): Dialogue {
  const client = clientDialogue();
  return {
    ...client,
    line(line) {
      const refusal = readRefusal(line);
      return refusal === undefined ? client.line(line) : { error: refusal };
    },
  };
}

/** Towards the near side of a bridge whose bus can't be had: it is told why, and closes. */
export function refusingDialogue({ busName, message }: HotwireError): Dialogue {
  const text = JSON.stringify({ busName, message: message.slice(0, MAX_REFUSAL_UNITS) }).replace(
    /[^ -~]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return { greeting: '', expectsNul: true, line: () => ({ send: `ERROR ${OURS} ${text}\r\n` }) };
}

function readRefusal(line: string): HotwireError | undefined {
  const text = /^ERROR HOTWIRE (\{.*\})$/.exec(line)?.[1];
  if (text === undefined) return undefined;
  try {
    const { busName, message } = JSON.parse(text) as Record<string, unknown>;
    const { kind } = HotwireError.fromBus(String(busName), '');
    return new Refusal(kind, String(message));
  } catch {
    return new HotwireError('AuthFailed', `the far side refused, and its reason can't be read: ${text}`);
  }
}
