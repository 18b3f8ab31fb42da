import { HotwireError } from '../errors';
import { Backlog } from './backlog';
import type { CarriedPiece, JsonRecord, Listed } from './transfer-objects';

/** What of a listed entry the target gets: nothing else that its source may have added. */
const ENTRY_FIELDS = [
  'number',
  'kind',
  'path',
  'path_bytes',
  'root',
  'root_bytes',
  'mode',
  'size',
  'mtime',
  'target',
  'target_bytes',
  'identity',
] as const;
/** What of those a source must send as it has listed it. */
const FIXED_FIELDS = ['kind', 'path', 'path_bytes', 'mode', 'size', 'mtime', 'target', 'target_bytes'] as const;
const CONTENT_FIELDS = ['offset', 'data', 'digest', 'error'] as const;

/** The entries that the target wants: of what the source sends nothing else goes on to it. */
export class Sought {
  readonly #waiting = new Backlog<{ readonly listed: Listed; readonly offset: number; readonly weight: number }>();
  /** Number of the entry whose content may come. */
  #open: number | undefined;

  /** @param offset how much of it the target has said to have */
  add(listed: Listed, offset: number): void {
    this.#waiting.push({ listed, offset, weight: listed.weight });
  }

  /** As Backlog.room */
  room(signal: AbortSignal): Promise<void> {
    return this.#waiting.room(signal);
  }

  /**
   * @returns a piece as the target may have it
   * @throws Failed for one of something else than the next entry, or of another path, kind or size than was listed
   */
  pass({ record, number, begins }: CarriedPiece): JsonRecord {
    if (!begins) {
      if (number === this.#open) return { number, ...picked(record, CONTENT_FIELDS) };
      throw new HotwireError('Failed', `it sends content of entry ${number}, whose turn it is not`);
    }
    const next = this.#waiting.shift();
    if (next?.listed.number !== number) {
      throw new HotwireError('Failed', `it sends entry ${number}, whose turn it is not`);
    }
    const { object } = next.listed;
    const other = FIXED_FIELDS.find((name) => (object[name] ?? null) !== (record[name] ?? null));
    if (other !== undefined) {
      throw new HotwireError('Failed', `it sends ${next.listed.path} with another ${other} than it has listed`);
    }
    const offset = record.offset ?? 0;
    if (offset !== 0 && offset !== next.offset) {
      throw new HotwireError('Failed', `it sends ${next.listed.path} from byte ${offset} on, which was not asked for`);
    }
    this.#open = number;
    return { ...picked(object, ENTRY_FIELDS), ...picked(record, CONTENT_FIELDS) };
  }
}

function picked(record: JsonRecord, names: readonly string[]): JsonRecord {
  return Object.fromEntries(names.filter((name) => record[name] !== undefined).map((name) => [name, record[name]]));
}
