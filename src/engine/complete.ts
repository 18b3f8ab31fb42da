/** Completion of the word at a place of a text that is still being typed. Whatever the text, it answers. */

import {
  type ArgumentKind,
  classInto,
  commandOf,
  locate,
  type Place,
  type QuoteStyle,
  quoteAs,
  slotAfter,
  type Word,
} from '../language';
import { MAX_CANDIDATES, MAX_COMPLETED_UNITS, MAX_DESCRIPTION_UNITS } from '../limits';
import { completeOptions } from './complete-options';
import { completePaths, completePrograms } from './complete-paths';
import {
  completeBuiltins,
  completeChoices,
  completeClasses,
  completePrefixes,
  completeProcessIds,
  completeProperties,
  completeVariableNames,
  completeVariables,
  type Suggestion,
} from './complete-words';
import type { Context } from './context';
import type { Registry } from './registry';

export interface Candidate {
  /** The word that is meant. */
  readonly value: string;
  /** How to write it. A directory ends in `/`. */
  readonly replacement: string;
  readonly description: string;
}

export interface Completion {
  /** The replaced text begins here, and ends at the cursor; in UTF-16 units. */
  readonly start: number;
  readonly candidates: readonly Candidate[];
}

/** Kinds of the values of options, by the names that declarations give them; of any other nothing is known. */
const VALUE_KINDS: ReadonlyMap<string, ArgumentKind> = new Map([
  ['file', 'path'],
  ['path', 'path'],
  ['directory', 'directory'],
  ['property', 'property'],
  ['class', 'class'],
  ['pid', 'pid'],
]);

/** What may stand at `cursor` instead of the word that is typed so far; at most MAX_CANDIDATES, best first. */
export async function complete(
  text: string,
  cursor: number,
  context: Context,
  registry: Registry,
): Promise<Completion> {
  const end = Math.min(cursor, text.length);
  const place =
    end > MAX_COMPLETED_UNITS || splitsPair(text, end)
      ? undefined
      : locate(text.slice(0, end), { command: (name) => registry.get(name) });
  if (place === undefined) return { start: end, candidates: [] };
  const { start, word } = place;
  const suggestions = await new Completer(place, context, registry).suggestions();
  const candidates = suggestions.slice(0, MAX_CANDIDATES).map(({ value, description }) => ({
    value,
    replacement: spell(value, place, text[end]),
    description: shorten(description),
  }));
  return { start: word ? start : end, candidates };
}

class Completer {
  readonly #place: Place;
  readonly #context: Context;
  readonly #registry: Registry;
  readonly #vocabulary: { command: Registry['get'] };
  /** What is typed of the word, without its quotes. */
  readonly #typed: string;

  constructor(place: Place, context: Context, registry: Registry) {
    this.#place = place;
    this.#context = context;
    this.#registry = registry;
    this.#vocabulary = { command: (name) => registry.get(name) };
    this.#typed = place.word?.text ?? '';
  }

  async suggestions(): Promise<readonly Suggestion[]> {
    const { role } = this.#place;
    if (role === 'target') return this.#ofKind('path', this.#typed, true);
    return role === 'command' ? this.#commands() : this.#operands();
  }

