/**
 * The grammar of `where`: text → tree. It knows no classes; what a value means is decided for each class that flows in.
 *
 *     either = both { "or" both }        both = one { "and" one }        one = "not" one | "(" either ")" | test
 *     test   = property [ operator value | "~" pattern | ["not"] "in" ( "(" values ")" | values ) ]
 */
import { type ArgumentPlace, excerpt } from '../../engine';
import { HotwireError } from '../../errors';
import { MAX_CONDITION_DEPTH, MAX_CONDITION_UNITS, MAX_CONDITION_VALUES } from '../../limits';

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';

interface Place {
  readonly start: number;
  readonly length: number;
}

/** A word as it was written. */
export interface Operand extends Place {
  readonly text: string;
  readonly quoted: boolean;
}

export interface PropertyOperand extends Operand {
  /** `name?`: an object without it has nothing (null). */
  readonly optional: boolean;
}

export type ConditionNode =
  | { readonly kind: 'or' | 'and'; readonly nodes: readonly ConditionNode[] }
  | { readonly kind: 'not'; readonly node: ConditionNode }
  | { readonly kind: 'flag'; readonly property: PropertyOperand }
  | { readonly kind: 'match'; readonly property: PropertyOperand; readonly pattern: Operand }
  /** True when it holds for any of the values: `in` is `=` with several. */
  | {
      readonly kind: 'compare';
      readonly property: PropertyOperand;
      readonly operator: Comparison;
      readonly values: readonly Operand[];
    };

