/** What is said until a slave is there: by the line that looks for one, by the loader that is sent one, by ssh. */
import type { HotwireError } from '../errors';
import { KILL_GRACE_MS, SLAVE_SENT_MS } from '../limits';
import { LEAST_NODE_MAJOR } from './bootstrap';
import type { Bundle } from './bundle';
import { type Connector, connectorError, type Exit } from './connector';
import { MAX_NOISE_BYTES, type Marker, type MarkerReader } from './marker';
import { type ConnectorProcess, describeExit, inTime } from './process';

/** How much of what came instead of a slave is shown, in characters. */
const SHOWN = 400;
/** What a shell says when there is no such program, and when it can't be run. */
const NOT_FOUND = [126, 127];

export interface Arriving {
  readonly connector: Connector;
  readonly process: ConnectorProcess;
  readonly markers: MarkerReader;
  readonly bundle: Bundle;
  /** How long nothing new may come, in milliseconds. */
  readonly timeoutMs: number;
}

/** @throws why there is no slave */
export async function waitUntilReady(arriving: Arriving): Promise<void> {
  const { connector, process, markers, bundle, timeoutMs } = arriving;
  const { address } = connector;
  let sending: Sending | undefined;
  for (;;) {
    // Anew whenever more of the slave has arrived: that there is node is known then, and a slow link takes what it takes.
    const arrival = await inTime(markers.next(), Math.min(timeoutMs, sending?.timeLeftMs ?? timeoutMs));
    if (arrival === 'late') {
      const limitMs = sending?.timeLeftMs === 0 ? SLAVE_SENT_MS : timeoutMs;
      const meaning = `no slave was ready there within ${limitMs / 1000} s; ${sending?.progress ?? came(markers)}`;
      throw connectorError('Domain.TimedOut', address, meaning, await process.lastWords());
    }
    if (arrival === 'noise') {
      const meaning = `it printed over ${MAX_NOISE_BYTES} bytes and no slave was ready: let its login scripts be quieter`;
      throw connectorError('Domain.Unreachable', address, `${meaning}; ${came(markers)}`, '');
    }
    if (arrival === 'ended') throw await endedEarly(arriving);
    if (arrival.word === 'ready') return;
    if (arrival.word === 'send' && sending === undefined) {
      sending = new Sending(bundle.size);
      process.stdin.write(await bundle.compressed());
    } else if (arrival.word !== 'got' || !sending?.got(Number(arrival.text))) {
      throw refused(address, arrival);
    }
  }
}

/** How far the slave that is sent has come: as the far side tells, as our own side only knows what ssh has taken. */
class Sending {
  readonly #size: number;
  readonly #deadline = performance.now() + SLAVE_SENT_MS;
  #arrived = 0;

  constructor(size: number) {
    this.#size = size;
  }

  get timeLeftMs(): number {
    return Math.max(0, this.#deadline - performance.now());
  }

  get progress(): string {
    return `it was silent while the slave was being sent (${this.#arrived} of ${this.#size} bytes)`;
  }

  /** @returns false for what can't be: no progress, or more than there is */
  got(bytes: number): boolean {
    if (!(bytes > this.#arrived && bytes <= this.#size)) return false;
    this.#arrived = bytes;
    return true;
  }
}

function refused(address: string, { word, text }: Marker): HotwireError {
  const least = `Node ${LEAST_NODE_MAJOR} or newer`;
  switch (word) {
    case 'old': {
      const meaning = `its Node is ${text}, which is too old: install hotwire or ${least} there`;
      return connectorError('Domain.ProgramMissing', address, meaning, '');
    }
    case 'none': {
      const meaning = `neither hotwire nor Node is there: install one of them (hotwire, or ${least}); its PATH is ${text}`;
      return connectorError('Domain.ProgramMissing', address, meaning, '');
    }
    case 'bad':
      return connectorError('Domain.Closed', address, 'the slave that was sent arrived damaged: try again', '');
    default: {
      const said = JSON.stringify(`${word} ${text}`.trim());
      const meaning = `it said ${said}, which means nothing here: install the same hotwire on both`;
      return connectorError('Domain.VersionMismatch', address, meaning, '');
    }
  }
}

/** The process, or the shell that it gave, ended before a slave was there. */
async function endedEarly({ connector, process, markers }: Arriving): Promise<HotwireError> {
  await process.end(KILL_GRACE_MS);
  const words = await process.lastWords();
  const { exit } = process;
  const explained = connector.explain(words, exit);
  if (explained !== undefined) return explained;
  if (wasNotFound(exit)) {
    const meaning = 'no shell could be started there: it needs sh, and hotwire or Node';
    return connectorError('Domain.ProgramMissing', connector.address, meaning, words || markers.noise);
  }
  const kind = connector.joins === 'line' ? 'Domain.LoginRefused' : 'Domain.Unreachable';
  const how = process.wasForced ? 'closed its output' : describeExit(exit);
  return connectorError(kind, connector.address, `it ${how} before a slave was there; ${came(markers)}`, words);
}

/** Whether a shell ended so because there was nothing to run. */
export function wasNotFound({ code }: Exit): boolean {
  return code !== null && NOT_FOUND.includes(code);
}

function came(markers: MarkerReader): string {
  const { noise } = markers;
  if (noise === '') return 'nothing came';
  return `this came instead: ${JSON.stringify(noise.slice(0, SHOWN))}${noise.length > SHOWN ? '…' : ''}`;
}
