import { isSubclass, propertiesOf } from '../classes';
import { argumentOf, type Batch, type Builtin, quote, runNested, toRaw } from '../engine';
import { HotwireError } from '../errors';
import { MAX_TEXT_UNITS } from '../limits';

export const apply: Builtin = {
  name: 'apply',
  summary: 'Runs a command with the objects that flow in as further arguments',
  help:
    'Texts and numbers are arguments as they are, a File is its path, a Process its pid. The command runs once, when the input has ended; ' +
    'without any input it does not run at all. A single word may be a whole pipeline in quotes: the arguments go to its end. What begins ' +
    'with a dash is refused, lest it be taken for an option, unless the command ends with --.',
  // As sys has it: the words after the command may be paths.
  arguments: [
    { name: 'command', kind: 'builtin' },
    { name: 'argument', kind: 'path', optional: true, repeated: true },
  ],
  passthrough: true,
  input: { type: 'any' },
  output: 'any',
  examples: [
    {
      text: 'cat names.txt | apply cat',
      shows: 'the lines of the files that are named',
      files: { 'names.txt': 'a.txt\nb c.txt\n', 'a.txt': 'one\n', 'b c.txt': 'two\n' },
      result: ['one', 'two'],
      className: 'string',
    },
    {
      text: "js-eval '[1, 2]' | iter | apply 'sys echo 0'",
      shows: 'a command in quotes',
      result: ['0 1 2'],
      className: 'string',
    },
    {
      text: 'ls | apply sys du -sh',
      shows: 'paths of files for a program',
      files: { 'a.txt': 'a\n' },
      className: 'string',
    },
  ],
  async *run(stage) {
    const { args, input } = stage;
    const command = args.length === 1 ? (args[0] ?? '') : args.map(quote).join(' ');
    const extras: string[] = [];
    let units = command.length;
    for await (const batch of input) {
      for (const text of argumentsOf(batch, !/(?:^|\s)--\s*$/.test(command))) {
        const word = quote(text);
        units += word.length + 1;
        if (units > MAX_TEXT_UNITS) throw tooLong(extras.length);
        extras.push(word);
      }
    }
    if (extras.length > 0) yield* runNested(stage, `${command} ${extras.join(' ')}`);
  },
};

function* argumentsOf({ className, objects }: Batch, refuseDashes: boolean): Generator<string> {
  const property = handleOf(className);
  for (const object of objects) {
    const value = property === undefined ? object : argumentFrom(object as Readonly<Record<string, unknown>>, property);
    if (value === null || typeof value === 'object') {
      throw new HotwireError(
        'InvalidArgs',
        `apply: a value of class ${className} is no argument: name a property before it, as in … | prop name | apply …`,
      );
    }
    const text = String(value);
    if (refuseDashes && text.startsWith('-')) {
      throw new HotwireError(
        'InvalidArgs',
        `apply: ${text.slice(0, 60)} would be taken for an option: end the command with -- where it knows that, as in … | apply rm --`,
      );
    }
    yield text;
  }
}

/** A property as an argument: of a path that is not UTF-8 the bytes count. */
function argumentFrom(object: Readonly<Record<string, unknown>>, property: string): unknown {
  const bytes = property === 'path' ? object.path_bytes : undefined;
  return typeof bytes === 'string' ? argumentOf(toRaw(Buffer.from(bytes, 'base64'))) : object[property];
}

/** The property that a command takes for an object of a class: its path or its process id. */
function handleOf(className: string): string | undefined {
  if (!isSubclass(className, 'object')) return undefined;
  return propertiesOf(className).find(({ unit }) => unit === 'path' || unit === 'pid')?.name;
}

function tooLong(count: number): HotwireError {
  return new HotwireError(
    'LimitExceeded',
    `apply: after ${count} objects the command would be longer than ${MAX_TEXT_UNITS} characters: give it fewer, ` +
      'or let the command read a list of them',
  );
}
