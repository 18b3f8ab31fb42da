/** Conditions of `where`: a text → a test of objects, made once for each class that flows in. */
import { propertiesOf } from '../../classes';
import { ArgumentError } from '../../engine';
import { HotwireError } from '../../errors';
import { isClosed, whyMissing } from './check';
import { compareValues } from './compare';
import {
  type Comparison,
  ConditionError,
  type ConditionNode,
  joinCondition,
  type Operand,
  type PropertyOperand,
  parseCondition,
  placeInWords,
} from './condition-parse';
import { type Meaning, meaningOf, numericText } from './condition-value';
import { isRecord, optionalReader, propertyReader } from './property';
import { compileRegExp } from './regexp';

type Test = (object: unknown) => boolean;
type Patterns = ReadonlyMap<Operand, (text: string) => boolean>;

/** The name of an object itself in a condition, for texts and numbers; a property of that name goes first. */
const ITSELF = 'it';
const ORDER: Readonly<Record<Comparison, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/**
 * @returns the test for objects of a class; it throws InvalidArgs for a value that means nothing there
 * @throws InvalidArgs with the place of what is wrong in `text`; LimitExceeded
 */
export function compileCondition(text: string): (className: string) => Test {
  return compileNode(text, parseCondition(text));
}

/**
 * Looks at a condition before anything flows.
 * @param className what will flow, as far as it is known
 * @throws ArgumentError
 */
export function checkCondition(words: readonly string[], className: string | null): void {
  const text = joinCondition(words);
  try {
    const root = parseCondition(text);
    const testFor = compileNode(text, root);
    if (!isClosed(className)) return;
    for (const property of propertiesIn(root)) {
      const why = property.optional || property.text === ITSELF ? undefined : whyMissing(property.text, className);
      if (why !== undefined) throw new ConditionError(text, property, why);
    }
    testFor(className);
  } catch (error) {
    if (error instanceof ConditionError) {
      throw new ArgumentError(`where: ${error.reason}`, placeInWords(words, error.place));
    }
    throw error instanceof HotwireError ? new ArgumentError(error.message, { argument: 0 }) : error;
  }
}

function compileNode(text: string, root: ConditionNode): (className: string) => Test {
  const patterns = new Map<Operand, (text: string) => boolean>();
  for (const pattern of patternsOf(root)) patterns.set(pattern, compilePattern(text, pattern));
  return (className) => new Compiler(text, className, patterns).compile(root);
}

function compilePattern(text: string, pattern: Operand): (text: string) => boolean {
  try {
    return compileRegExp(`~ ${pattern.text}`, pattern.text, false);
  } catch (error) {
    throw new ConditionError(text, pattern, HotwireError.from(error).message);
  }
}

function* patternsOf(node: ConditionNode): Generator<Operand> {
  for (const leaf of leavesOf(node)) if (leaf.kind === 'match') yield leaf.pattern;
}

function* propertiesIn(node: ConditionNode): Generator<PropertyOperand> {
  for (const leaf of leavesOf(node)) if ('property' in leaf) yield leaf.property;
}

function* leavesOf(node: ConditionNode): Generator<ConditionNode> {
  if (node.kind === 'not') yield* leavesOf(node.node);
  else if ('nodes' in node) for (const child of node.nodes) yield* leavesOf(child);
  else yield node;
}

class Compiler {
  readonly #text: string;
  readonly #className: string;
  readonly #patterns: Patterns;

  constructor(text: string, className: string, patterns: Patterns) {
    this.#text = text;
    this.#className = className;
    this.#patterns = patterns;
  }

  compile(node: ConditionNode): Test {
    if (node.kind === 'not') {
      const test = this.compile(node.node);
      return (object) => !test(object);
    }
    if (node.kind === 'flag') return this.#flag(node.property);
    if (node.kind === 'match') return this.#match(node.property, node.pattern);
    if (node.kind === 'compare') {
      const tests = node.values.map((value) => this.#compare(node.property, node.operator, value));
      return tests.length === 1 ? (tests[0] as Test) : (object) => tests.some((test) => test(object));
    }
    const tests = node.nodes.map((child) => this.compile(child));
    return node.kind === 'and'
      ? (object) => tests.every((test) => test(object))
      : (object) => tests.some((test) => test(object));
  }

  #flag(property: PropertyOperand): Test {
    const read = this.#reader(property);
    return (object) => {
      const value = read(object) ?? false;
      if (typeof value === 'boolean') return value;
      throw this.#error(
        property,
        `${property.text} is not true or false: compare it with something, as in where ${property.text} = …`,
      );
    };
  }

  #match(property: PropertyOperand, pattern: Operand): Test {
    const read = this.#reader(property);
    const matches = this.#patterns.get(pattern) as (text: string) => boolean;
    return (object) => {
      const value = read(object);
      if (value === null || value === undefined) return false;
      if (typeof value === 'object') throw this.#error(property, `${property.text} holds ${kindOf(value)}, no text`);
      return matches(String(value));
    };
  }

  #compare(property: PropertyOperand, operator: Comparison, operand: Operand): Test {
    const read = this.#reader(property);
    const isEquality = operator === '=' || operator === '!=';
    const declared = propertiesOf(this.#className).find(({ name }) => name === property.text);
    const meaning = meaningOf(operand, declared);
    if ('expected' in meaning) {
      throw this.#error(operand, `${property.text} can't be compared with '${operand.text}': give ${meaning.expected}`);
    }
    if (!isEquality && (meaning.type === 'null' || meaning.type === 'boolean')) {
      throw this.#error(operand, `nothing is less or more than ${meaning.text}: use = or !=`);
    }
    const holds = ORDER[operator];
    return (object) => {
      const value = read(object) ?? null;
      const order = orderOf(value, meaning);
      if (order !== undefined) return holds(order);
      if (value === null || isEquality) return operator === '!=';
      throw this.#error(operand, `${property.text} holds ${kindOf(value)}: it has no order with ${meaning.text}`);
    };
  }

  #reader({ text, optional }: PropertyOperand): (object: unknown) => unknown {
    if (optional) return optionalReader(text);
    const read = propertyReader('where', text, this.#className);
    if (text !== ITSELF) return read;
    return (object) => (isRecord(object) && Object.hasOwn(object, text) ? object[text] : object);
  }

  #error(place: Operand, reason: string): ConditionError {
    return new ConditionError(this.#text, place, reason);
  }
}

/** As compareValues has it; undefined for values of kinds that have no order with each other. */
function orderOf(value: unknown, meaning: Meaning): number | undefined {
  if (value === null || meaning.type === 'null') return value === null && meaning.type === 'null' ? 0 : undefined;
  if (typeof value === 'string') {
    const number = meaning.type === 'number' ? numericText(value) : undefined;
    if (number !== undefined && meaning.type === 'number') return number - meaning.value;
    if (meaning.type === 'number' && value !== meaning.text) return undefined;
    return compareValues(value, meaning.text);
  }
  if (meaning.type !== typeof value) return undefined;
  return compareValues(value, 'value' in meaning ? meaning.value : meaning.text);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? `the text '${value.slice(0, 40)}'` : `the ${typeof value} ${value}`;
}