  /** A builtin or a language prefix, unless a part of the word is quoted, or a program. */
  async #commands(): Promise<readonly Suggestion[]> {
    const { word, startsText } = this.#place;
    const prefixes = startsText ? completePrefixes(this.#typed) : [];
    const builtins = isQuoted(word) ? [] : [...completeBuiltins(this.#typed, this.#registry), ...prefixes];
    const names = new Set(builtins.map(({ value }) => value));
    const programs = await this.#ofKind('program', this.#typed, true);
    return [...builtins, ...programs.filter(({ value }) => !names.has(value))];
  }

  async #operands(): Promise<readonly Suggestion[]> {
    const { stages } = this.#place;
    const typed = this.#typed;
    const stage = stages.at(-1);
    const { command, operands = [] } = stage ? commandOf(stage, this.#vocabulary) : {};
    if (command === undefined) return [];
    const slot = slotAfter(command, operands);
    if (slot.value !== undefined) return this.#ofKind(VALUE_KINDS.get(slot.value), typed, false);
    if (!slot.options || !typed.startsWith('-')) {
      return slot.choices ? completeChoices(typed, slot.choices) : this.#ofKind(slot.kind, typed, true);
    }
    const value = /^--([^=]+)=(.*)$/s.exec(typed);
    if (value === null) return completeOptions(command, typed);
    const [, name, begun = ''] = value;
    const kind = VALUE_KINDS.get(command.options?.find((option) => option.name === name)?.value ?? '');
    const values = await this.#ofKind(kind, begun, false);
    return values.map((one) => ({ ...one, value: `--${name}=${one.value}` }));
  }

  /** The whole word, with what may stand at the end of the pipeline in it. */
  async #nested(typed: string): Promise<readonly Suggestion[]> {
    const { start, candidates } = await complete(typed, typed.length, this.#context, this.#registry);
    return candidates.map(({ replacement, description }) => ({
      value: typed.slice(0, start) + replacement,
      description,
    }));
  }

  /** @param expands whether an unquoted `~` is the home directory here */
  async #ofKind(kind: ArgumentKind | undefined, typed: string, expands: boolean): Promise<readonly Suggestion[]> {
    const { cwd, environment, home } = this.#context;
    const around = { cwd, home: expands && beginsAtHome(this.#place.word) ? home : undefined };
    switch (kind) {
      case 'path':
      case 'directory':
        return completePaths(typed, kind, around);
      case 'program':
        if (typed.includes('/') || around.home !== undefined) return completePaths(typed, kind, around);
        return completePrograms(typed, environment.PATH ?? '', cwd);
      case 'property':
        return completeProperties(typed, classInto(this.#place.stages, this.#vocabulary));
      case 'pid':
        return completeProcessIds(typed, this.#context, this.#registry);
      case 'class':
        return completeClasses(typed);
      case 'builtin':
        return completeBuiltins(typed, this.#registry);
      case 'variable':
        return completeVariables(typed, environment);
      case 'variable-name':
        return completeVariableNames(typed, environment);
      case 'pipeline':
        return this.#nested(typed);
      default:
        return [];
    }
  }
}

function isQuoted(word: Word | undefined): boolean {
  return word?.pieces.some(({ quoted }) => quoted) === true;
}

/** Whether the word begins with a `~` that is not quoted. */
function beginsAtHome(word: Word | undefined): boolean {
  const first = word?.pieces[0];
  return first?.quoted === false && (word?.text === '~' || first.text.startsWith('~/'));
}

/** A value in the style of the word that it replaces. The sign `next` that follows may be the closing quote already. */
function spell(value: string, { word, role }: Place, next: string | undefined): string {
  const open = word?.open?.quote === '\\' ? undefined : word?.open?.quote;
  // quotes in the name of a command say that it is a program
  const style: QuoteStyle = open ?? (role === 'command' && isQuoted(word) ? "'" : undefined);
  const atHome = beginsAtHome(word) && value.startsWith('~/');
  const rest = atHome ? value.slice(2) : value;
  const spelled = (atHome ? '~/' : '') + (atHome && rest === '' ? '' : quoteAs(rest, style));
  return open !== undefined && next === open ? spelled.slice(0, -1) : spelled;
}

/** Whether a place is inside of a character. */
function splitsPair(text: string, at: number): boolean {
  return (text.codePointAt(at - 1) ?? 0) > 0xffff;
}

function shorten(description: string): string {
  if (description.length <= MAX_DESCRIPTION_UNITS) return description;
  const cut = MAX_DESCRIPTION_UNITS - 1;
  return `${description.slice(0, splitsPair(description, cut) ? cut - 1 : cut)}…`;
}
