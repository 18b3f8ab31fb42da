/** Logins as systemd-logind knows them: org.freedesktop.login1(5). */
import type { Stage } from '../../engine';
import { HotwireError } from '../../errors';
import { parseJson } from '../../json';
import { slicesOf } from './batches';
import { type BusCall, callBus, unexpectedAnswer } from './busctl';
import type { Login } from './utmp';

/** Sessions that are asked for at once: each is a process. */
const ASKED_AT_ONCE = 4;
/** Classes of those where a person is logged in; others are of services, and of screens that ask for a login. */
const OF_A_PERSON = /^user/;
/** What is said of a session that has ended since it was listed. */
const GONE = /unknown object|no session|does not exist/i;

const LOGIND = { bus: 'system', service: 'org.freedesktop.login1' } as const;
const LIST_SESSIONS: BusCall = {
  ...LOGIND,
  path: '/org/freedesktop/login1',
  interface: 'org.freedesktop.login1.Manager',
  method: 'ListSessions',
};

type BusStage = Parameters<typeof callBus>[1];

/**
 * The sessions of persons.
 * @returns why not, in busctl's words, where logind can't be asked
 * @throws Failed for an answer that is none
 */
export async function askLogind(stage: BusStage): Promise<{ logins: Login[] } | { refused: string }> {
  const answer = await callBus(LIST_SESSIONS, stage);
  if ('refused' in answer) return answer;
  const logins: (Login | undefined)[] = [];
  for (const paths of slicesOf(parseSessions(answer.text), ASKED_AT_ONCE)) {
    logins.push(...(await Promise.all(paths.map((path) => askSession(path, stage)))));
  }
  return { logins: logins.filter((login) => login !== undefined) };
}

/** Undefined for a session that has ended meanwhile, and for one that is no person's. */
async function askSession(path: string, stage: Pick<Stage, keyof BusStage>): Promise<Login | undefined> {
  const parameters = ['s', 'org.freedesktop.login1.Session'];
  const answer = await callBus(
    { ...LOGIND, path, interface: 'org.freedesktop.DBus.Properties', method: 'GetAll', parameters },
    stage,
  );
  if ('text' in answer) return parseSession(answer.text);
  if (GONE.test(answer.refused)) return undefined;
  throw new HotwireError('Failed', `users: logind does not tell of ${path}: ${answer.refused}`, {
    cause: answer.cause,
  });
}

/** The object paths of the sessions that ListSessions answers. @throws Failed for anything else */
export function parseSessions(text: string): string[] {
  const rows = dataOf(text, 'a(susso)', 'list of sessions');
  if (!Array.isArray(rows)) throw unexpectedAnswer('users', 'list of sessions', text);
  return rows.map((row) => {
    const path: unknown = Array.isArray(row) ? row[4] : undefined;
    if (typeof path !== 'string') throw unexpectedAnswer('users', 'list of sessions', text);
    return path;
  });
}

/** The properties of a session that GetAll answers; undefined for one that is no person's. @throws Failed for anything else */
export function parseSession(text: string): Login | undefined {
  const properties = dataOf(text, 'a{sv}', 'session');
  const read = <T>(name: string, isWanted: (value: unknown) => value is T): T => {
    const value = (properties as Record<string, { data?: unknown } | undefined> | null)?.[name]?.data;
    if (isWanted(value)) return value;
    throw unexpectedAnswer('users', `${name} of a session`, text);
  };
  if (!OF_A_PERSON.test(read('Class', isText))) return undefined;
  return {
    name: read('Name', isText),
    uid: read('User', isNumbered)[0],
    id: read('Id', isText),
    tty: read('TTY', isText) || read('Display', isText) || null,
    host: read('RemoteHost', isText) || null,
    login_time: read('Timestamp', isNumber) / 1e6,
    pid: read('Leader', isNumber),
    kind: read('Type', isText),
    state: read('State', isText),
  };
}

function dataOf(text: string, signature: string, wanted: string): unknown {
  let answer: { type?: unknown; data?: unknown } | null;
  try {
    answer = parseJson(text) as typeof answer;
  } catch (error) {
    throw unexpectedAnswer('users', wanted, text, error);
  }
  if (answer?.type === signature && Array.isArray(answer.data)) return answer.data[0];
  throw unexpectedAnswer('users', wanted, text);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

/** A user: its number, and its object. */
function isNumbered(value: unknown): value is [number, string] {
  return Array.isArray(value) && typeof value[0] === 'number';
}
