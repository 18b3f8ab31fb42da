// The user's aliases: those that came with hotwire, as far as the user has left them, and the user's own.
import { HotwireError } from '../errors';
import { ParseError } from '../language';
import { readStages } from '../language/grammar';
import { tokenize } from '../language/lexer';
import { prefixHint } from '../language/prefix';
import { MAX_ALIAS_NAME_UNITS, MAX_ALIAS_UNITS } from '../limits';
import { readAliases, type Store } from '../store';

export interface Alias {
  readonly target: string;
  /** It came with hotwire: it only gives a program the terminal that it needs. */
  readonly default: boolean;
}
export type Aliases = ReadonlyMap<string, Alias>;

/** Programs that draw on a terminal, or ask on it; ssh and sudo, which do too, are builtins. */
const TERMINAL_PROGRAMS = 'gdb htop info iotop ipython irssi less man more most mutt nano pico powertop su top vi vim';
const DEFAULTS: ReadonlyMap<string, string> = new Map(
  TERMINAL_PROGRAMS.split(' ').map((name) => [name, `term ${name}`]),
);

/** What a name stands for unless the user says otherwise. */
export function defaultAlias(name: string): string | undefined {
  return DEFAULTS.get(name);
}

/** All aliases, by name; without a store, those that came with hotwire. */
export function aliasesOf(store: Store | undefined): Aliases {
  const aliases = new Map<string, Alias>();
  for (const [name, target] of DEFAULTS) aliases.set(name, { target, default: true });
  for (const [name, target] of store ? readAliases(store) : []) {
    if (target === null) aliases.delete(name);
    else aliases.set(name, { target, default: false });
  }
  return new Map([...aliases].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Nothing that the language, a glob, a path or the command line itself would take for something else. */
const NAME = /^[\p{L}\p{N}_.,+@%:!][\p{L}\p{M}\p{N}_.,+@%:!-]*$/u;

/** @throws InvalidArgs when no alias can have that name */
export function checkAliasName(name: string): void {
  if (!NAME.test(name) || name.length > MAX_ALIAS_NAME_UNITS) {
    const allowed = `letters, digits and _.,+@%:!- (not first), at most ${MAX_ALIAS_NAME_UNITS}`;
    throw new HotwireError('InvalidArgs', `'${name}' can't be the name of an alias: it may have ${allowed}`);
  }
  if (prefixHint(name) === undefined) return;
  throw new HotwireError(
    'InvalidArgs',
    `${name} can't be the name of an alias: it hands the rest of a line to that language; choose another name`,
  );
}

/** @throws InvalidArgs for a text that can't be the start of a pipeline, or after which the words that follow would be lost */
export function checkAliasTarget(name: string, target: string): void {
  const fail = (reason: string) => new HotwireError('InvalidArgs', `alias ${name}: ${reason}`);
  if (target.length > MAX_ALIAS_UNITS) throw fail(`its text is over ${MAX_ALIAS_UNITS} UTF-16 units; make it shorter`);
  if (target.includes('\0')) throw fail('its text holds a NUL; leave it out');
  let first: string | undefined;
  try {
    // as if every command compared: whether a < is a redirection is told when it runs
    first = readStages(target, () => true)[0]?.name.text;
  } catch (error) {
    throw error instanceof ParseError ? fail(error.message) : error;
  }
  if (target.trimStart().startsWith('|')) throw fail('its text begins with a bar; write the bar where you use it');
  const hint = prefixHint(first ?? '');
  if (hint !== undefined) throw fail(hint.replace(/^.*; here, /, 'in an alias, '));
  // a word that follows must be a word of its own
  const next = tokenize(`${target} x`).at(-1);
  if (next?.span.start !== target.length + 1)
    throw fail('a comment in its text would swallow what follows; leave it out');
}
