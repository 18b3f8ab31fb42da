/**
 * The contract `org.hotwireshell.Slave1` (DESIGN, section 4): each member once, with its D-Bus signatures. The slave and
 * the client both take names, signatures and TypeScript types from here; a test compares it with
 * dbus/org.hotwireshell.Slave1.xml, which is what `Introspect` serves.
 */

export const BUS_NAME = 'org.hotwireshell.Slave1';
export const OBJECT_PATH = '/org/hotwireshell/Slave1';
export const INTERFACE = 'org.hotwireshell.Slave1';

/** A D-Bus variant: its signature and its value. */
export interface VariantLike {
  readonly signature: string;
  readonly value: unknown;
}
export type Dictionary = Record<string, VariantLike>;

interface SignatureTypes {
  s: string;
  o: string;
  i: number;
  u: number;
  as: string[];
  'a{sv}': Dictionary;
  'a{ss}': Record<string, string>;
  'aa{sv}': Dictionary[];
  'a(sas)': [className: string, objects: string[]][];
  'a(ss)': [replacement: string, description: string][];
}
type Argument = readonly [name: string, signature: keyof SignatureTypes];
type Values<A extends readonly Argument[]> = { -readonly [K in keyof A]: SignatureTypes[A[K][1]] };

/** Methods: arguments in, arguments out, each as [name, signature]. */
export const METHODS = {
  RunPipeline: { in: [['text', 's']], out: [['pipeline', 'i']] },
  RunPipelineWithOptions: {
    in: [
      ['text', 's'],
      ['options', 'a{sv}'],
    ],
    out: [['pipeline', 'i']],
  },
  Evaluate: {
    in: [
      ['text', 's'],
      ['options', 'a{sv}'],
    ],
    out: [['batches', 'a(sas)']],
  },
  DescribePipeline: { in: [['text', 's']], out: [['description', 'a{sv}']] },
  Complete: {
    in: [
      ['text', 's'],
      ['cursor', 'u'],
    ],
    out: [
      ['start', 'u'],
      ['candidates', 'a(ss)'],
    ],
  },
  CancelPipeline: { in: [['pipeline', 'i']], out: [] },
  UndoPipeline: { in: [['pipeline', 'i']], out: [] },
  ReleasePipeline: { in: [['pipeline', 'i']], out: [] },
  PutObjects: {
    in: [
      ['pipeline', 'i'],
      ['objects', 'as'],
    ],
    out: [],
  },
  CloseInput: { in: [['pipeline', 'i']], out: [] },
  AcknowledgeObjects: {
    in: [
      ['pipeline', 'i'],
      ['signals', 'u'],
    ],
    out: [],
  },
  AttachPipeline: {
    in: [
      ['pipeline', 'i'],
      ['from', 'u'],
    ],
    out: [],
  },
  GetPipeline: { in: [['pipeline', 'i']], out: [['description', 'a{sv}']] },
  ListPipelines: { in: [], out: [['pipelines', 'aa{sv}']] },
  GetContext: { in: [], out: [['context', 'a{sv}']] },
  ChangeDirectory: { in: [['directory', 's']], out: [['absolute', 's']] },
  SetEnvironment: { in: [['changes', 'a{ss}']], out: [] },
  OpenDomain: {
    in: [
      ['address', 's'],
      ['options', 'a{sv}'],
    ],
    out: [['path', 'o']],
  },
  ListDomains: { in: [], out: [['domains', 'aa{sv}']] },
  CloseDomain: { in: [['path', 'o']], out: [] },
} as const satisfies Record<string, { in: readonly Argument[]; out: readonly Argument[] }>;

/** Signals, each sent to the pipeline's owner alone. */
export const SIGNALS = {
  PipelineResult: [
    ['pipeline', 'i'],
    ['classname', 's'],
    ['result', 's'],
  ],
  PipelineObjects: [
    ['pipeline', 'i'],
    ['classname', 's'],
    ['objects', 'as'],
  ],
  PipelineException: [
    ['pipeline', 'i'],
    ['traceback', 's'],
  ],
  PipelineMetadata: [
    ['pipeline', 'i'],
    ['command', 'i'],
    ['key', 's'],
    ['value', 's'],
  ],
  PipelineStateChanged: [
    ['pipeline', 'i'],
    ['state', 's'],
  ],
  ContextChanged: [['changes', 'a{sv}']],
  DomainClosed: [
    ['path', 'o'],
    ['reason', 's'],
  ],
} as const satisfies Record<string, readonly Argument[]>;

/** Constant properties. */
export const PROPERTIES = { Version: 's', Features: 'as' } as const;

/** Options of RunPipelineWithOptions and Evaluate, with their signatures. */
export const RUN_OPTIONS = {
  cwd: 's',
  env: 'a{ss}',
  input: 'b',
  window: 'u',
  timeout: 'd',
  detached: 'b',
  'max-bytes': 't',
} as const;

/** Keys of PipelineMetadata that a client may know. */
export const METADATA = {
  status: 'hotwire.status',
  stderr: 'hotwire.stderr',
  exit: 'hotwire.exit',
  link: 'hotwire.link',
} as const;

/** States of a pipeline, as on the wire. `waiting` is never signalled: a pipeline starts at once. */
export const STATES = ['waiting', 'executing', 'complete', 'cancelled', 'exception', 'undone'] as const;
export type PipelineState = (typeof STATES)[number];

export type MethodName = keyof typeof METHODS;
export type SignalName = keyof typeof SIGNALS;
export type MethodArguments<M extends MethodName> = Values<(typeof METHODS)[M]['in']>;
export type MethodResults<M extends MethodName> = Values<(typeof METHODS)[M]['out']>;
export type SignalArguments<S extends SignalName> = Values<(typeof SIGNALS)[S]>;

/** The D-Bus signature of a list of arguments: the signatures of its members in a row. */
export function signatureOf(list: readonly Argument[]): string {
  return list.map(([, signature]) => signature).join('');
}
