// docs/dbus.md: the contract, from the annotations of its XML, the table of errors and the links.
import xml from '../../dbus/org.hotwireshell.Slave1.xml';
import { BUS_NAME, INTERFACE, OBJECT_PATH } from '../../src/contract';
import { ERRORS } from '../../src/errors';
import {
  type ArgumentNode,
  annotated,
  type InterfaceNode,
  type MemberNode,
  parseIntrospection,
} from '../../test/support/introspection';
import { LINKS } from './links';
import { block, bullets, code, joined, madeFrom, prose, table } from './markdown';
import { STANDARD_ERRORS } from './standard-errors';

const TEXT = 'org.gtk.GDBus.DocString';
const DOC = 'org.hotwireshell.Doc.';
const OURS = 'org.hotwireshell.Error.';

type Annotated = Parameters<typeof annotated>[0];

export async function dbusPage(): Promise<string> {
  const [described] = await parseIntrospection(xml);
  if (described === undefined) throw new Error('the XML describes no interface');
  const parts = [
    joined('# D-Bus reference', madeFrom('dbus/org.hotwireshell.Slave1.xml'), prose(textOf(described)), where()),
    ...topics(described),
    '## Methods',
    ...described.methods.map(method),
    '## Signals',
    ...described.signals.map(signal),
    '## Properties',
    table(
      ['Property', 'Type', ''],
      described.properties.map((property) => [code(property.name), code(property.type), prose(textOf(property))]),
    ),
    ...links(),
    ...errors(described),
  ];
  return `${joined(...parts)}\n`;
}

function where(): string {
  return joined(
    table(
      ['', ''],
      [
        ['Bus name', code(BUS_NAME)],
        ['Object path', code(OBJECT_PATH)],
        ['Interface', code(INTERFACE)],
      ],
    ),
    'Programs that use it, in several languages: [examples.md](examples.md). The limits that are settings: [settings.md](settings.md).',
  );
}

/** Statements about the whole, below their headings. */
function topics(described: InterfaceNode): string[] {
  const byHeading = new Map<string, string[]>();
  for (const value of annotated(described, `${DOC}Topic`)) {
    const [heading, text] = entry(value);
    byHeading.set(heading, [...(byHeading.get(heading) ?? []), prose(text)]);
  }
  return [...byHeading].map(([heading, texts]) => joined(`## ${heading}`, bullets(texts)));
}

function method(node: MemberNode): string {
  const directed = (direction: string) => node.arguments.filter((argument) => argument.direction === direction);
  const [inward, outward] = [directed('in'), directed('out')];
  const named = annotated(node, `${DOC}Errors`).flatMap((value) => value.split(' '));
  return joined(
    member(node, `${node.name}(${list(inward)})${outward.length > 0 ? ` → (${list(outward)})` : ''}`),
    ...[...inward, ...outward].map(entries),
    named.length === 0 ? undefined : `Errors: ${named.map(code).join(', ')}.`,
  );
}

function signal(node: MemberNode): string {
  return joined(member(node, `${node.name}(${list(node.arguments)})`), ...node.arguments.map(entries));
}

function member(node: MemberNode, usage: string): string {
  const rows = node.arguments.map(({ name, type, ...argument }) => [code(name), code(type), prose(textOf(argument))]);
  return joined(`### ${node.name}`, block(usage), prose(textOf(node)), table(['Argument', 'Type', ''], rows));
}

function list(given: readonly ArgumentNode[]): string {
  return given.map(({ name, type }) => `${type} ${name}`).join(', ');
}

/** What an argument may hold or holds. */
function entries(argument: ArgumentNode): string {
  const options = annotated(argument, `${DOC}Option`);
  const all = [...options, ...annotated(argument, `${DOC}Key`)].map(entry);
  const isTyped = all.every(([named]) => named.includes(' '));
  const rows = all.map(([named, text]) => [...(isTyped ? named.split(' ') : [named]).map(code), prose(text)]);
  const title = options.length > 0 ? 'Option' : `Entry of ${code(argument.name)}`;
  return table(isTyped ? [title, 'Type', ''] : [title, ''], rows);
}

function links(): string[] {
  const rows = Object.values(LINKS).map(({ example, means }) => [code(JSON.stringify(example)), means]);
  return [
    '## Links',
    'Values of the metadata `hotwire.link`: what a command wants its display to do. A display does it for a pipeline of its own ' +
      'machine and user alone, as whoever runs the far end must not start programs here. One that it does not know is to be ignored.',
    table(['For example', 'Means'], rows),
  ];
}

/** Every error that can come, in the order of the table in the code. */
function errors(described: InterfaceNode): string[] {
  const texts = new Map([...annotated(described, `${DOC}Error`).map(entry)].map(([name, text]) => [OURS + name, text]));
  for (const [name, text] of Object.entries(STANDARD_ERRORS)) texts.set(name, text);
  const rows = Object.values(ERRORS).map(({ busName, exit }) => {
    const text = texts.get(busName);
    if (text === undefined) throw new Error(`nothing says when ${busName} comes: see scripts/docs/standard-errors.ts`);
    return [code(busName), prose(text), String(exit)];
  });
  return [
    '## Errors',
    'The message of an error is for people: it names what is at fault and what to do. The status is that of `hotwire run` when it ends so.',
    table(['Name', 'When', 'Status'], rows),
  ];
}

function textOf(node: Annotated): string {
  return annotated(node, TEXT)[0] ?? '';
}

/** "name: text" */
function entry(value: string): [name: string, text: string] {
  const colon = value.indexOf(': ');
  return [value.slice(0, colon), value.slice(colon + 2)];
}
