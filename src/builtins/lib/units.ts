import { parseJson } from '../../json';
import { type BusCall, unexpectedAnswer } from './busctl';

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

/** The call that asks a manager for its units. */
export function listUnitsCall(manager: Manager): BusCall {
  return {
    bus: manager,
    service: 'org.freedesktop.systemd1',
    path: '/org/freedesktop/systemd1',
    interface: 'org.freedesktop.systemd1.Manager',
    method: 'ListUnits',
  };
}

/**
 * What busctl prints of the answer.
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
    throw unexpectedAnswer('units', 'list of units', text, error);
  }
  const rows = answer?.type === SIGNATURE && Array.isArray(answer.data) ? answer.data[0] : undefined;
  if (!Array.isArray(rows) || !rows.every(isRow)) throw unexpectedAnswer('units', 'list of units', text);
  return rows;
}

function isRow(row: unknown): row is Row {
  if (!Array.isArray(row) || row.length !== SIGNATURE.length - 'a()'.length) return false;
  return row.every((field, index) => typeof field === (index === 7 ? 'number' : 'string'));
}
