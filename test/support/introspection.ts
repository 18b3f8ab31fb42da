// Introspection XML as plain data, for comparing what is served with what is written.
import { parseStringPromise } from 'xml2js';

export interface ArgumentNode {
  readonly name: string;
  readonly type: string;
  /** `in` or `out`; of a signal, always `out`. */
  readonly direction: string;
  readonly annotations: readonly Annotation[];
}
export type Annotation = readonly [name: string, value: string];

export interface MemberNode {
  readonly name: string;
  readonly arguments: readonly ArgumentNode[];
  readonly annotations: readonly Annotation[];
}

export interface PropertyNode {
  readonly name: string;
  readonly type: string;
  readonly access: string;
  readonly annotations: readonly Annotation[];
}

export interface InterfaceNode {
  readonly name: string;
  readonly methods: readonly MemberNode[];
  readonly signals: readonly MemberNode[];
  readonly properties: readonly PropertyNode[];
  readonly annotations: readonly Annotation[];
}

/** As xml2js gives it: attributes under `$`, children by their tag. */
interface Element {
  readonly $?: Readonly<Record<string, string>>;
  readonly [tag: string]: readonly Element[] | Readonly<Record<string, string>> | undefined;
}

/** The interfaces of a node, in their order. Members keep theirs. */
export async function parseIntrospection(xml: string): Promise<InterfaceNode[]> {
  const { node } = (await parseStringPromise(xml)) as { node: Element };
  return children(node, 'interface').map((element) => ({
    name: attribute(element, 'name'),
    methods: children(element, 'method').map((method) => member(method, 'in')),
    signals: children(element, 'signal').map((signal) => member(signal, 'out')),
    properties: children(element, 'property').map((property) => ({
      name: attribute(property, 'name'),
      type: attribute(property, 'type'),
      access: attribute(property, 'access'),
      annotations: annotations(property),
    })),
    annotations: annotations(element),
  }));
}

/** Values of all annotations of that name. */
export function annotated(node: { readonly annotations: readonly Annotation[] }, name: string): string[] {
  return node.annotations.filter(([key]) => key === name).map(([, value]) => value);
}

function member(element: Element, defaultDirection: string): MemberNode {
  return {
    name: attribute(element, 'name'),
    arguments: children(element, 'arg').map((argument) => ({
      name: attribute(argument, 'name'),
      type: attribute(argument, 'type'),
      direction: argument.$?.direction ?? defaultDirection,
      annotations: annotations(argument),
    })),
    annotations: annotations(element),
  };
}

function annotations(element: Element): Annotation[] {
  return children(element, 'annotation').map((one) => [attribute(one, 'name'), attribute(one, 'value')]);
}

function children(element: Element, tag: string): readonly Element[] {
  return (element[tag] as readonly Element[] | undefined) ?? [];
}

function attribute(element: Element, name: string): string {
  const value = element.$?.[name];
  if (value === undefined) throw new Error(`an element has no ${name}: ${JSON.stringify(element.$)}`);
  return value;
}
