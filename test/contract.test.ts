import xml from '../dbus/org.hotwireshell.Slave1.xml';
import * as contract from '../src/contract';
import { ERRORS } from '../src/errors';
import {
  type ArgumentNode,
  annotated,
  type InterfaceNode,
  type MemberNode,
  parseIntrospection,
} from './support/introspection';

const DOC = 'org.gtk.GDBus.DocString';
const ERROR_PREFIX = 'org.hotwireshell.Error.';

let described: InterfaceNode;
beforeAll(async () => {
  const interfaces = await parseIntrospection(xml);
  expect(interfaces.map(({ name }) => name)).toEqual([contract.INTERFACE]);
  described = interfaces[0] as InterfaceNode;
});

const pairs = (list: readonly ArgumentNode[]) => list.map(({ name, type }) => [name, type]);
const directed = (node: MemberNode, direction: string) =>
  pairs(node.arguments.filter((argument) => argument.direction === direction));
/** The names and signatures that annotations "name signature: prose" begin with. */
const entries = (values: readonly string[]) =>
  Object.fromEntries(values.map((value) => (value.split(':')[0] as string).split(' ')));
const argument = (members: readonly MemberNode[], member: string, name: string) => {
  const found = members.find((node) => node.name === member)?.arguments.find((node) => node.name === name);
  if (!found) throw new Error(`${member} has no argument ${name}`);
  return found;
};

describe('src/contract.ts and dbus/org.hotwireshell.Slave1.xml are equal in', () => {
  test('methods', () => {
    const written = Object.fromEntries(
      described.methods.map((node) => [node.name, { in: directed(node, 'in'), out: directed(node, 'out') }]),
    );
    expect(written).toEqual(contract.METHODS);
    expect(described.methods.map(({ name }) => name)).toEqual(Object.keys(contract.METHODS));
  });

  test('signals', () => {
    const written = Object.fromEntries(described.signals.map((node) => [node.name, directed(node, 'out')]));
    expect(written).toEqual(contract.SIGNALS);
    expect(described.signals.map(({ name }) => name)).toEqual(Object.keys(contract.SIGNALS));
  });

  test('properties, which are constant', () => {
    const written = Object.fromEntries(described.properties.map(({ name, type }) => [name, type]));
    expect(written).toEqual(contract.PROPERTIES);
    for (const property of described.properties) {
      expect(property.access).toBe('read');
      expect(annotated(property, 'org.freedesktop.DBus.Property.EmitsChangedSignal')).toEqual(['const']);
    }
  });

  test('options', () => {
    const options = (method: string) =>
      entries(annotated(argument(described.methods, method, 'options'), 'org.hotwireshell.Doc.Option'));
    expect({ ...options('RunPipelineWithOptions'), ...options('Evaluate') }).toEqual(contract.RUN_OPTIONS);
  });

  test('keys of the metadata', () => {
    const keys = annotated(argument(described.signals, 'PipelineMetadata', 'key'), 'org.hotwireshell.Doc.Key');
    expect(Object.keys(entries(keys))).toEqual(Object.values(contract.METADATA));
  });

  test('states that are signalled', () => {
    const keys = annotated(argument(described.signals, 'PipelineStateChanged', 'state'), 'org.hotwireshell.Doc.Key');
    expect(Object.keys(entries(keys))).toEqual(contract.STATES.filter((state) => state !== 'waiting'));
  });

  test('errors (src/errors.ts)', () => {
    const written = annotated(described, 'org.hotwireshell.Doc.Error').map((value) => value.split(':')[0]);
    const ours = Object.values(ERRORS).filter(({ busName }) => busName.startsWith(ERROR_PREFIX));
    expect(written).toEqual(ours.map(({ busName }) => busName.slice(ERROR_PREFIX.length)));
  });
});

test('the XML documents every member and argument, once', () => {
  const members = [...described.methods, ...described.signals];
  const nodes = [described, ...described.properties, ...members, ...members.flatMap((node) => node.arguments)];
  const undocumented = nodes.filter(
    (node) => annotated(node, DOC).filter((value) => value.length > 1 && value.endsWith('.')).length !== 1,
  );
  expect(undocumented).toEqual([]);
});

test('the errors that a method names are explained', () => {
  const known = new Set(annotated(described, 'org.hotwireshell.Doc.Error').map((value) => value.split(':')[0]));
  const named = described.methods.flatMap((node) =>
    annotated(node, 'org.hotwireshell.Doc.Errors').flatMap((value) => value.split(' ')),
  );
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});

test('annotations are known ones', () => {
  const members = [...described.methods, ...described.signals, ...described.properties];
  const nodes = [described, ...members, ...members.flatMap((node) => ('arguments' in node ? node.arguments : []))];
  const names = new Set(nodes.flatMap((node) => node.annotations.map(([name]) => name)));
  expect([...names].sort()).toEqual([
    'org.freedesktop.DBus.Property.EmitsChangedSignal',
    DOC,
    'org.hotwireshell.Doc.Error',
    'org.hotwireshell.Doc.Errors',
    'org.hotwireshell.Doc.Key',
    'org.hotwireshell.Doc.Option',
    'org.hotwireshell.Doc.Topic',
  ]);
});

test('signatureOf joins the signatures of a list', () => {
  expect(contract.signatureOf(contract.METHODS.Evaluate.in)).toBe('sa{sv}');
  expect(contract.signatureOf(contract.SIGNALS.PipelineObjects)).toBe('isas');
  expect(contract.signatureOf([])).toBe('');
});
