import { settings } from '../settings';

/**
 * The program of an evaluator's child process, as a text, so that it also runs where the slave itself is a bundle in
 * memory. It reads requests from stdin and answers on stdout, a line each, and never turns its event loop: reads and
 * writes block, so that no promise or timer of the user's code runs behind its back.
 *
 *   V[expression, {name: value, …}]   evaluates once             R[value]
 *   O[expression]                     compiles it, on `it`       R[]
 *   M[object, …]                      its value for each         P[value, …] any number of times, then R[value, …]
 *   F[object, …]                      which to keep              R[index, …]
 *   C                                 ends the session           no answer
 *
 * In place of an R: E{kind, message}, kind being `syntax`, `thrown` (by the user's code), `data` (no JSON) or `limit`.
 * Each session has a fresh global scope, made ahead while nobody waits. A busy child can't see the end of its stdin, so a
 * thread watches descriptor 3, which ends with the slave: no child outlives it.
 */
export const evaluatorProgram = () => String.raw`'use strict';
const vm = require('node:vm');
const { readSync, writeSync } = require('node:fs');
const { Worker } = require('node:worker_threads');

const MAX_OBJECT_UNITS = ${settings.maxObjectBytes};
const PART_UNITS = 256 * 1024;
const SHOWN_UNITS = 100;
const FILE = 'hotwire-expression';

class Failure extends Error {
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

// Runs inside the user's global scope before any code of theirs, and keeps that scope's own JSON.
const REALM = new vm.Script('(' + (() => {
  const { parse, stringify } = JSON;
  const { isSafeInteger } = Number;
  const toNumber = Number;
  const toText = String;
  const tagOf = Function.prototype.call.bind(Object.prototype.toString);
  const match = Function.prototype.call.bind(RegExp.prototype.exec);
  const NOT_DATA = /^\[object ((?:Weak)?(?:Map|Set|Ref)|Promise|RegExp|Error|.*Iterator|.*Generator|.*Array|.*ArrayBuffer|DataView)\]$/;
  function plain(key, value) {
    switch (typeof value) {
      case 'string':
        return value.toWellFormed();
      case 'bigint':
        return isSafeInteger(toNumber(value)) ? toNumber(value) : toText(value);
      case 'function':
      case 'symbol':
        throw { notData: 'a ' + typeof value };
      case 'object': {
        if (value === null || Array.isArray(value)) return value;
        const found = match(NOT_DATA, tagOf(value));
        if (found) throw { notData: 'a value of class ' + found[1] };
        return value;
      }
      default:
        return value;
    }
  }
  return { parse, text: (value) => (typeof value === 'number' ? stringify(value) : (stringify(value, plain) ?? 'null')) };
}) + ')()');

function freshScope() {
  const context = vm.createContext(Object.create(null));
  return { context, realm: REALM.runInContext(context) };
}

/** The expression as a function of those names. Only an expression fits between both kinds of bracket. */
function compile(scope, expression, names) {
  const head = '(' + names.join(', ') + ') => ';
  try {
    new vm.Script(head + '[' + expression + '\n]', { filename: FILE });
    return new vm.Script(head + '(' + expression + '\n)', { filename: FILE }).runInContext(scope.context);
  } catch (error) {
    if (expression.trim() === '') throw new Failure('syntax', 'the expression is empty');
    const where = place(expression, head.length + 1, String(error.stack));
    throw new Failure('syntax', where === '' ? 'the expression is not complete' : 'the expression does not parse: ' + error.message + where);
  }
}

/** The line of the expression that a stack points to, with a caret below the place. */
function place(expression, headLength, stack) {
  const at = new RegExp(FILE + ':(\\d+)(?::(\\d+)|\\n.*\\n( *)\\^)').exec(stack);
  if (!at) return '';
  const line = Number(at[1]);
  const source = expression.split('\n')[line - 1];
  if (source === undefined) return '';
  const column = (at[2] ? Number(at[2]) - 1 : at[3].length) - (line === 1 ? headLength : 0);
  const caret = Math.min(Math.max(column, 0), source.length);
  const start = caret < SHOWN_UNITS ? 0 : caret - SHOWN_UNITS / 2;
  return '\n  ' + source.slice(start, start + SHOWN_UNITS) + '\n  ' + ' '.repeat(caret - start) + '^';
}

/** Whatever the user's code threw, as a message; looking at it may itself throw. */
function describe(thrown, expression, headLength) {
  try {
    if (thrown === null || typeof thrown !== 'object') return 'the expression threw ' + String(thrown);
    return String(thrown) + place(expression, headLength, String(thrown.stack));
  } catch {
    return 'the expression threw something that has no text';
  }
}

function toJson(scope, value) {
  let text;
  try {
    text = scope.realm.text(value);
  } catch (error) {
    if (error?.notData) throw new Failure('data', 'the result holds ' + error.notData + ', which is no JSON data');
    if (/circular/.test(String(error?.message))) throw new Failure('data', 'the result contains itself, which JSON can\'t hold');
    throw error;
  }
  if (text.length > MAX_OBJECT_UNITS) {
    throw new Failure('limit', 'one result is larger than ' + MAX_OBJECT_UNITS + ' bytes of JSON text (setting maxObjectBytes)');
  }
  return text;
}

let scope = freshScope();
let session;

const REQUESTS = {
  V(payload) {
    const [expression, values] = scope.realm.parse(payload);
    const names = Object.keys(values);
    session = { expression, headLength: names.join(', ').length + 7 };
    const evaluate = compile(scope, expression, names);
    reply('R', [toJson(scope, evaluate(...Object.values(values)))]);
  },
  O(payload) {
    const [expression] = JSON.parse(payload);
    session = { expression, headLength: 9, evaluate: compile(scope, expression, ['it']) };
    reply('R', []);
  },
  M(payload) {
    let part = [];
    let units = 0;
    try {
      for (const it of scope.realm.parse(payload)) {
        const text = toJson(scope, session.evaluate(it));
        part.push(text);
        units += text.length;
        if (units < PART_UNITS) continue;
        reply('P', part);
        part = [];
        units = 0;
      }
    } catch (error) {
      reply('P', part);
      throw error;
    }
    reply('R', part);
  },
  F(payload) {
    const objects = scope.realm.parse(payload);
    const kept = [];
    for (let index = 0; index < objects.length; index++) {
      if (session.evaluate(objects[index])) kept.push(index);
    }
    reply('R', kept);
  },
};

function reply(kind, texts) {
  write(kind + '[' + texts.join(',') + ']\n');
}

function write(line) {
  const bytes = Buffer.from(line);
  for (let sent = 0; sent < bytes.length; ) sent += writeSync(1, bytes, sent);
}

const chunk = Buffer.allocUnsafe(64 * 1024);
let requests = [];
/** The next request. A payload holds no line feed, so whatever ends with one is a row of whole requests. */
function readRequest() {
  if (requests.length > 0) return requests.shift();
  const chunks = [];
  for (;;) {
    const length = readSync(0, chunk);
    if (length === 0) process.kill(process.pid, 'SIGKILL');
    chunks.push(Buffer.from(chunk.subarray(0, length)));
    if (chunk[length - 1] !== 10) continue;
    requests = Buffer.concat(chunks).toString().slice(0, -1).split('\n');
    return requests.shift();
  }
}

const WATCH = "require('node:fs').readSync(3, Buffer.alloc(1)); process.kill(process.pid, 'SIGKILL')";
// With its stdio of its own: else Node opens ours for it, and so makes them non-blocking.
new Worker(WATCH, { eval: true, stdout: true, stderr: true });

for (;;) {
  const request = readRequest();
  const kind = request[0];
  if (kind !== 'C') {
    try {
      REQUESTS[kind](request.slice(1));
    } catch (error) {
      const failure =
        error instanceof Failure
          ? { kind: error.kind, message: error.message }
          : { kind: 'thrown', message: describe(error, session.expression, session.headLength) };
      write('E' + JSON.stringify(failure) + '\n');
    }
  }
  if (kind === 'C' || kind === 'V') {
    session = undefined;
    scope = freshScope();
  }
}
`;
