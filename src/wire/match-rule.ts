import { HotwireError } from '../errors';
import { isBusName, isInterfaceName, isMemberName, isObjectPath } from './names';

/** Longest rule, in bytes (dbus-daemon's limit). */
const MAX_RULE_BYTES = 1024;
const TYPES = ['signal', 'method_call', 'method_return', 'error'];
/** A key and its equals sign, after what may separate it from the pair before. */
const KEY = /[\s,]*([^=\s,]*)\s*(=?)/y;
/** Any of arg0 to arg63, arg0path to arg63path, and arg0namespace. */
const ARGUMENT_KEY = /^arg(0namespace|([0-9]|[1-5][0-9]|6[0-3])(path)?)$/;

const VALUE_CHECKS: Readonly<Record<string, (value: string) => boolean>> = {
  type: (value) => TYPES.includes(value),
  sender: isBusName,
  destination: isBusName,
  interface: isInterfaceName,
  member: isMemberName,
  path: isObjectPath,
  path_namespace: isObjectPath,
  eavesdrop: (value) => value === 'true' || value === 'false',
};

/**
 * The keys and values of a match rule, in a form in which equal rules are equal texts.
 * @throws MatchRuleInvalid naming the part at fault
 */
export function normaliseMatchRule(rule: string): string {
  if (Buffer.byteLength(rule) > MAX_RULE_BYTES) throw invalid(rule, `it is longer than ${MAX_RULE_BYTES} bytes`);
  const pairs = new Map<string, string>();
  let at = 0;
  while (at < rule.length) {
    KEY.lastIndex = at;
    const [, key, equals] = KEY.exec(rule) ?? [];
    at = KEY.lastIndex;
    if (!key && !equals && at === rule.length) break; // spaces at the end
    if (!key || !equals) throw invalid(rule, "it is not of the form key='value',…");
    const [value, end] = readValue(rule, at);
    at = end;
    if (pairs.has(key)) throw invalid(rule, `it has the key '${key}' twice`);
    checkPair(rule, key, value);
    pairs.set(key, value);
  }
  return JSON.stringify([...pairs].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A value up to the comma that ends it: quoted parts are literal; outside of quotes `\'` is a quote. */
function readValue(rule: string, start: number): [value: string, end: number] {
  let value = '';
  let quoted = false;
  for (let at = start; at < rule.length; at++) {
    const character = rule.charAt(at);
    if (character === "'") quoted = !quoted;
    else if (!quoted && character === ',') return [value, at + 1];
    else if (!quoted && rule.startsWith("\\'", at)) value += rule.charAt(++at);
    else value += character;
  }
  if (quoted) throw invalid(rule, 'a quote is not closed');
  return [value, rule.length];
}

function checkPair(rule: string, key: string, value: string): void {
  if (ARGUMENT_KEY.test(key)) return;
  const check = Object.hasOwn(VALUE_CHECKS, key) ? VALUE_CHECKS[key] : undefined;
  if (!check) throw invalid(rule, `there is no key '${key}'`);
  if (!check(value)) throw invalid(rule, `'${value}' can't be the value of '${key}'`);
}

function invalid(rule: string, why: string): HotwireError {
  return new HotwireError('MatchRuleInvalid', `the match rule "${rule.slice(0, MAX_RULE_BYTES)}" is invalid: ${why}`);
}