const PROPERTY = /[^\s()<>=!~,'"?]+/y;
const VALUE = /[^\s(),'"]+/y;
const QUOTED = /'(?:[^']|'')*'|"(?:[^"]|"")*"/y;
/** A regular expression without blanks, up to a parenthesis that it does not open. */
const PATTERN_PART = /\\.|\[\^?\]?(?:\\.|[^\]\\\s])*\]|[^\s()\\[]+/y;
const OPERATOR = /==|!=|<=|>=|!~|[=<>~]|(?:eq|ne|lt|le|gt|ge)(?![^\s('"])/y;
const OPERATOR_WORDS: Readonly<Record<string, Comparison>> = {
  '==': '=',
  eq: '=',
  ne: '!=',
  lt: '<',
  le: '<=',
  gt: '>',
  ge: '>=',
};
/** The end of a word after which a value stands. */
const AWAITS_VALUE = /[<>=~]$|^(?:eq|ne|lt|le|gt|ge)$/;
/** What a word with blanks must not hold to be the name of a property, and no part of a condition. */
const COMPARES = /[<>=!~(),'"]|(?:^|\s)(?:eq|ne|lt|le|gt|ge)(?:\s|$)/;
const KEYWORDS = new Set(['and', 'or', 'not', 'in']);

/**
 * Words of a command as one text. A word after an operator that holds blanks or quotes was one word on the command line,
 * and stays one value: `where cmd = 'a b'`. So does one before an operator, as a property: `where 'Unit Price' > 5`.
 */
export function joinCondition(words: readonly string[]): string {
  return spellWords(words).join(' ');
}

/** Where a place of the joined text is among the words. */
export function placeInWords(words: readonly string[], { start, length }: Place): ArgumentPlace {
  let at = 0;
  for (const [argument, word] of spellWords(words).entries()) {
    const end = at + word.length;
    if (start <= end) {
      const within = { start: start - at, length: Math.min(length, end - start) };
      return word === words[argument] ? { argument, within } : { argument };
    }
    at = end + 1;
  }
  return { argument: words.length - 1 };
}

function spellWords(words: readonly string[]): readonly string[] {
  if (words.length === 1) return words;
  return words.map((word, index) => {
    const isValue = AWAITS_VALUE.test(words[index - 1] ?? '');
    const isProperty = /\s/.test(word) && !COMPARES.test(word) && AWAITS_VALUE.test(words[index + 1] ?? '');
    return isProperty || (isValue && /^$|^[=~]|[\s'"]/.test(word)) ? `"${word.replaceAll('"', '""')}"` : word;
  });
}

/** The next step of who meant a file. */
const REDIRECTING = 'to redirect, quote the condition before it, or write with … | write FILE';

/** What is wrong with a condition, and where. */
export class ConditionError extends HotwireError {
  readonly reason: string;
  readonly place: Place;

  constructor(text: string, place: Place, reason: string) {
    super('InvalidArgs', `where: ${reason}\n${excerpt(text, place)}`);
    this.reason = reason;
    this.place = place;
  }
}

/** @throws InvalidArgs with the place; LimitExceeded */
export function parseCondition(text: string): ConditionNode {
  if (text.length > MAX_CONDITION_UNITS) {
    throw new HotwireError('LimitExceeded', `where: the condition is longer than ${MAX_CONDITION_UNITS} characters`);
  }
  return new ConditionReader(text).read();
}

class ConditionReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #values = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): ConditionNode {
    const node = this.#either();
    const next = this.#text[this.#blank()];
    if (next === undefined) return node;
    const redirects = next === '<' || next === '>';
    throw this.#unexpected(redirects ? `expected the end: ${REDIRECTING}` : 'expected and, or, or the end');
  }

  #either(): ConditionNode {
    const nodes = [this.#both()];
    while (this.#keyword('or')) nodes.push(this.#both());
    return nodes.length === 1 ? (nodes[0] as ConditionNode) : { kind: 'or', nodes };
  }

  #both(): ConditionNode {
    const nodes = [this.#one()];
    while (this.#keyword('and')) nodes.push(this.#one());
    return nodes.length === 1 ? (nodes[0] as ConditionNode) : { kind: 'and', nodes };
  }

  #one(): ConditionNode {
    if (++this.#depth > MAX_CONDITION_DEPTH) {
      throw new HotwireError('LimitExceeded', `where: the condition is nested deeper than ${MAX_CONDITION_DEPTH}`);
    }
    let node: ConditionNode;
    if (this.#keyword('not')) {
      node = { kind: 'not', node: this.#one() };
    } else if (this.#sign('(')) {
      node = this.#either();
      if (!this.#sign(')')) throw this.#unexpected('expected )');
    } else {
      node = this.#test();
    }
    this.#depth--;
    return node;
  }

  #test(): ConditionNode {
    const property = this.#property();
    const start = this.#blank();
    const operator = this.#match(OPERATOR);
    if (operator === '~') return { kind: 'match', property, pattern: this.#pattern() };
    if (operator === '!~') return { kind: 'not', node: { kind: 'match', property, pattern: this.#pattern() } };
    if (operator !== '') {
      const comparison = OPERATOR_WORDS[operator] ?? (operator as Comparison);
      return { kind: 'compare', property, operator: comparison, values: [this.#value()] };
    }
    const negated = this.#keyword('not');
    if (this.#keyword('in')) {
      const node: ConditionNode = { kind: 'compare', property, operator: '=', values: this.#list() };
      return negated ? { kind: 'not', node } : node;
    }
    if (negated) throw this.#unexpected('expected in after not');
    this.#at = start;
    return { kind: 'flag', property };
  }

  #property(): PropertyOperand {
    const start = this.#blank();
    const operand = this.#quoted() ?? this.#bare(PROPERTY);
    if (operand === undefined || (!operand.quoted && KEYWORDS.has(operand.text))) {
      this.#at = start;
      throw this.#unexpected('expected a property');
    }
    return { ...operand, optional: this.#text[this.#at] === '?' && this.#at++ >= 0 };
  }

  #list(): Operand[] {
    const inParentheses = this.#sign('(');
    const values = [this.#value()];
    while (this.#sign(',')) values.push(this.#value());
    if (inParentheses && !this.#sign(')')) throw this.#unexpected('expected , or )');
    return values;
  }

  /** A value; `2h ago` is one. */
  #value(): Operand {
    this.#count();
    this.#blank();
    const operand = this.#quoted() ?? this.#bare(VALUE);
    if (operand === undefined) throw this.#unexpected('expected a value');
    if (!operand.quoted && /^[=~]/.test(operand.text)) {
      const [sign] = operand.text;
      const hint = sign === '~' ? 'write ~ (matches)' : 'write = (equals)';
      throw new ConditionError(
        this.#text,
        operand,
        `${operand.text} is not understood here: ${hint}, or quote the value`,
      );
    }
    if (operand.quoted || !this.#keyword('ago')) return operand;
    return { ...operand, text: `${operand.text} ago`, length: this.#at - operand.start };
  }

  #pattern(): Operand {
    this.#count();
    const start = this.#blank();
    const quoted = this.#quoted();
    if (quoted !== undefined) return quoted;
    for (let open = 0; this.#at < this.#text.length; ) {
      if (this.#match(PATTERN_PART) !== '') continue;
      const char = this.#text[this.#at] ?? '';
      if (/\s/.test(char) || (char === ')' && open === 0)) break;
      if (char === '(') open++;
      if (char === ')') open--;
      this.#at++; // a bracket or backslash that is not closed: the regular expression's own error says so
    }
    if (this.#at === start) throw this.#unexpected('expected a regular expression');
    return { text: this.#text.slice(start, this.#at), quoted: false, start, length: this.#at - start };
  }

  #count(): void {
    if (++this.#values <= MAX_CONDITION_VALUES) return;
    throw new HotwireError('LimitExceeded', `where: the condition has more than ${MAX_CONDITION_VALUES} values`);
  }

  #quoted(): Operand | undefined {
    const quote = this.#text[this.#at];
    if (quote !== "'" && quote !== '"') return undefined;
    const start = this.#at;
    const found = this.#match(QUOTED);
    if (found === '') throw this.#unexpected(`expected a closing ${quote}`);
    const text = found.slice(1, -1).replaceAll(quote + quote, quote);
    return { text, quoted: true, start, length: found.length };
  }

  #bare(run: RegExp): Operand | undefined {
    const start = this.#at;
    const text = this.#match(run);
    return text === '' ? undefined : { text, quoted: false, start, length: text.length };
  }

  #keyword(word: string): boolean {
    this.#blank();
    const end = this.#at + word.length;
    if (!this.#text.startsWith(word, this.#at) || !/^[\s()'"]?$/.test(this.#text.charAt(end))) return false;
    this.#at = end;
    return true;
  }

  #sign(sign: string): boolean {
    if (this.#text[this.#blank()] !== sign) return false;
    this.#at++;
    return true;
  }

  /** Passes blanks. @returns the place after them */
  #blank(): number {
    while (/^\s$/.test(this.#text.charAt(this.#at))) this.#at++;
    return this.#at;
  }

  #match(sticky: RegExp): string {
    sticky.lastIndex = this.#at;
    const text = sticky.exec(this.#text)?.[0] ?? '';
    this.#at += text.length;
    return text;
  }

  #unexpected(expected: string): ConditionError {
    const found = /^[^\s]+/.exec(this.#text.slice(this.#at, this.#at + 60))?.[0];
    const what = found === undefined ? 'the condition ends too early' : `${found} is not understood here`;
    return new ConditionError(this.#text, { start: this.#at, length: found?.length ?? 0 }, `${what}: ${expected}`);
  }
}
