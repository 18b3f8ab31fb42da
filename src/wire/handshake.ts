// The text dialogue before the first message, from either side. Only EXTERNAL is spoken, and our side claims no identity:
// whoever is at the other end knows who we are (by the socket), or need not (a pipe). That works where the uids differ,
// as over ssh, and DBUS_COOKIE_SHA1 never gets a chance to fail (reference/dbus-next.md, section 2).
import type { Duplex } from 'node:stream';
import { HotwireError } from '../errors';

/** A fresh id of a server: 32 hexadecimal digits. By the global, as loading `node:crypto` costs a client a millisecond. */
export function newId(): string {
  return crypto.randomUUID().replaceAll('-', '');
}

/** Longest line, in bytes (dbus-daemon's own limit). */
const MAX_LINE_BYTES = 16 * 1024;
/**
 * Lines that the other side may take to be let in, or to let us in: far more than a client with every mechanism needs.
 * Each may be answered, and one that never reads its answers must not make us keep them.
 */
const MAX_LINES = 32;

/** What to do after a line: send something, be done (the rest is messages), or give up. */
export interface Step {
  readonly send?: string;
  readonly done?: boolean;
  readonly error?: HotwireError;
}

/** One side of the dialogue. */
export interface Dialogue {
  readonly greeting: string;
  /** Whether the other side has to begin with a NUL byte. */
  readonly expectsNul: boolean;
  line(line: string): Step;
}

/** The client's side, all of it in one write: that saves two round trips, which over ssh is felt. */
export function clientDialogue(): Dialogue {
  return {
    greeting: '\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n',
    expectsNul: false,
    line(line) {
      if (line === 'DATA' || line.startsWith('DATA ')) return {};
      if (line.startsWith('OK ')) return { done: true };
      const why = /^(REJECTED|ERROR)\b/.test(line)
        ? `the other end refused to let us in (${line})`
        : `the other end does not speak D-Bus; it said: ${shown(line)}`;
      return { error: new HotwireError('AuthFailed', why) };
    },
  };
}

/** The server's side: EXTERNAL with any identity, as its stream is already known to come from the right peer. */
export function serverDialogue(guid = newId()): Dialogue {
  let state: 'auth' | 'data' | 'begin' = 'auth';
  const to = (next: typeof state, send: string): Step => {
    state = next;
    return { send: `${send}\r\n` };
  };
  const accept = (identity: string | undefined) =>
    identity === undefined || /^([0-9a-fA-F]{2})*$/.test(identity)
      ? to('begin', `OK ${guid}`)
      : to('auth', 'REJECTED EXTERNAL');
  return {
    greeting: '',
    expectsNul: true,
    line(line) {
      const [command, ...words] = line.split(' ');
      switch (command) {
        case 'AUTH':
          if (state === 'begin') return { send: 'ERROR "already authenticated"\r\n' };
          if (words[0] !== 'EXTERNAL') return to('auth', 'REJECTED EXTERNAL');
          return words[1] === undefined ? to('data', 'DATA') : accept(words[1]);
        case 'DATA':
          return state === 'data' ? accept(words[0]) : { send: 'ERROR "no authentication is going on"\r\n' };
        case 'CANCEL':
        case 'ERROR':
          return to('auth', 'REJECTED EXTERNAL');
        case 'NEGOTIATE_UNIX_FD':
          return { send: 'ERROR "file descriptors are not passed here"\r\n' };
        case 'BEGIN':
          return state === 'begin'
            ? { done: true }
            : { error: new HotwireError('AuthFailed', 'BEGIN came before AUTH') };
        default:
          return { send: 'ERROR "unknown command"\r\n' };
      }
    },
  };
}

/**
 * Holds the dialogue over a stream, then calls `ready` with the bytes that came after it, before any other event of the
 * stream can pass unheard. The stream is destroyed when it fails.
 * @throws AuthFailed (after MAX_LINES too), TimedOut, or Disconnected when the stream ends first
 */
export function shakeHands<T>(
  stream: Duplex,
  dialogue: Dialogue,
  timeoutMs: number,
  ready: (rest: Buffer) => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    let expectsNul = dialogue.expectsNul;
    let lines = 0;

    const stop = () => {
      clearTimeout(timer);
      for (const [event, listener] of listeners) stream.off(event, listener);
    };
    const fail = (error: HotwireError) => {
      stop();
      stream.on('error', () => undefined); // what the stream still says while it is torn down tells nothing new
      stream.destroy();
      reject(error);
    };
    const follow = (step: Step): boolean => {
      if (step.error) fail(step.error);
      if (step.send) stream.write(step.send);
      if (!step.done) return !step.error;
      stream.pause();
      stop();
      resolve(ready(received));
      return false;
    };
    const data = (chunk: Buffer) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      if (expectsNul) {
        if (received[0] !== 0)
          return fail(new HotwireError('AuthFailed', `no D-Bus: it began with ${shown(received)}`));
        received = received.subarray(1);
        expectsNul = false;
      }
      for (let end = received.indexOf('\r\n'); end !== -1; end = received.indexOf('\r\n')) {
        if (end > MAX_LINE_BYTES) break;
        const line = received.toString('latin1', 0, end);
        received = received.subarray(end + 2);
        lines += 1;
        if (lines > MAX_LINES) {
          const said = `it said ${MAX_LINES} lines, at last ${shown(line)}`;
          return fail(new HotwireError('AuthFailed', `the connection was not set up: ${said}`));
        }
        if (!follow(dialogue.line(line))) return;
      }
      if (received.length > MAX_LINE_BYTES)
        fail(new HotwireError('AuthFailed', `no D-Bus: it said ${shown(received)}`));
    };
    const ended = (error?: Error) => {
      const said = received.length > 0 ? `; it said ${shown(received)}` : '';
      const why = error instanceof Error ? `: ${error.message}` : '';
      const message = `the other end closed the connection before it was set up${why}${said}`;
      fail(new HotwireError('Disconnected', message, { cause: error }));
    };
    const listeners = [
      ['data', data],
      ['end', () => ended()],
      ['close', () => ended()],
      ['error', ended],
    ] as const;
    const timer = setTimeout(() => {
      const said = received.length > 0 ? `said only ${shown(received)}` : 'said nothing';
      fail(
        new HotwireError('TimedOut', `the other end ${said} for ${timeoutMs / 1000} s while the connection was set up`),
      );
    }, timeoutMs);

    for (const [event, listener] of listeners) stream.on(event, listener);
    if (stream.destroyed || stream.readableEnded) return ended();
    if (dialogue.greeting) stream.write(dialogue.greeting);
  });
}

/** The beginning of what came, as a quoted text. */
function shown(said: string | Buffer): string {
  return JSON.stringify(said.toString('latin1').slice(0, 200));
}
