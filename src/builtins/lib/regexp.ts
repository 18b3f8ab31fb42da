import type { RE2JS } from 're2js';
import { HotwireError } from '../../errors';

const LOOKAROUND = /\(\?<?[=!]/;
const BACKREFERENCE = /\\[1-9]|\\k</;

/**
 * A regular expression (RE2 syntax) as a test of texts that takes time linear in their length.
 * @throws InvalidArgs with the reason
 */
export function compileRegExp(command: string, pattern: string, ignoreCase: boolean): (text: string) => boolean {
  const compiled = loadRegExp(command, pattern, ignoreCase);
  return (text) => compiled.test(text);
}

/**
 * A regular expression that also tells where it matches. To find one match takes time linear in the text; to find all of
 * them may not.
 * @throws InvalidArgs with the reason
 */
export function loadRegExp(command: string, pattern: string, ignoreCase: boolean): RE2JS {
  // On first use: it takes some 5 ms to load, which a start should not pay.
  const { RE2JS } = require('re2js') as typeof import('re2js');
  try {
    return RE2JS.compile(pattern, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (error) {
    throw new HotwireError('InvalidArgs', `${command}: ${reason(pattern, error)}`, { cause: error });
  }
}

function reason(pattern: string, error: unknown): string {
  const linear = 'because matching must take linear time';
  if (LOOKAROUND.test(pattern)) return `${pattern}: lookahead and lookbehind are not supported, ${linear}`;
  if (BACKREFERENCE.test(pattern)) return `${pattern}: backreferences are not supported, ${linear}`;
  return error instanceof Error ? error.message : `${pattern}: no regular expression`;
}
