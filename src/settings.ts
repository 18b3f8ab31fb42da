/**
 * The limits that an administrator or a user may change. One object for all: set once, when the program starts, and
 * frozen. Where the values come from is the business of slave/load-settings.ts; the other limits are in limits.ts.
 */
import {
  CLIENT_WINDOW_BYTES,
  DAY_S,
  DETACHED_INPUT_GRACE_S,
  DETACHED_KEPT_S,
  GIB,
  INPUT_MAX_BYTES,
  INPUT_WINDOW_BYTES,
  KEPT_OUTPUT_BYTES,
  KEPT_OUTPUT_PER_USER_BYTES,
  KIB,
  MAX_ARRAY_BYTES,
  MAX_CONTEXTS_PER_USER,
  MAX_DETACHED_PER_USER,
  MAX_EVALUATING_PER_OWNER,
  MAX_EVALUATING_PER_USER,
  MAX_LINE_BYTES,
  MAX_MESSAGE_BYTES,
  MAX_OBJECT_BYTES,
  MAX_PIPELINES_PER_OWNER,
  MAX_PIPELINES_PER_USER,
  MAX_RUNNING_PER_OWNER,
  MAX_RUNNING_PER_USER,
  MIB,
  SPOOL_BYTES,
  SPOOL_TOTAL_BYTES,
} from './limits';

export type SettingUnit = 'count' | 'bytes' | 'seconds';

/** What one setting is, and what it may be. */
export interface Setting {
  readonly unit: SettingUnit;
  readonly default: number;
  readonly min: number;
  readonly max: number;
  /** In words, for docs/settings.md. */
  readonly means: string;
}

const MAX_COUNT = 1_000_000;

function count(byDefault: number, means: string, min = 1): Setting {
  return { unit: 'count', default: byDefault, min, max: MAX_COUNT, means };
}

function bytes(byDefault: number, min: number, max: number, means: string): Setting {
  return { unit: 'bytes', default: byDefault, min, max, means };
}

/** Every setting by its name: the same in a file, on the command line and in the code. */
export const SETTINGS = {
  maxContextsPerUser: count(MAX_CONTEXTS_PER_USER, 'clients of one user that may be connected at once'),
  maxPipelinesPerOwner: count(
    MAX_PIPELINES_PER_OWNER,
    'pipelines that one client may have, running or finished; the oldest finished go first',
  ),
  maxPipelinesPerUser: count(MAX_PIPELINES_PER_USER, 'the same for all clients of one user together'),
  maxRunningPerOwner: count(MAX_RUNNING_PER_OWNER, 'pipelines of one client that may run at once'),
  maxRunningPerUser: count(MAX_RUNNING_PER_USER, 'the same for all clients of one user together'),
  maxEvaluatingPerOwner: count(
    MAX_EVALUATING_PER_OWNER,
    'pipelines of one client that may evaluate JavaScript at once; the others wait',
  ),
  maxEvaluatingPerUser: count(MAX_EVALUATING_PER_USER, 'the same for all clients of one user together'),
  maxDetachedPerUser: count(MAX_DETACHED_PER_USER, 'detached pipelines that one user may have, running or finished', 0),
  detachedKeptS: {
    unit: 'seconds',
    default: DETACHED_KEPT_S,
    min: 0,
    max: 3650 * DAY_S,
    means: 'how long a finished detached pipeline is kept for whoever attaches to it',
  },
  detachedInputGraceS: {
    unit: 'seconds',
    default: DETACHED_INPUT_GRACE_S,
    min: 0,
    max: DAY_S,
    means: 'how long a detached pipeline whose feeder has left waits for another before it fails',
  },
  keptOutputBytes: bytes(KEPT_OUTPUT_BYTES, 0, GIB, 'output of running pipelines that one client keeps for `current`'),
  keptOutputPerUserBytes: bytes(
    KEPT_OUTPUT_PER_USER_BYTES,
    0,
    GIB,
    'the same for all clients of one user together, with what is `current`; the oldest of that goes first',
  ),
  maxLineBytes: bytes(MAX_LINE_BYTES, KIB, MAX_ARRAY_BYTES, 'longest line of text that a program or a file may yield'),
  maxObjectBytes: bytes(MAX_OBJECT_BYTES, KIB, MAX_ARRAY_BYTES, 'largest object, as JSON text'),
  maxMessageBytes: bytes(
    MAX_MESSAGE_BYTES,
    MIB,
    MAX_MESSAGE_BYTES,
    'largest D-Bus message that is sent, and largest call that is answered',
  ),
  clientWindowBytes: bytes(
    CLIENT_WINDOW_BYTES,
    64 * KIB,
    64 * MIB,
    'output on its way to one client at which its pipelines pause',
  ),
  inputWindowBytes: bytes(
    INPUT_WINDOW_BYTES,
    64 * KIB,
    INPUT_MAX_BYTES,
    'input waiting for one pipeline at which whoever feeds it has to wait',
  ),
  spoolBytes: bytes(SPOOL_BYTES, MIB, 1024 * GIB, 'output on disk of one detached pipeline at which it pauses'),
  spoolTotalBytes: bytes(
    SPOOL_TOTAL_BYTES,
    MIB,
    1024 * GIB,
    'the same for all detached pipelines of one user together',
  ),
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;
export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

const values = Object.fromEntries(SETTING_NAMES.map((name) => [name, SETTINGS[name].default])) as Record<
  SettingName,
  number
>;

/** The values in force; the defaults until `configure`. */
export const settings: Readonly<Record<SettingName, number>> = values;

/** Sets values, which have been checked, for the life of the process. Once: whoever has read a value relies on it. */
export function configure(changes: Readonly<Partial<Record<SettingName, number>>>): void {
  if (Object.isFrozen(values)) throw new Error('the settings have been set already');
  Object.freeze(Object.assign(values, changes));
}
