import { HotwireError } from '../../errors';
import { parseJson } from '../../json';

/** See the class hotwire.sysdep.systemd.Unit. */
export interface UnitObject {
  readonly name: string;
  readonly description: string;
  readonly kind: string;
  readonly load_state: string;
  readonly active_state: string;
  readonly sub_state: string;
  readonly following: string | null;
  readonly object_path: string;
  readonly job_id: number | null;
  readonly job_type: string | null;
  readonly manager: Manager;
}

export type Manager = 'system' | 'user';

/** Signature of the answer of org.freedesktop.systemd1.Manager.ListUnits. */
const SIGNATURE = 'a(ssssssouso)';

type Row = [
  name: string,
  description: string,
  load: string,
  active: string,
  sub: string,
  following: string,
  path: string,
  jobId: number,
  jobType: string,
  jobPath: string,
];

/** The command that asks a manager for its units. It starts none: where there is no systemd nothing must be waited for. */
export function listUnitsCommand(manager: Manager): { file: string; args: string[] } {
  const call = [
    'org.freedesktop.systemd1',
    '/org/freedesktop/systemd1',
    'org.freedesktop.systemd1.Manager',
    'ListUnits',
  ];
  return { file: 'busctl', args: [`--${manager}`, '--json=short', '--auto-start=no', 'call', ...call] };
}

/**
 * What that command prints.
 * @throws Failed for anything else
 */
export function parseUnits(text: string, manager: Manager): UnitObject[] {
  return rowsOf(text).map(([name, description, load, active, sub, following, path, jobId, jobType]) => ({
    name,
    description,
    kind: name.slice(name.lastIndexOf('.') + 1),
    load_state: load,
    active_state: active,
    sub_state: sub,
    following: following || null,
    object_path: path,
    job_id: jobId || null,
    job_type: jobType || null,
    manager,
  }));
}

function rowsOf(text: string): Row[] {
  let answer: { type?: unknown; data?: unknown } | null;
  try {
    answer = parseJson(text) as typeof answer;
  } catch (error) {
    throw unexpected(text, error);
  }
  const rows = answer?.type === SIGNATURE && Array.isArray(answer.data) ? answer.data[0] : undefined;
  if (!Array.isArray(rows) || !rows.every(isRow)) throw unexpected(text);
  return rows;
}

function isRow(row: unknown): row is Row {
  if (!Array.isArray(row) || row.length !== SIGNATURE.length - 'a()'.length) return false;
  return row.every((field, index) => typeof field === (index === 7 ? 'number' : 'string'));
}

/** Units of text that a message shows at most. */
const MOST_SHOWN = 80;

function unexpected(text: string, cause?: unknown): HotwireError {
  const shown = text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
  const message = `units: busctl printed no list of units but: ${shown || 'nothing'}; see busctl --version (240 or newer)`;
  return new HotwireError('Failed', message, { cause });
}
