/** Logins as programs note them in /run/utmp: utmp(5), `struct utmp` of the GNU C library. */

/** A login that has not ended. */
export interface Login {
  readonly name: string;
  /** Null where it is not told: the account has it. */
  readonly uid: number | null;
  readonly id: string | null;
  readonly tty: string | null;
  readonly host: string | null;
  readonly login_time: number;
  readonly pid: number;
  readonly kind: string | null;
  readonly state: string | null;
}

/** Of a login; other records are of the machine's start, of terminals that wait, and of ends. */
const USER_PROCESS = 7;
/** Places of the fields, from the start of a record. */
const PID = 4;
const LINE = { start: 8, end: 40 };
const USER = { start: 44, end: 76 };
const HOST = { start: 76, end: 332 };

interface Layout {
  readonly bytes: number;
  /** Place of the seconds, and of the microseconds after them. */
  readonly seconds: number;
  readonly microseconds: number;
}

/** Most machines keep to 32 bits for times, as older programs do; the C library's newer ports do not. */
const NARROW: Layout = { bytes: 384, seconds: 340, microseconds: 344 };
const WIDE: Layout = { bytes: 400, seconds: 344, microseconds: 352 };

const WIDE_MACHINES: ReadonlySet<string> = new Set(['arm64', 'loong64']);

/** The logins of a file. A record that is cut off at its end is being written, and left out. */
export function parseUtmp(file: Buffer, machine: string = process.arch): Login[] {
  const layout = WIDE_MACHINES.has(machine) ? WIDE : NARROW;
  const logins: Login[] = [];
  for (let start = 0; start + layout.bytes <= file.length; start += layout.bytes) {
    const record = file.subarray(start, start + layout.bytes);
    const name = textAt(record, USER);
    if (record.readInt16LE(0) === USER_PROCESS && name !== '') logins.push(loginOf(record, name, layout));
  }
  return logins;
}

function loginOf(record: Buffer, name: string, { seconds, microseconds }: Layout): Login {
  return {
    name,
    uid: null,
    id: null,
    tty: textAt(record, LINE) || null,
    host: textAt(record, HOST) || null,
    login_time: record.readUInt32LE(seconds) + record.readUInt32LE(microseconds) / 1e6,
    pid: record.readInt32LE(PID),
    kind: null,
    state: null,
  };
}

/** A text that ends at its first NUL, or fills its field. */
function textAt(record: Buffer, { start, end }: { start: number; end: number }): string {
  const nul = record.indexOf(0, start);
  return record.toString('utf8', start, nul < 0 ? end : Math.min(nul, end));
}
