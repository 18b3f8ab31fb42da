// docs/builtins.md: what `help` tells of each builtin, and what its examples need.
import { createRegistry } from '../../src/builtins';
import { CLASSES } from '../../src/classes';
import type { Builtin, Example, Stage } from '../../src/engine';
import { block, bullets, code, joined, link, madeFrom, prose, table } from './markdown';

/** As the builtin `help` yields it (src/classes/help-item.ts). */
interface HelpItem {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly usage: string;
  readonly help: string | null;
  readonly options: readonly { name: string; short: string | null; value: string | null; summary: string }[];
  readonly arguments: readonly { name: string; kind: string; optional: boolean; repeated: boolean }[];
  readonly input: string | null;
  readonly input_optional: boolean;
  readonly output: string | null;
  readonly single_value: boolean;
  readonly idempotent: boolean;
  readonly undoable: boolean;
}

const INTRODUCTION =
  'Every command of the language, with its examples, which are run as tests. `help NAME` shows the same. ' +
  'An indented line is an object that an example yields, as JSON; where that depends on the machine none is shown. ' +
  'How options and arguments are written: [language.md](language.md#commands).';

const IN_WORDS: Readonly<Record<string, string>> = {
  any: 'objects of any class',
  identity: 'objects of the class that it takes',
};

export async function builtinsPage(): Promise<string> {
  const registry = createRegistry();
  const records = registry.list();
  const items: HelpItem[] = [];
  const stage = { args: [], registry } as Pick<Stage, 'args' | 'registry'> as Stage; // all that help looks at
  for await (const { objects } of registry.get('help')?.run?.(stage) ?? []) items.push(...(objects as HelpItem[]));
  if (items.length !== records.length) throw new Error('help does not list every builtin');
  const contents = items.map(({ name, summary }) => [link(name), prose(summary)]);
  const sections = records.map((builtin, index) => section(items[index] as HelpItem, builtin));
  const title = joined('# Builtins', madeFrom('src/builtins'), INTRODUCTION);
  return `${joined(title, table(['Command', ''], contents), ...sections)}\n`;
}

function section(item: HelpItem, builtin: Builtin): string {
  return joined(
    `## ${item.name}`,
    `${prose(item.summary)}.`,
    block(item.usage),
    item.help === null ? undefined : prose(item.help),
    table(
      ['Option', ''],
      item.options.map((option) => [code(spelling(option)), prose(option.summary)]),
    ),
    table(
      ['Argument', 'Kind', ''],
      item.arguments.map(({ name, kind, optional, repeated }) => [
        code(name.toUpperCase()),
        kind,
        often(optional, repeated),
      ]),
    ),
    bullets(facts(item)),
    block(builtin.examples.map(exampleText).join('\n\n')),
  );
}

function spelling({ name, short, value }: HelpItem['options'][number]): string {
  return `${short === null ? '' : `-${short}, `}--${name}${value === null ? '' : ` ${value.toUpperCase()}`}`;
}

function often(optional: boolean, repeated: boolean): string {
  if (repeated) return optional ? 'any number' : 'one or more';
  return optional ? 'optional' : 'required';
}

function facts(item: HelpItem): string[] {
  const first = item.input_optional ? ', or nothing: it may stand first' : '';
  return [
    `Takes ${item.input === null ? 'nothing' : objects(item.input) + first}.`,
    `Yields ${item.output === null ? 'nothing' : objects(item.output)}${item.single_value ? ': exactly one' : ''}.`,
    `Idempotent: ${item.idempotent ? 'yes, it changes nothing' : 'no'}. Undoable: ${item.undoable ? 'yes' : 'no'}.`,
    ...(item.aliases.length > 0 ? [`Aliases: ${item.aliases.map(code).join(', ')}.`] : []),
  ];
}

function objects(className: string): string {
  if (CLASSES.has(className)) return `${link(className, 'classes.md')} objects`;
  return IN_WORDS[className] ?? `${code(className)} objects`;
}

function exampleText({ text, shows, result = [], after = [], files = {} }: Example): string {
  const held = Object.entries(files).map(([name, content]) => `# ${name} holds ${JSON.stringify(content)}`);
  return [`# ${shows}`, ...held, ...after, text, ...result.map((value) => `    ${JSON.stringify(value)}`)].join('\n');
}
