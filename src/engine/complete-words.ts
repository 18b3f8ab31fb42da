/** Candidates that are words of ours: names of commands, classes, properties and variables, and numbers of processes. */
import { CLASSES, propertiesOf } from '../classes';
import { prefixes } from '../language';
import type { Context } from './context';
import { prepare } from './engine';
import type { Registry } from './registry';

/** A candidate before it is quoted. */
export interface Suggestion {
  readonly value: string;
  readonly description: string;
}

/** Names and aliases of builtins. */
export function completeBuiltins(typed: string, registry: Registry): Suggestion[] {
  return [...registry.names()]
    .filter((name) => name.startsWith(typed))
    .sort()
    .map((value) => ({ value, description: registry.get(value)?.summary ?? '' }));
}

/** Language prefixes. */
export function completePrefixes(typed: string): Suggestion[] {
  return prefixes()
    .filter(({ prefix }) => prefix.startsWith(typed))
    .map(({ prefix, runs }) => ({ value: prefix, description: `Hands the rest of the text to: ${runs}` }));
}

/** Names of classes, whole or by their last part, in any case. */
export function completeClasses(typed: string): Suggestion[] {
  const begun = typed.toLowerCase();
  return [...CLASSES.values()]
    .filter(({ name }) => {
      const lower = name.toLowerCase();
      return lower.startsWith(begun) || lower.slice(lower.lastIndexOf('.') + 1).startsWith(begun);
    })
    .map(({ name, summary }) => ({ value: name, description: summary }));
}

/** Properties of the class that flows in; none where it is not known. */
export function completeProperties(typed: string, className: string | null): Suggestion[] {
  return propertiesOf(className ?? '')
    .filter(({ name }) => name.startsWith(typed))
    .map(({ name, summary }) => ({ value: name, description: summary }));
}

/** The only words that an argument may be. */
export function completeChoices(typed: string, choices: readonly string[]): Suggestion[] {
  return choices.filter((value) => value.startsWith(typed)).map((value) => ({ value, description: '' }));
}

/** Variables of the environment, as setenv takes them. */
export function completeVariables(typed: string, environment: Readonly<Record<string, string>>): Suggestion[] {
  return completeVariableNames(typed, environment).map(({ value, description }) => ({
    value: `${value}=`,
    description,
  }));
}

/** Variables of the environment, without their values: those may be secrets. */
export function completeVariableNames(typed: string, environment: Readonly<Record<string, string>>): Suggestion[] {
  return Object.keys(environment)
    .filter((name) => name.startsWith(typed))
    .sort()
    .map((value) => ({ value, description: '' }));
}

/** Processes as the builtin `proc` tells of them, the user's own first; none where it can't. */
export async function completeProcessIds(typed: string, context: Context, registry: Registry): Promise<Suggestion[]> {
  if (!/^\d*$/.test(typed) || registry.get('proc') === undefined) return [];
  const own: Suggestion[] = [];
  const others: Suggestion[] = [];
  const user = process.geteuid?.();
  await prepare('proc -a', context, registry).run({
    objects: async ({ objects }) => {
      for (const { pid, cmd, owner_id } of objects as { pid: number; cmd: string; owner_id: number }[]) {
        const value = String(pid);
        if (value.startsWith(typed)) (owner_id === user ? own : others).push({ value, description: cmd });
      }
    },
    state: () => undefined,
    metadata: async () => undefined,
    exception: () => undefined, // it has none to tell of
    aborted: () => undefined,
  });
  return [...own, ...others];
}
